import { FormatError } from '../core/errors.ts';
import type { Source } from './source.ts';

/** One file of a zip archive, as the archive's directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: boolean;
  /** Bytes it takes in the archive. */
  readonly storedSize: number;
  /** Bytes it has. */
  readonly size: number;
  readonly crc32: number;
  /** Where its local header begins, and where whatever follows it begins. */
  readonly start: number;
  readonly limit: number;
}

const END_SIGNATURE = 0x06054b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LONGEST_COMMENT = 0xffff;
const LARGEST_DIRECTORY = 64 * 2 ** 20;
const MOST_ENTRIES = 100_000;
/** A local header is at least this long. */
export const LOCAL_LENGTH = 30;
/** What deflate can at most make of a byte: a match of 258 bytes takes 2 bits. */
const DEFLATE_EXPANSION = 1032;
/** Contents beyond this size must not be more than so many times as large as what they are inflated from. */
const FREE_SIZE = 512 * 2 ** 20;
const PLAUSIBLE_EXPANSION = 250;

/**
 * Reads the directory of a zip archive, zip64 included.
 * @throws FormatError where it is no whole archive, is encrypted, is compressed otherwise than by deflate, or its entries overlap, repeat or
 * claim more than deflate can produce
 * @source PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3
 */
export async function readZipDirectory(source: Source): Promise<readonly ZipEntry[]> {
  return readDirectory(source, await findDirectory(source));
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(source: Source): Promise<Directory> {
  const notZip = (problem: string) => new FormatError(source.name, `${problem}; the archive is truncated or damaged`);
  const tailLength = Math.min(source.size, END_LENGTH + LONGEST_COMMENT);
  const tailStart = source.size - tailLength;
  const tail = viewOf(await source.read(tailStart, tailLength));
  let end = tailLength - END_LENGTH;
  while (end >= 0 && !(tail.getUint32(end, true) === END_SIGNATURE && endFits(tail, end))) end--;
  if (end < 0) throw notZip('expected the end record of a zip archive in its last 64 KiB, found none');
  if (tail.getUint16(end + 4, true) !== tail.getUint16(end + 6, true)) {
    throw new FormatError(source.name, 'the archive is split over several files; join them first');
  }
  let directory: Directory = {
    count: tail.getUint16(end + 10, true),
    size: tail.getUint32(end + 12, true),
    offset: tail.getUint32(end + 16, true),
  };
  let directoryLimit = tailStart + end;
  const locatorAt = tailStart + end - 20;
  if (locatorAt >= 0) {
    const locator = viewOf(await source.read(locatorAt, 20));
    if (locator.getUint32(0, true) === END64_LOCATOR_SIGNATURE) {
      const end64At = wholeNumber(source, locator, 8);
      if (end64At + 56 > locatorAt) throw notZip('the zip64 end record lies outside the file');
      const end64 = viewOf(await source.read(end64At, 56));
      if (end64.getUint32(0, true) !== END64_SIGNATURE) throw notZip('expected a zip64 end record, found none');
      directory = {
        count: wholeNumber(source, end64, 32),
        size: wholeNumber(source, end64, 40),
        offset: wholeNumber(source, end64, 48),
      };
      directoryLimit = end64At;
    }
  }
  if (directory.offset + directory.size > directoryLimit) {
    throw notZip(`the directory claims ${directory.size} bytes from byte ${directory.offset}, beyond its end record`);
  }
  if (directory.count * CENTRAL_LENGTH > directory.size) {
    throw notZip(`the directory claims ${directory.count} entries in ${directory.size} bytes`);
  }
  if (directory.size > LARGEST_DIRECTORY || directory.count > MOST_ENTRIES) {
    const problem = `the directory has ${directory.count} entries in ${directory.size} bytes, more than is plausible`;
    throw new FormatError(source.name, problem);
  }
  return directory;
}

/** An end record is one only where its comment fills the rest of the file; its signature may occur in a comment as well. */
function endFits(tail: DataView, at: number): boolean {
  return at + END_LENGTH + tail.getUint16(at + 20, true) === tail.byteLength;
}

async function readDirectory(source: Source, directory: Directory): Promise<readonly ZipEntry[]> {
  const bytes = await source.read(directory.offset, directory.size);
  const view = viewOf(bytes);
  const described: Omit<ZipEntry, 'limit'>[] = [];
  let at = 0;
  for (let k = 0; k < directory.count; k++) {
    const place = `directory entry ${k + 1}`;
    if (at + CENTRAL_LENGTH > bytes.length || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      throw new FormatError(
        source.name,
        'expected a directory entry, found other bytes; the archive is damaged',
        place,
      );
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + CENTRAL_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) {
      throw new FormatError(source.name, "the entry reaches beyond the directory's end; the archive is damaged", place);
    }
    const nameEnd = at + CENTRAL_LENGTH + nameLength;
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_LENGTH, nameEnd));
    described.push(describe(source, view, at, nameEnd, extraLength, name));
    at = next;
  }
  return withLimits(source, described, directory.offset);
}

