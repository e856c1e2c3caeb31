import { Inflate } from 'fflate';
import { crc32 } from '../core/crc32.ts';
import { FormatError } from '../core/errors.ts';
import { bytesSource, type Source, sourceWithin } from './source.ts';
import { LOCAL_LENGTH, readZipDirectory, viewOf, type ZipEntry } from './zip-directory.ts';

export type { ZipEntry } from './zip-directory.ts';

/** A zip archive whose directory has been read and checked against the file's size. */
export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /**
   * All bytes of an entry.
   * @param options.verify compare the checksum; PyTorch can be told to write none
   * @throws FormatError where the bytes do not inflate to what the directory says
   */
  read(entry: ZipEntry, options?: { verify?: boolean }): Promise<Uint8Array>;
  /** The first bytes of an entry, at most `length`. */
  readHead(entry: ZipEntry, length: number): Promise<Uint8Array>;
  /**
   * An entry as a Source: a stored one is read in place, a compressed one is inflated whole.
   * @param options.verify compare a stored entry's checksum too, which reads it once more
   */
  open(entry: ZipEntry, options?: { verify?: boolean }): Promise<Source>;
}

const LOCAL_SIGNATURE = 0x04034b50;
const PIECE = 1 << 16;
const PIECE_OF_HEAD = 1 << 10;
const PIECE_OF_CHECK = 1 << 22;

/**
 * Opens a zip archive.
 * @throws FormatError where its directory is refused, see `readZipDirectory`
 */
export async function openZip(source: Source): Promise<ZipArchive> {
  const entries = await readZipDirectory(source);
  const read = async (entry: ZipEntry, { verify = true }: { verify?: boolean } = {}) => {
    const bytes = entry.compressed
      ? await inflate(source, entry, entry.size)
      : await source.read(await dataOffset(source, entry), entry.size);
    if (verify) compareChecksum(source, entry, crc32(bytes));
    return bytes;
  };
  return {
    entries,
    read,
    async readHead(entry, length) {
      const wanted = Math.min(length, entry.size);
      if (entry.compressed) return inflate(source, entry, wanted);
      return source.read(await dataOffset(source, entry), wanted);
    },
    async open(entry, { verify = false } = {}) {
      const name = `${source.name}, ${entry.name}`;
      if (entry.compressed) return bytesSource(name, await read(entry));
      const offset = await dataOffset(source, entry);
      if (verify) await verifyStored(source, entry, offset);
      return sourceWithin(source, offset, entry.size, name);
    },
  };
}

/** Where an entry's bytes begin: behind its local header, whose lengths differ from the directory's. */
async function dataOffset(source: Source, entry: ZipEntry): Promise<number> {
  const header = viewOf(await source.read(entry.start, LOCAL_LENGTH));
  if (header.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw new FormatError(source.name, `expected the entry at byte ${entry.start}, found other bytes`, entry.name);
  }
  const offset = entry.start + LOCAL_LENGTH + header.getUint16(26, true) + header.getUint16(28, true);
  if (offset + entry.storedSize > entry.limit) {
    throw new FormatError(source.name, 'the entry overlaps what follows it; the archive is damaged', entry.name);
  }
  return offset;
}

async function verifyStored(source: Source, entry: ZipEntry, offset: number): Promise<void> {
  let checksum = 0;
  for (let at = 0; at < entry.size; at += PIECE_OF_CHECK) {
    checksum = crc32(await source.read(offset + at, Math.min(PIECE_OF_CHECK, entry.size - at)), checksum);
  }
  compareChecksum(source, entry, checksum);
}

function compareChecksum(source: Source, entry: ZipEntry, checksum: number): void {
  if (checksum === entry.crc32) return;
  throw new FormatError(source.name, 'the checksum does not match, the file is damaged; get it again', entry.name);
}

/** The first `wanted` bytes of a compressed entry; asked for all of them, it also makes sure that no more follow. */
async function inflate(source: Source, entry: ZipEntry, wanted: number): Promise<Uint8Array> {
  const whole = wanted === entry.size;
  const offset = await dataOffset(source, entry);
  const bytes = allocate(source, entry, wanted);
  const pieceSize = whole ? PIECE : PIECE_OF_HEAD;
  let length = 0;
  const stream = new Inflate((piece) => {
    if (whole && length + piece.length > wanted) {
      throw new FormatError(source.name, `inflates to more than the ${wanted} bytes it claims`, entry.name);
    }
    bytes.set(piece.subarray(0, wanted - length), length);
    length = Math.min(wanted, length + piece.length);
  });
  try {
    for (let at = 0; at < entry.storedSize && (whole || length < wanted); at += pieceSize) {
      const count = Math.min(pieceSize, entry.storedSize - at);
      stream.push(await source.read(offset + at, count), at + count === entry.storedSize);
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(source.name, 'the compressed bytes are corrupt or truncated', entry.name, { cause: error });
  }
  if (length !== wanted) {
    throw new FormatError(source.name, `expected ${entry.size} bytes, inflated ${length}`, entry.name);
  }
  return bytes;
}

function allocate(source: Source, entry: ZipEntry, size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (error) {
    throw new FormatError(source.name, `${size} bytes do not fit into memory`, entry.name, { cause: error });
  }
}
