import { memoryScratch } from '../../src/features/memory-scratch.ts';
import type { BlobCache, Scratch } from '../../src/formats/source.ts';

/** A cache in memory that a test can look into and damage. */
export function memoryCache(): BlobCache & { entries: Map<string, Scratch>; flipByte(at: number): Promise<void> } {
  const entries = new Map<string, Scratch>();
  return {
    entries,
    open: async (key) => entries.get(key),
    async store(key, size, fill) {
      const blob = await memoryScratch(size);
      await fill(blob);
      entries.set(key, blob);
    },
    /** Changes one byte of the only entry, counted from its end. */
    async flipByte(at) {
      const [blob] = entries.values();
      const bytes = (await blob.read(blob.size - at, 1)).slice();
      bytes[0] ^= 0x10;
      await blob.write(blob.size - at, bytes);
    },
  };
}
