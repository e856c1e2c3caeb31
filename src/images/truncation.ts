import type { ImageFormat } from './signature.ts';

const TAIL_BYTES = 4096;

/** Formats whose files say where they end. Bytes after that end are common and harmless, so a missing one is a suspicion, no proof. */
const HAS_END: Partial<Record<ImageFormat, (tail: Uint8Array) => boolean>> = {
  jpeg: (tail) => includes(tail, [0xff, 0xd9]),
  png: (tail) => includes(tail, [0x49, 0x45, 0x4e, 0x44]), // IEND
  gif: (tail) => tail.includes(0x3b),
};

/** Whether an image file seems to lack its end, as after a download or copy that broke off. */
export function endLooksCutOff(format: ImageFormat, bytes: Uint8Array): boolean {
  if (format === 'webp') {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true) + 8 > bytes.length;
  }
  return !(HAS_END[format]?.(bytes.subarray(-TAIL_BYTES)) ?? true);
}

function includes(bytes: Uint8Array, mark: readonly number[]): boolean {
  for (let at = bytes.lastIndexOf(mark[0]); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(mark[0], at - 1)) {
    if (mark.every((byte, k) => bytes[at + k] === byte)) return true;
  }
  return false;
}
