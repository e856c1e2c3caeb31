/** `GCOL`, version 1, three zeros: what a collection of HDF5's global heap begins with. */
const BEGINNING = [0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0];
const HEADER = 16;
const SMALLEST = 4096;

/**
 * Whether what the HDF5 library reads at this place is a collection of variable-length values that it would walk through without end: it adds up
 * the sizes of the objects, and a free one of size 0 (or one so large that the sum wraps) keeps it where it is. It reads each from its beginning.
 * @param start where the library reads
 * @param size bytes of the file
 * @source HDF5 File Format Specification, III.E; H5HGcache.c
 */
export function isEndlessHeap(
  start: number,
  size: number,
  lengthSize: number,
  read: (offset: number, length: number) => Uint8Array,
): boolean {
  const readOn = (at: number, length: number) => read(Math.min(at, size), Math.max(0, Math.min(length, size - at)));
  const beginning = readOn(start, 8);
  if (!BEGINNING.every((byte, k) => beginning[k] === byte)) return false;
  const lengthAt = (at: number): number => {
    const bytes = readOn(at, lengthSize);
    return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
  };
  const claimed = lengthAt(start + 8);
  if (claimed < SMALLEST) return false; // the library refuses it
  const end = start + claimed;
  for (let at = start + HEADER; at + HEADER <= end; ) {
    const header = readOn(at, 8);
    if (header.length < 8) return false; // and what is cut off
    const isFree = header[0] === 0 && header[1] === 0;
    const length = lengthAt(at + 8);
    const step = isFree ? length : HEADER + Math.ceil(length / 8) * 8;
    if (step === 0 || at + step > end) return true;
    at += step;
  }
  return false;
}

/** Bytes that lengths take in this file, as its superblock says; 8 but for files of small machines. */
export function lengthSizeOf(size: number, read: (offset: number, length: number) => Uint8Array): number {
  for (let at = 0; at + 16 <= size; at = at === 0 ? 512 : at * 2) {
    const head = read(at, 16);
    if (head[0] !== 0x89 || head[1] !== 0x48 || head[2] !== 0x44 || head[3] !== 0x46) continue;
    const lengthSize = head[8] < 2 ? head[14] : head[10];
    return [2, 4, 8].includes(lengthSize) ? lengthSize : 8;
  }
  return 8;
}
