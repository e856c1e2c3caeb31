import { ShapeError } from '../core/errors.ts';
import type { OpenScratch } from '../formats/source.ts';

/** Scratch space in memory: for browsers, tests and small image sets. */
export const memoryScratch: OpenScratch = async (size) => {
  let bytes = allocate(size);
  const readSync = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return {
    name: 'scratch memory',
    size,
    read: async (offset, length) => readSync(offset, length),
    readSync,
    write: async (offset, written) => bytes.set(written, offset),
    dispose: async () => {
      bytes = new Uint8Array(0);
    },
  };
};

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (error) {
    throw new ShapeError(
      `scratch memory: expected room for ${(size / 1e9).toFixed(1)} GB, got none; take fewer images or stages, or scratch space in a file`,
      { cause: error },
    );
  }
}
