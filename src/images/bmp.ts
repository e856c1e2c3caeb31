import { FormatError } from '../core/errors.ts';
import type { Samples } from './samples.ts';

/** What a BMP's headers say. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the pixels begin. */
  readonly offset: number;
  /** Colors as r, g, b. */
  readonly palette: Uint8Array;
  /** Bits of red, green, blue and alpha in a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number, number];
}

const [UNCOMPRESSED, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS] = [0, 1, 2, 3, 6];
const BITS_OF: Record<number, readonly number[]> = {
  [UNCOMPRESSED]: [1, 4, 8, 16, 24, 32],
  [RLE8]: [8],
  [RLE4]: [4],
  [BITFIELDS]: [16, 32],
  [ALPHA_BITFIELDS]: [16, 32],
};
const HEADER_SIZES = [12, 40, 52, 56, 64, 108, 124];
// The longest run of one RLE pair is 255 pixels in two bytes.
const MOST_PIXELS_PER_BYTE = 128;

/** Width and height of a BMP, once its header has been checked against the bytes there are. */
export function bmpSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  const { width, height } = readHeader(bytes, name);
  return { width, height };
}

/**
 * Reads a BMP: 1, 4, 8, 16, 24 and 32 bits, color masks, RLE8 and RLE4, either row order, every header from OS/2's 12 bytes to version 5.
 * The fourth byte of 32 bits is alpha only where a mask says so. What runs and jumps leave out has color 0.
 * @param name leads the messages
 * @throws FormatError for a header that does not fit the bytes, a color outside the palette, or a compression that is not BMP's own
 * @source Microsoft, "Bitmap Storage"; Pillow 9.4, BmpImagePlugin and Unpack.c (5 and 6 bits: v * 255 / max, cut)
 */
export function decodeBmp(bytes: Uint8Array, name: string): Samples {
  const header = readHeader(bytes, name);
  if (header.bits <= 8) {
    const indices =
      header.compression === UNCOMPRESSED ? unpackIndices(bytes, header) : unpackRuns(bytes, header, name);
    return colorIndices(indices, header, name);
  }
  return header.bits === 24 ? readTriples(bytes, header) : readMasked(bytes, header);
}

