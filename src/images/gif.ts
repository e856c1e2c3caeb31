import type { RgbImage } from './image.ts';
import type { Window } from './resize.ts';

/** The first frame of a GIF, which may be smaller than its screen. */
export interface GifFirstFrame extends Window {
  /** Color 0 of the frame, r g b. */
  readonly ground: readonly [number, number, number];
  /** Whether one of its colors is transparent. */
  readonly transparent: boolean;
}

/** Reads the blocks up to the first frame; undefined where there is none. */
export function gifFirstFrame(bytes: Uint8Array): GifFirstFrame | undefined {
  const word = (at: number) => bytes[at] | (bytes[at + 1] << 8);
  const paletteBytes = (flags: number) => ((flags & 0x80) !== 0 ? 3 << ((flags & 7) + 1) : 0);
  const screenPalette = paletteBytes(bytes[10]);
  let transparent = false;
  for (let at = 13 + screenPalette; at < bytes.length; ) {
    if (bytes[at] === 0x2c) {
      if (at + 10 > bytes.length) return undefined;
      const palette = paletteBytes(bytes[at + 9]) > 0 ? at + 10 : screenPalette > 0 ? 13 : undefined;
      const ground = palette === undefined ? [0, 0, 0] : [bytes[palette], bytes[palette + 1], bytes[palette + 2]];
      return {
        left: word(at + 1),
        top: word(at + 3),
        width: word(at + 5),
        height: word(at + 7),
        ground: ground as [number, number, number],
        transparent,
      };
    }
    if (bytes[at] !== 0x21) return undefined;
    if (bytes[at + 1] === 0xf9 && (bytes[at + 3] & 1) !== 0) transparent = true;
    for (at += 2; bytes[at] > 0; at += bytes[at] + 1);
    at++;
  }
  return undefined;
}

/** Fills what an opaque first frame leaves out of the screen with its color 0, as PIL does. */
export function fillAroundFrame(image: RgbImage, frame: GifFirstFrame): void {
  if (frame.transparent) return;
  const covers = frame.left === 0 && frame.top === 0 && frame.width >= image.width && frame.height >= image.height;
  if (covers) return;
  for (let y = 0, at = 0; y < image.height; y++) {
    const rowInside = y >= frame.top && y < frame.top + frame.height;
    for (let x = 0; x < image.width; x++, at += 3) {
      if (!rowInside || x < frame.left || x >= frame.left + frame.width) image.data.set(frame.ground, at);
    }
  }
}
