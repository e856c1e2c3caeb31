import { FormatError, ShapeError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericArray, NumericData, NumericDtype } from './array.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.ts';
import type { Sink, Source } from './source.ts';

type NumericDataClass = {
  new (length: number): NumericData;
  new (buffer: ArrayBufferLike, offset: number, length: number): NumericData;
};

interface Storage {
  /** Bytes one element takes in a file. */
  readonly bytes: number;
  /** What holds the numbers in memory, and how many of them an element is. */
  readonly holder: NumericDataClass;
  readonly parts: 1 | 2;
}

const STORAGES: Readonly<Record<NumericDtype, Storage>> = {
  bool: { bytes: 1, holder: Uint8Array, parts: 1 },
  int8: { bytes: 1, holder: Int8Array, parts: 1 },
  uint8: { bytes: 1, holder: Uint8Array, parts: 1 },
  int16: { bytes: 2, holder: Int16Array, parts: 1 },
  uint16: { bytes: 2, holder: Uint16Array, parts: 1 },
  int32: { bytes: 4, holder: Int32Array, parts: 1 },
  uint32: { bytes: 4, holder: Uint32Array, parts: 1 },
  int64: { bytes: 8, holder: BigInt64Array, parts: 1 },
  uint64: { bytes: 8, holder: BigUint64Array, parts: 1 },
  float16: { bytes: 2, holder: Float32Array, parts: 1 },
  bfloat16: { bytes: 2, holder: Float32Array, parts: 1 },
  float32: { bytes: 4, holder: Float32Array, parts: 1 },
  float64: { bytes: 8, holder: Float64Array, parts: 1 },
  complex64: { bytes: 8, holder: Float32Array, parts: 2 },
  complex128: { bytes: 16, holder: Float64Array, parts: 2 },
};

const HALVES: Partial<
  Record<NumericDtype, { widen(bits: Uint16Array): Float32Array; narrow(x: Float32Array): Uint16Array }>
> = {
  float16: { widen: float16ToFloat32, narrow: float32ToFloat16 },
  bfloat16: { widen: bfloat16ToFloat32, narrow: float32ToBfloat16 },
};

// A multiple of every element's bytes.
const PIECE = 1 << 24;
const LARGEST_VIEW = 2 ** 31;

/** Bytes one element of this type takes in a file. */
export function bytesPerElement(dtype: NumericDtype): number {
  return STORAGES[dtype].bytes;
}

/** How many numbers an element is in memory: 2 for complex types. */
export function partsPerElement(dtype: NumericDtype): 1 | 2 {
  return STORAGES[dtype].parts;
}

/** Room for so many elements, all zero. */
export function allocateNumbers(dtype: NumericDtype, count: number): NumericData {
  const { holder, parts } = STORAGES[dtype];
  return new holder(count * parts);
}

/**
 * Reads `count` elements that lie together in a file. Their bytes are known to be there before anything is allocated; types that change
 * on the way are read in pieces.
 * @throws FormatError where they reach beyond the file's end or do not fit into memory
 */
export async function readNumbers(
  source: Source,
  offset: number,
  dtype: NumericDtype,
  count: number,
  { littleEndian = true, place }: { littleEndian?: boolean; place?: string } = {},
): Promise<NumericData> {
  const { bytes, parts } = STORAGES[dtype];
  if (!(offset + count * bytes <= source.size)) {
    const problem = `expected ${count} ${dtype} values from byte ${offset} on, the file ends at byte ${source.size}`;
    throw new FormatError(source.name, problem, place);
  }
  const size = count * bytes;
  try {
    // Node's byte arrays end at 4 GiB, those of wider numbers later.
    if (HALVES[dtype] === undefined && size <= LARGEST_VIEW) {
      return decodeNumbers(dtype, await source.read(offset, size), { littleEndian });
    }
    const data = allocateNumbers(dtype, count) as Float64Array;
    for (let done = 0; done < size; done += PIECE) {
      const piece = await source.read(offset + done, Math.min(PIECE, size - done));
      data.set(decodeNumbers(dtype, piece, { littleEndian }) as Float64Array, (done / bytes) * parts);
    }
    return data;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FormatError(source.name, `${count} ${dtype} values do not fit into memory`, place, { cause: error });
  }
}

/** Numbers from their bytes, which they may share. */
export function decodeNumbers(
  dtype: NumericDtype,
  bytes: Uint8Array,
  { littleEndian = true }: { littleEndian?: boolean } = {},
): NumericData {
  const { bytes: size, holder, parts } = STORAGES[dtype];
  const wordSize = size / parts;
  const aligned = bytes.byteOffset % wordSize === 0 ? bytes : copied(bytes);
  const ordered = littleEndian || wordSize === 1 ? aligned : swapped(aligned, wordSize);
  const words = Math.floor(bytes.length / wordSize);
  const half = HALVES[dtype];
  if (half !== undefined) return half.widen(new Uint16Array(ordered.buffer, ordered.byteOffset, words));
  if (dtype === 'bool') return ordered.map((byte) => (byte === 0 ? 0 : 1));
  return new holder(ordered.buffer, ordered.byteOffset, words);
}

/** The little-endian bytes of an array's numbers, in pieces that share them where they can. */
export function encodeNumbers({ dtype, data }: NumericArray): Uint8Array[] {
  const narrow = HALVES[dtype]?.narrow;
  const step = PIECE / data.BYTES_PER_ELEMENT;
  return Array.from({ length: Math.ceil(data.length / step) }, (_, k) => {
    const piece = data.subarray(k * step, (k + 1) * step);
    const words = narrow === undefined ? piece : narrow(piece as Float32Array);
    return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  });
}

/** Writes an array's numbers little-endian from `offset` on, and gives the number of bytes. */
export async function writeNumbers(sink: Sink, offset: number, array: NumericArray): Promise<number> {
  let length = 0;
  for (const piece of encodeNumbers(array)) {
    await sink.write(offset + length, piece);
    length += piece.length;
  }
  return length;
}

/**
 * Makes sure that an array holds what its shape and type say.
 * @throws ShapeError where the number or the kind of its numbers is another
 */
export function checkNumbers(name: string, { dtype, shape, data }: NumericArray): void {
  const { holder, parts } = STORAGES[dtype];
  const expected = sizeOf(shape) * parts;
  if (data.length !== expected) {
    throw new ShapeError(
      `${name}: expected ${expected} numbers for ${dtype} ${formatShape(shape)}, got ${data.length}`,
    );
  }
  if (!(data instanceof holder)) {
    throw new ShapeError(`${name}: expected ${holder.name} for ${dtype}, got ${data.constructor.name}`);
  }
}

/** A slice of Node's Buffer is a view of it. */
function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function swapped(bytes: Uint8Array, wordSize: number): Uint8Array {
  const copy = copied(bytes);
  const view = new DataView(copy.buffer);
  const end = copy.length - (copy.length % wordSize);
  if (wordSize === 2) for (let k = 0; k < end; k += 2) view.setUint16(k, view.getUint16(k, true));
  else if (wordSize === 4) for (let k = 0; k < end; k += 4) view.setUint32(k, view.getUint32(k, true));
  else for (let k = 0; k < end; k += 8) view.setBigUint64(k, view.getBigUint64(k, true));
  return copy;
}
