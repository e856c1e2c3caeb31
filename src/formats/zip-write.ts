import { Deflate } from 'fflate';
import { crc32 } from '../core/crc32.ts';
import type { Sink } from './source.ts';

/** One file to put into a zip archive; its bytes come in pieces. */
export interface ZipMember {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
}

const PIECE = 1 << 20;
const UTF8_NAMES = 0x0800;
const VERSION = 45; // zip64
const DATE = 0x0021; // 1 January 1980, so that equal contents give equal bytes
const ALL_ONES = 0xffffffff;

interface Written {
  readonly name: Uint8Array;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly size: number;
  readonly storedSize: number;
  readonly start: number;
}

/**
 * Writes a zip archive, zip64 where sizes need it; without times, so that equal contents give equal bytes.
 * @param options.compressed deflate the members; else they are stored as they are
 * @returns bytes written
 */
export async function writeZip(
  sink: Sink,
  members: readonly ZipMember[],
  { compressed = false }: { compressed?: boolean } = {},
): Promise<number> {
  const written: Written[] = [];
  let at = 0;
  for (const member of members) {
    const name = new TextEncoder().encode(member.name);
    // Every local header has room for 64-bit sizes: how long deflated bytes become is known afterwards.
    const bodyAt = at + 30 + name.length + 20;
    const size = member.pieces.reduce((sum, piece) => sum + piece.length, 0);
    const crc = member.pieces.reduce((before, piece) => crc32(piece, before), 0);
    const storedSize = compressed
      ? await deflateTo(sink, bodyAt, member.pieces)
      : await storeTo(sink, bodyAt, member.pieces);
    const entry: Written = { name, method: compressed ? 8 : 0, crc, size, storedSize, start: at };
    await sink.write(at, localHeader(entry));
    written.push(entry);
    at = bodyAt + storedSize;
  }
  const directoryAt = at;
  for (const entry of written) {
    const header = centralHeader(entry);
    await sink.write(at, header);
    at += header.length;
  }
  const end = endRecords(written.length, directoryAt, at - directoryAt);
  await sink.write(at, end);
  return at + end.length;
}

async function storeTo(sink: Sink, offset: number, pieces: readonly Uint8Array[]): Promise<number> {
  let length = 0;
  for (const piece of pieces) {
    await sink.write(offset + length, piece);
    length += piece.length;
  }
  return length;
}

async function deflateTo(sink: Sink, offset: number, pieces: readonly Uint8Array[]): Promise<number> {
  let length = 0;
  let pending: Uint8Array[] = [];
  const stream = new Deflate({ level: 6 }, (piece) => {
    pending.push(piece);
  });
  const drain = async () => {
    for (const piece of pending) {
      await sink.write(offset + length, piece);
      length += piece.length;
    }
    pending = [];
  };
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE) {
      stream.push(piece.subarray(at, at + PIECE));
      await drain();
    }
  }
  stream.push(new Uint8Array(0), true);
  await drain();
  return length;
}

function localHeader({ name, method, crc, size, storedSize }: Written): Uint8Array {
  const bytes = new Uint8Array(30 + name.length + 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  setCommon(view, 4, method, crc);
  view.setUint32(18, ALL_ONES, true);
  view.setUint32(22, ALL_ONES, true);
  view.setUint16(26, name.length, true);
  view.setUint16(28, 20, true);
  bytes.set(name, 30);
  setZip64Field(view, 30 + name.length, [size, storedSize]);
  return bytes;
}

function centralHeader({ name, method, crc, size, storedSize, start }: Written): Uint8Array {
  const long = [size, storedSize, start].filter((value) => value >= ALL_ONES);
  const extraLength = long.length === 0 ? 0 : 4 + 8 * long.length;
  const bytes = new Uint8Array(46 + name.length + extraLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, VERSION, true);
  setCommon(view, 6, method, crc);
  view.setUint32(20, Math.min(storedSize, ALL_ONES), true);
  view.setUint32(24, Math.min(size, ALL_ONES), true);
  view.setUint16(28, name.length, true);
  view.setUint16(30, extraLength, true);
  view.setUint32(42, Math.min(start, ALL_ONES), true);
  bytes.set(name, 46);
  if (extraLength > 0) setZip64Field(view, 46 + name.length, long);
  return bytes;
}

/** Version, flags, method, time, date and checksum stand in the same order in both headers. */
function setCommon(view: DataView, at: number, method: number, crc: number): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_NAMES, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
}

function setZip64Field(view: DataView, at: number, values: readonly number[]): void {
  view.setUint16(at, 1, true);
  view.setUint16(at + 2, 8 * values.length, true);
  values.forEach((value, k) => {
    view.setBigUint64(at + 4 + 8 * k, BigInt(value), true);
  });
}

function endRecords(count: number, directoryAt: number, directorySize: number): Uint8Array {
  const long = count >= 0xffff || directoryAt >= ALL_ONES || directorySize >= ALL_ONES;
  const bytes = new Uint8Array((long ? 76 : 0) + 22);
  const view = new DataView(bytes.buffer);
  if (long) {
    view.setUint32(0, 0x06064b50, true);
    view.setBigUint64(4, 44n, true);
    view.setUint16(12, VERSION, true);
    view.setUint16(14, VERSION, true);
    view.setBigUint64(24, BigInt(count), true);
    view.setBigUint64(32, BigInt(count), true);
    view.setBigUint64(40, BigInt(directorySize), true);
    view.setBigUint64(48, BigInt(directoryAt), true);
    view.setUint32(56, 0x07064b50, true);
    view.setBigUint64(64, BigInt(directoryAt + directorySize), true);
    view.setUint32(72, 1, true);
  }
  const at = bytes.length - 22;
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, Math.min(count, 0xffff), true);
  view.setUint16(at + 10, Math.min(count, 0xffff), true);
  view.setUint32(at + 12, Math.min(directorySize, ALL_ONES), true);
  view.setUint32(at + 16, Math.min(directoryAt, ALL_ONES), true);
  return bytes;
}
