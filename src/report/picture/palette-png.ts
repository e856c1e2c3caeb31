import { zlibSync } from 'fflate';
import { crc32 } from '../../core/crc32.ts';

/** A picture of few colours. */
export interface PalettePicture {
  readonly width: number;
  readonly height: number;
  /** width x height, row-major: positions in the palette. */
  readonly indices: Uint8Array;
  /** At most 256 colours, `#rrggbb`; `transparent` shows what is beneath. */
  readonly palette: readonly string[];
}

/**
 * A .png file with a palette, lossless; the same picture gives the same bytes.
 * @source W3C Portable Network Graphics, third edition
 */
export function palettePng({ width, height, indices, palette }: PalettePicture): Uint8Array {
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([BITS, BY_PALETTE], 8);
  const colours = Uint8Array.from(
    palette.flatMap((colour) =>
      colour === 'transparent' ? [0, 0, 0] : [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
    ),
  );
  const opacities = Uint8Array.from(palette, (colour) => (colour === 'transparent' ? 0 : 255));
  return joined([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('tRNS', opacities),
    chunk('IDAT', zlibSync(filteredLines(indices, width, height), { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const BITS = 8;
const BY_PALETTE = 3;

const AS_IS = 0;
const LESS_ABOVE = 2;

/** Lines as they are, each after its filter; one that is the same as the line above it becomes zeros, which are packed at once. */
function filteredLines(indices: Uint8Array, width: number, height: number): Uint8Array {
  const lines = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    const line = indices.subarray(y * width, (y + 1) * width);
    const isRepeated = y > 0 && line.every((index, x) => index === indices[(y - 1) * width + x]);
    lines[y * (width + 1)] = isRepeated ? LESS_ABOVE : AS_IS;
    if (!isRepeated) lines.set(line, y * (width + 1) + 1);
  }
  return lines;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A picture's file as an address that needs no file. */
export function pictureUri(type: 'image/png' | 'image/jpeg', bytes: Uint8Array): string {
  const pieces: string[] = [];
  // As many arguments as a call surely takes.
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return `data:${type};base64,${btoa(pieces.join(''))}`;
}
