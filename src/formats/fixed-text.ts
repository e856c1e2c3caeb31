import { FormatError, UsageError } from '../core/errors.ts';

// numpy's fixed-width text: `U` is UTF-32, `S` bytes (UTF-8 where they are that, else Latin-1); zeros fill the rest of the width.

/** Texts from numpy's fixed-width characters, without the zeros that fill them up. */
export function decodeCharacters(
  path: string,
  bytes: Uint8Array,
  count: number,
  { bytes: width, characters, littleEndian }: { bytes: number; characters: 'unicode' | 'bytes'; littleEndian: boolean },
): string[] {
  const decode = characters === 'unicode' ? decodeUtf32 : decodeBytes;
  return Array.from({ length: count }, (_, k) => {
    try {
      return decode(bytes.subarray(k * width, (k + 1) * width), littleEndian);
    } catch (error) {
      throw new FormatError(path, 'holds a character code beyond Unicode', `text ${k + 1}`, { cause: error });
    }
  });
}

/** The widest text sets the width, at least 1, as numpy does. */
export function encodeCharacters(texts: readonly string[]): { bytes: Uint8Array; width: number } {
  const codes = texts.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  const width = codes.reduce((widest, { length }) => Math.max(widest, length), 1);
  const bytes = new Uint8Array(4 * width * texts.length);
  const view = new DataView(bytes.buffer);
  codes.forEach((text, k) => {
    if (text.at(-1) === 0) throw new UsageError(`npy: text ${k + 1} ends with a zero character, which numpy drops`);
    text.forEach((code, position) => {
      view.setUint32(4 * (k * width + position), code, true);
    });
  });
  return { bytes, width };
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let length = bytes.length / 4;
  while (length > 0 && view.getUint32(4 * (length - 1), littleEndian) === 0) length--;
  let text = '';
  for (let k = 0; k < length; k++) text += String.fromCodePoint(view.getUint32(4 * k, littleEndian));
  return text;
}

function decodeBytes(bytes: Uint8Array): string {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  const used = bytes.subarray(0, length);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used);
  } catch {
    return Array.from(used, (code) => String.fromCharCode(code)).join('');
  }
}