function readHeader(bytes: Uint8Array, name: string): BmpHeader {
  const fail = (problem: string, offset: number): never => {
    throw new FormatError(name, `${problem}; the BMP is damaged or no BMP`, `byte ${offset}`);
  };
  if (bytes.length < 26) fail(`expected at least 26 bytes of headers, got ${bytes.length}`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getUint32(10, true);
  const size = view.getUint32(14, true);
  if (!HEADER_SIZES.includes(size) || bytes.length < 14 + size)
    fail(`expected a known header, got one of ${size} bytes`, 14);
  const old = size === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? UNCOMPRESSED : view.getUint32(30, true);
  if (width < 1 || height < 1) fail(`expected a size from 1 x 1 pixels, got ${width} x ${signedHeight}`, 18);
  if (!(BITS_OF[compression] ?? []).includes(bits)) {
    fail(
      `expected 1, 4, 8, 16, 24 or 32 bits, plain, RLE8, RLE4 or with masks, got ${bits} bits of compression ${compression}`,
      28,
    );
  }
  const pixels = width * height;
  const rle = compression === RLE8 || compression === RLE4;
  const needed = rle ? Math.ceil(pixels / MOST_PIXELS_PER_BYTE) : strideOf(width, bits) * height;
  const available = bytes.length - offset;
  if (offset < 14 + size || available < needed) {
    fail(
      `expected at least ${needed} bytes of pixels for ${width} x ${height}, got ${Math.max(0, available)}`,
      Math.min(offset, bytes.length),
    );
  }
  const masked = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  const masksOutside = masked && size === 40 ? (compression === ALPHA_BITFIELDS ? 16 : 12) : 0;
  const paletteStart = 14 + size + masksOutside;
  if (masksOutside > 0 && paletteStart > offset) fail('expected color masks after the header, got pixels', 14 + size);
  return {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    compression,
    offset,
    palette:
      bits <= 8
        ? readPalette(bytes, { start: paletteStart, end: offset, bits, used: old ? 0 : view.getUint32(46, true), old })
        : new Uint8Array(0),
    masks: masksOf(view, bits, masked, masked && (compression === ALPHA_BITFIELDS || size >= 56)),
  };
}

/** Bytes of a row: rows are filled up to whole words of 32 bits. */
function strideOf(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function readPalette(
  bytes: Uint8Array,
  { start, end, bits, used, old }: { start: number; end: number; bits: number; used: number; old: boolean },
): Uint8Array {
  const entry = old ? 3 : 4;
  const most = 1 << bits;
  const count = Math.min(used === 0 || used > most ? most : used, Math.max(0, Math.floor((end - start) / entry)));
  const palette = new Uint8Array(3 * count);
  for (let k = 0; k < count; k++) for (let c = 0; c < 3; c++) palette[3 * k + c] = bytes[start + entry * k + 2 - c];
  return palette;
}

function masksOf(view: DataView, bits: number, masked: boolean, alpha: boolean): BmpHeader['masks'] {
  if (!masked) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  const mask = (k: number) => view.getUint32(54 + 4 * k, true);
  return [mask(0), mask(1), mask(2), alpha ? mask(3) : 0];
}

/** Start of the row that is shown at `y`. */
function rowStart({ topDown, height, offset, width, bits }: BmpHeader, y: number): number {
  return offset + (topDown ? y : height - 1 - y) * strideOf(width, bits);
}

function unpackIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits } = header;
  const indices = new Uint8Array(width * height);
  const mask = (1 << bits) - 1;
  for (let y = 0, at = 0; y < height; y++) {
    const row = rowStart(header, y);
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      indices[at++] = (bytes[row + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return indices;
}

function unpackRuns(bytes: Uint8Array, header: BmpHeader, name: string): Uint8Array {
  const { width, height, bits, topDown } = header;
  const indices = new Uint8Array(width * height);
  let x = 0;
  let y = 0;
  let at = header.offset;
  const next = () => {
    if (at >= bytes.length) throw new FormatError(name, 'expected more runs of pixels, the file ends', `byte ${at}`);
    return bytes[at++];
  };
  const put = (index: number) => {
    // What runs past the row's end is dropped, as PIL does.
    if (x < width && y < height) indices[(topDown ? y : height - 1 - y) * width + x] = index;
    x++;
  };
  const half = (byte: number, k: number) => (bits === 8 ? byte : k % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    const count = next();
    const code = next();
    if (count > 0) {
      for (let k = 0; k < count; k++) put(half(code, k));
    } else if (code === 0) {
      x = 0;
      y++;
    } else if (code === 1) {
      break;
    } else if (code === 2) {
      x += next();
      y += next();
    } else {
      const nBytes = Math.ceil((code * bits) / 8);
      for (let k = 0, byte = 0; k < code; k++) {
        if (bits === 8 || k % 2 === 0) byte = next();
        put(half(byte, k));
      }
      if (nBytes % 2 === 1) at++;
    }
  }
  return indices;
}

function colorIndices(indices: Uint8Array, { width, height, palette }: BmpHeader, name: string): Samples {
  const data = new Uint8Array(3 * indices.length);
  for (let k = 0; k < indices.length; k++) {
    const color = 3 * indices[k];
    if (color >= palette.length) {
      throw new FormatError(
        name,
        `expected colors of a palette of ${palette.length / 3}, got color ${indices[k]}; the BMP is damaged`,
        `row ${Math.floor(k / width)}, column ${k % width}`,
      );
    }
    data[3 * k] = palette[color];
    data[3 * k + 1] = palette[color + 1];
    data[3 * k + 2] = palette[color + 2];
  }
  return { width, height, kind: 'rgb', data };
}

function readTriples(bytes: Uint8Array, header: BmpHeader): Samples {
  const { width, height } = header;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = rowStart(header, y);
    for (let x = 0; x < width; x++) {
      data[at++] = bytes[row + 3 * x + 2];
      data[at++] = bytes[row + 3 * x + 1];
      data[at++] = bytes[row + 3 * x];
    }
  }
  return { width, height, kind: 'rgb', data };
}

function readMasked(bytes: Uint8Array, header: BmpHeader): Samples {
  const { width, height, bits, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nChannels = masks[3] === 0 ? 3 : 4;
  const fields = masks.slice(0, nChannels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { shift, most: mask >>> shift };
  });
  const data = new Uint8Array(nChannels * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = rowStart(header, y);
    for (let x = 0; x < width; x++) {
      const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
      for (const { shift, most } of fields)
        data[at++] = most === 0 ? 0 : ((((pixel >>> shift) & most) >>> 0) * 255) / most;
    }
  }
  return { width, height, kind: nChannels === 4 ? 'rgba' : 'rgb', data };
}
