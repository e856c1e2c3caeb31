/**
 * Bytes to read: a file, a Blob, a buffer. Reads are by offset because real files pass the 2 GiB that one read can hold.
 */
export interface Source {
  /** Path or name, for messages. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /** `length` bytes from `offset`; both lie inside the file, readers check before they ask. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same at once, where the platform can: HDF5 is decoded by code that cannot wait. */
  readSync?(offset: number, length: number): Uint8Array;
}

/** Where a writer puts bytes. Offsets may come in any order; what is not written reads as zeros. */
export interface Sink {
  write(offset: number, bytes: Uint8Array): Promise<void>;
}

/** A Source over bytes that are in memory. */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  const readSync = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return { name, size: bytes.length, read: async (offset, length) => readSync(offset, length), readSync };
}

/** A Sink that keeps what it is given in memory, and what came out of it: for downloads in a browser and for tests. */
export function memorySink(): Sink & { bytes(): Uint8Array } {
  let buffer = new Uint8Array(1 << 16);
  let length = 0;
  return {
    async write(offset, bytes) {
      const end = offset + bytes.length;
      if (end > buffer.length) {
        const larger = new Uint8Array(Math.max(end, 2 * buffer.length));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, offset);
      length = Math.max(length, end);
    },
    bytes: () => buffer.subarray(0, length),
  };
}

/** The part of a Source from `offset` on, as a Source of its own; its name is said in messages. */
export function sourceWithin(source: Source, offset: number, size: number, name: string = source.name): Source {
  const { readSync } = source;
  return {
    name,
    size,
    read: (start, length) => source.read(offset + start, length),
    ...(readSync === undefined ? {} : { readSync: (start, length) => readSync(offset + start, length) }),
  };
}

/** Bytes that are written and read back within one piece of work, larger than memory should hold. */
export interface Scratch extends Source, Sink {
  /** Gives the space back. */
  dispose(): Promise<void>;
}

/** Makes a Scratch of so many bytes: a temporary file in Node, a buffer elsewhere. */
export type OpenScratch = (size: number) => Promise<Scratch>;

/** Blobs kept between runs under keys that name their contents; bounded in size, so an entry may be gone at any time. */
export interface BlobCache {
  open(key: string): Promise<Source | undefined>;
  /** Runs `fill` on a new entry of so many bytes and keeps it under `key`; an entry that is half written is never seen. */
  store(key: string, size: number, fill: (sink: Sink) => Promise<void>): Promise<void>;
}
