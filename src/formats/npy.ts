import { FormatError, ShapeError } from '../core/errors.ts';
import { sizeOf } from '../core/shape.ts';
import { type NumericArray, type NumericDtype, numericArray, type OpenedFile, type TextArray } from './array.ts';
import { decodeCharacters, encodeCharacters } from './fixed-text.ts';
import { namedEntries } from './named-entries.ts';
import { NPY_MAGIC, type NpyHeader, readNpyHeader } from './npy-header.ts';
import { checkNumbers, encodeNumbers, partsPerElement, readNumbers } from './numbers.ts';
import { checkRows } from './rows.ts';
import type { Sink, Source } from './source.ts';
import { columnMajorStride, gather } from './strided.ts';

/** The name that the one array of a file without names goes by. */
export const SOLE_NAME = 'data';

/**
 * Opens a .npy file; its one entry is called `data`.
 * @throws FormatError where the header is corrupt or claims more than the file has
 */
export async function openNpy(source: Source): Promise<OpenedFile> {
  const header = await readNpyHeader(source);
  const entry = { name: SOLE_NAME, dtype: npyDtype(header), shape: header.shape };
  const { entries, find } = namedEntries(source.name, 'array', [entry]);
  return {
    format: 'npy',
    entries,
    metadata: {},
    async read(name) {
      find(name);
      return readNpyArray(source, header);
    },
    async readRows(name, first, count) {
      find(name);
      return readNpyRows(source, header, first, count);
    },
  };
}

/** The element type as `inspect` shows it. */
export function npyDtype({ element }: NpyHeader): string {
  return element.kind === 'text' ? 'text' : element.dtype;
}

/** All elements of a .npy file, in row-major order. */
export async function readNpyArray(source: Source, header: NpyHeader): Promise<NumericArray | TextArray> {
  const { element, shape, count, dataOffset, fortranOrder } = header;
  const transposed = fortranOrder && shape.length > 1;
  const stride = columnMajorStride(shape);
  switch (element.kind) {
    case 'unreadable':
      throw new FormatError(source.name, element.reason, `dtype ${element.dtype}`);
    case 'numeric': {
      const { dtype, littleEndian } = element;
      const data = await readNumbers(source, dataOffset, dtype, count, { littleEndian });
      const parts = partsPerElement(dtype);
      return numericArray(dtype, shape, transposed ? gather(data, { shape, stride, parts }) : data);
    }
    case 'text': {
      const texts = decodeCharacters(source.name, await source.read(dataOffset, count * element.bytes), count, element);
      if (!transposed) return { kind: 'text', shape, data: texts };
      const order = gather(Uint32Array.from(texts.keys()), { shape, stride });
      return { kind: 'text', shape, data: Array.from(order, (k) => texts[k]) };
    }
  }
}

/** Some rows of a .npy file, where they lie together in it; else null. */
export async function readNpyRows(
  source: Source,
  { element, shape, dataOffset, fortranOrder }: NpyHeader,
  first: number,
  count: number,
): Promise<NumericArray | null> {
  if (element.kind !== 'numeric' || (fortranOrder && shape.length > 1)) return null;
  checkRows(source.name, shape, first, count);
  const [, ...rest] = shape;
  const rowLength = sizeOf(rest);
  const offset = dataOffset + first * rowLength * element.bytes;
  const { dtype, littleEndian } = element;
  return numericArray(
    dtype,
    [count, ...rest],
    await readNumbers(source, offset, dtype, count * rowLength, { littleEndian }),
  );
}

const DESCRIPTIONS: Readonly<Record<Exclude<NumericDtype, 'bfloat16'>, string>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
};

/**
 * Writes a .npy file (version 1, little-endian, row-major). numpy has no bfloat16: it is written as float32.
 * @returns bytes written
 * @throws ShapeError where the data does not fit the shape
 */
export async function writeNpy(sink: Sink, array: NumericArray | TextArray): Promise<number> {
  let length = 0;
  for (const piece of npyPieces(array)) {
    await sink.write(length, piece);
    length += piece.length;
  }
  return length;
}

/** The bytes of a .npy file: header, then elements. */
export function npyPieces(array: NumericArray | TextArray): Uint8Array[] {
  if (array.kind === 'text') {
    if (array.data.length !== sizeOf(array.shape))
      throw new ShapeError('npy: the number of texts does not fit the shape');
    const { bytes, width } = encodeCharacters(array.data);
    return [encodeHeader(`<U${width}`, array.shape), bytes];
  }
  checkNumbers('npy', array);
  const written: NumericArray = array.dtype === 'bfloat16' ? { ...array, dtype: 'float32' } : array;
  const description = DESCRIPTIONS[written.dtype as keyof typeof DESCRIPTIONS];
  return [encodeHeader(description, array.shape), ...encodeNumbers(written)];
}

function encodeHeader(description: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // numpy fills up to a multiple of 64 bytes, so that the elements can be mapped into memory, and ends the line.
  const prefix = NPY_MAGIC.length + 4;
  const length = Math.ceil((prefix + text.length + 1) / 64) * 64;
  const padded = `${text.padEnd(length - prefix - 1)}\n`;
  const bytes = new Uint8Array(length);
  Array.from(NPY_MAGIC, (character, k) => (bytes[k] = character.charCodeAt(0)));
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, length - prefix, true);
  bytes.set(new TextEncoder().encode(padded), prefix);
  return bytes;
}
