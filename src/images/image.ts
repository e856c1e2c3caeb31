/** Decoded pixels: 8-bit RGB, row-major, interleaved. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One stimulus that can be read: a file of an image folder, a Blob, a picture drawn in memory. */
export interface Stimulus {
  /** Name of the condition: the file's name with its extension. */
  readonly name: string;
  /** The encoded bytes, or for drawn stimuli the raw pixels: what caches are keyed by. */
  bytes(): Promise<Uint8Array>;
  /** @throws FormatError where the bytes are no readable image */
  decode(): Promise<RgbImage>;
}
