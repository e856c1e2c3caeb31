import type { Source } from './source.ts';

/** The bytes that files are told apart by: enough for the longest header that is looked at (MATLAB 5: 128 bytes). */
export const HEAD_LENGTH = 128;

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const LONGEST_HDF5_USER_BLOCK = 1 << 20;

/** Whether `head` has these bytes at `offset`; characters stand for their codes. */
export function hasBytes(head: Uint8Array, expected: string | readonly number[], offset = 0): boolean {
  const codes = typeof expected === 'string' ? Array.from(expected, (character) => character.charCodeAt(0)) : expected;
  return codes.every((code, k) => head[offset + k] === code);
}

/** HDF5's signature stands at byte 0, 512, 1024, 2048 ...: what comes before is the user's. MATLAB leaves 512 bytes. */
export async function hasHdf5Signature(source: Source, head: Uint8Array): Promise<boolean> {
  if (hasBytes(head, HDF5_SIGNATURE)) return true;
  for (let at = 512; at <= LONGEST_HDF5_USER_BLOCK && at + 8 <= source.size; at *= 2) {
    if (hasBytes(await source.read(at, 8), HDF5_SIGNATURE)) return true;
  }
  return false;
}

/**
 * MATLAB 5's header: 116 bytes of text that usually begin with its name, then the version and the mark of the byte order at 124.
 * @source MAT-File Format, level 5, table 1-1
 */
export function isMat5Header(head: Uint8Array): boolean {
  const version = [head[124], head[125]];
  const mark = String.fromCharCode(head[126], head[127]);
  return (mark === 'IM' && version[1] === 1) || (mark === 'MI' && version[0] === 1) || hasBytes(head, 'MATLAB 5.0 MAT');
}

/**
 * MATLAB 4 has no signature: five 32-bit numbers (type, rows, columns, complex, length of the name) that must make sense, then the name.
 * @source MAT-File Format, level 4
 */
export function isMat4Header(head: Uint8Array): boolean {
  if (head.length < 22) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [true, false].some((littleEndian) => {
    const [type, rows, columns, complex, nameLength] = [0, 4, 8, 12, 16].map((at) => view.getInt32(at, littleEndian));
    const [machine, zero, precision, matrix] = [1000, 100, 10, 1].map((unit) => Math.floor(type / unit) % 10);
    const sensible = type >= 0 && type < 5000 && zero === 0 && precision <= 5 && matrix <= 2 && machine <= 4;
    const named = nameLength >= 2 && nameLength <= 1024 && /^[A-Za-z]$/.test(String.fromCharCode(head[20]));
    return sensible && rows >= 0 && columns >= 0 && (complex === 0 || complex === 1) && named;
  });
}

/** safetensors: the length of a JSON header, which begins with its brace. */
export function isSafetensorsHeader(head: Uint8Array): boolean {
  return head.length > 8 && head[8] === 0x7b && head[7] === 0 && head[6] === 0 && head[5] === 0;
}