function describe(source: Source, view: DataView, at: number, extraAt: number, extraLength: number, name: string) {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1) throw new FormatError(source.name, 'the entry is encrypted; decrypt the archive first', name);
  if (method !== 0 && method !== 8) {
    throw new FormatError(source.name, `expected compression 0 (stored) or 8 (deflate), got ${method}`, name);
  }
  const [size, storedSize, start] = zip64Values(source, view, extraAt, extraLength, name, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const compressed = method === 8;
  if (compressed ? size > storedSize * DEFLATE_EXPANSION : size !== storedSize) {
    throw new FormatError(source.name, `claims ${size} bytes, but takes ${storedSize} in the archive`, name);
  }
  if (size > FREE_SIZE && size > storedSize * PLAUSIBLE_EXPANSION) {
    const problem = `inflates from ${storedSize} to ${size} bytes, which looks like an attack; store it uncompressed`;
    throw new FormatError(source.name, problem, name);
  }
  return { name, compressed, storedSize, size, crc32: view.getUint32(at + 16, true), start };
}

/** Replaces the values that are all ones by those of the zip64 extra field, which has only these, in this order. */
function zip64Values(
  source: Source,
  view: DataView,
  extraAt: number,
  extraLength: number,
  name: string,
  values: readonly number[],
): number[] {
  if (!values.includes(0xffffffff)) return [...values];
  const end = extraAt + extraLength;
  for (let at = extraAt; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const fieldEnd = Math.min(end, at + 4 + view.getUint16(at + 2, true));
    let next = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff) return value;
      if (next + 8 > fieldEnd) throw new FormatError(source.name, 'the zip64 field is too short', name);
      next += 8;
      return wholeNumber(source, view, next - 8);
    });
  }
  return [...values]; // a size of exactly 2^32 - 1
}

/** Refuses names that repeat and bytes that two entries share: both make small archives of enormous contents. */
function withLimits(source: Source, entries: readonly Omit<ZipEntry, 'limit'>[], end: number): readonly ZipEntry[] {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw new FormatError(source.name, 'the archive has two entries of this name', name);
    names.add(name);
  }
  const limits = new Map<(typeof entries)[number], number>();
  let limit = end;
  for (const entry of entries.toSorted((a, b) => b.start - a.start)) {
    if (entry.start + LOCAL_LENGTH + entry.storedSize > limit) {
      throw new FormatError(source.name, 'the entry overlaps what follows it; the archive is damaged', entry.name);
    }
    limits.set(entry, limit);
    limit = entry.start;
  }
  return entries.map((entry) => ({ ...entry, limit: limits.get(entry)! }));
}

function wholeNumber(source: Source, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(source.size) * BigInt(DEFLATE_EXPANSION)) {
    throw new FormatError(source.name, `a zip64 field claims ${value} bytes, more than the file can hold`);
  }
  return Number(value);
}

/** A view of bytes wherever they lie in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
