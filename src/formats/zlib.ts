import { Unzlib } from 'fflate';
import { FormatError } from '../core/errors.ts';
import type { Source } from './source.ts';

/** What deflate can at most make of a byte: a match of 258 bytes takes 2 bits. */
const EXPANSION = 1032;
const PIECE = 1 << 14;

/** Where a zlib stream lies in a file. */
export interface ZlibStream {
  readonly offset: number;
  readonly length: number;
  /** For messages. */
  readonly place: string;
}

/** The first bytes that a zlib stream inflates to: at most `wanted`, fewer where it ends before. */
export async function inflateHead(source: Source, stream: ZlibStream, wanted: number): Promise<Uint8Array> {
  const head = new Uint8Array(wanted);
  let length = 0;
  await inflatePieces(source, stream, (piece) => {
    head.set(piece.subarray(0, wanted - length), length);
    length = Math.min(wanted, length + piece.length);
    return length < wanted;
  });
  return head.subarray(0, length);
}

/**
 * All bytes of a zlib stream that is known to inflate to `size` bytes.
 * @throws FormatError where it is corrupt, inflates to another size, or its checksum does not match
 */
export async function inflateWhole(source: Source, stream: ZlibStream, size: number): Promise<Uint8Array> {
  const fail = (problem: string, cause?: unknown) => new FormatError(source.name, problem, stream.place, { cause });
  if (size > stream.length * EXPANSION) {
    throw fail(`claims ${size} bytes from ${stream.length} compressed ones, more than deflate can make`);
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(size);
  } catch (error) {
    throw fail(`${size} bytes do not fit into memory`, error);
  }
  let length = 0;
  await inflatePieces(source, stream, (piece) => {
    if (length + piece.length > size) throw fail(`inflates to more than the ${size} bytes it claims`);
    bytes.set(piece, length);
    length += piece.length;
    return true;
  });
  if (length !== size) throw fail(`expected ${size} bytes, inflated ${length}: it is truncated or corrupt`);
  const checksum = await source.read(stream.offset + stream.length - 4, 4);
  if (new DataView(checksum.buffer, checksum.byteOffset, 4).getUint32(0) !== adler32(bytes)) {
    throw fail('the checksum does not match, the file is damaged; get it again');
  }
  return bytes;
}

/** Hands over pieces until `take` answers false or the stream ends. */
async function inflatePieces(source: Source, stream: ZlibStream, take: (piece: Uint8Array) => boolean): Promise<void> {
  let wantsMore = true;
  const inflater = new Unzlib((piece) => {
    if (wantsMore && piece.length > 0) wantsMore = take(piece);
  });
  try {
    for (let at = 0; at < stream.length && wantsMore; at += PIECE) {
      const count = Math.min(PIECE, stream.length - at);
      inflater.push(await source.read(stream.offset + at, count), at + count === stream.length);
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(source.name, 'the compressed bytes are corrupt or truncated', stream.place, { cause: error });
  }
}

/** RFC 1950. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let at = 0; at < bytes.length; ) {
    // As many sums as stay below 2^32.
    const end = Math.min(at + 5552, bytes.length);
    for (; at < end; at++) {
      low += bytes[at];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return ((high << 16) | low) >>> 0;
}
