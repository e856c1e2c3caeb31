import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericDtype } from './array.ts';
import { bytesPerElement } from './numbers.ts';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.ts';
import { hasBytes } from './signatures.ts';
import type { Source } from './source.ts';

/** How the elements of a .npy file lie in it. */
export type NpyElement =
  | { readonly kind: 'numeric'; readonly dtype: NumericDtype; readonly bytes: number; readonly littleEndian: boolean }
  | {
      readonly kind: 'text';
      readonly characters: 'unicode' | 'bytes';
      readonly bytes: number;
      readonly littleEndian: boolean;
    }
  | { readonly kind: 'unreadable'; readonly dtype: string; readonly reason: string };

/** The header of a .npy file, checked against the file's size. */
export interface NpyHeader {
  readonly element: NpyElement;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Elements in all. */
  readonly count: number;
  /** Where the elements begin. */
  readonly dataOffset: number;
}

export const NPY_MAGIC = '\x93NUMPY';
const LONGEST_HEADER = 1 << 20;
const MOST_AXES = 64;

const NUMERIC: Readonly<Record<string, NumericDtype>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
};

const REFUSED: Readonly<Record<string, { dtype: string; reason: string }>> = {
  O: {
    dtype: 'object',
    reason: 'holds pickled Python objects, which are never loaded; save it with a numeric or text dtype',
  },
  V: { dtype: 'void', reason: 'holds raw bytes without a type; save it with a numeric dtype' },
  M: { dtype: 'datetime64', reason: 'holds dates; save them as numbers or text' },
  m: { dtype: 'timedelta64', reason: 'holds time differences; save them as numbers' },
  f: { dtype: 'float128', reason: "holds the machine's long doubles; save it as float64" },
  c: { dtype: 'complex256', reason: "holds the machine's long doubles; save it as complex128" },
};

/**
 * Reads the header of a .npy file, versions 1 to 3.
 * @throws FormatError where it is no such header, or claims more elements than the file has
 * @source numpy.lib.format
 */
export async function readNpyHeader(source: Source): Promise<NpyHeader> {
  const fail = (problem: string) => new FormatError(source.name, problem, 'npy header');
  const head = await source.read(0, Math.min(12, source.size));
  if (head.length < 10 || !hasBytes(head, NPY_MAGIC)) {
    throw fail('expected a .npy file, which begins with \\x93NUMPY; save it with numpy.save');
  }
  const version = head[6];
  if (version < 1 || version > 3) throw fail(`expected version 1, 2 or 3, got ${version}`);
  const longLength = version > 1;
  const textOffset = longLength ? 12 : 10;
  if (source.size < textOffset) throw fail('the file is truncated');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = longLength ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > LONGEST_HEADER) throw fail(`claims ${length} bytes of header, more than is plausible`);
  const dataOffset = textOffset + length;
  if (dataOffset > source.size)
    throw fail(`claims ${length} bytes, the file has ${source.size} in all; it is truncated`);
  const encoding = version === 3 ? 'utf-8' : 'latin1';
  const fields = parseFields(new TextDecoder(encoding).decode(await source.read(textOffset, length)), fail);

  const element = elementOf(fields.descr, fail);
  const count = checkShape(fields.shape, fail);
  if (element.kind !== 'unreadable') {
    const needed = count * element.bytes;
    const there = source.size - dataOffset;
    // Elements of no bytes, numpy's U0, could be claimed without end.
    if (needed > there || (element.bytes === 0 && count > there)) {
      throw fail(`${formatShape(fields.shape)} elements need ${needed} bytes, the file has ${there}; it is truncated`);
    }
  }
  return { element, fortranOrder: fields.fortranOrder, shape: fields.shape, count, dataOffset };
}

function parseFields(text: string, fail: (problem: string) => FormatError) {
  let header: PythonLiteral;
  try {
    header = parsePythonLiteral(text);
  } catch (error) {
    throw fail(`expected a Python dictionary, ${error instanceof Error ? error.message : error}`);
  }
  if (!(header instanceof Map)) throw fail('expected a Python dictionary');
  const descr = header.get('descr');
  const fortranOrder = header.get('fortran_order');
  const shape = header.get('shape');
  if (descr === undefined || typeof fortranOrder !== 'boolean' || !Array.isArray(shape)) {
    throw fail('expected descr, fortran_order and a shape tuple');
  }
  return { descr, fortranOrder, shape: shape as number[] };
}

function elementOf(descr: PythonLiteral, fail: (problem: string) => FormatError): NpyElement {
  if (typeof descr !== 'string') {
    const reason = 'holds structured records; save each field as an array of its own';
    return { kind: 'unreadable', dtype: 'structured', reason };
  }
  const match = /^([<>|=]?)([a-zA-Z])(\d{0,9})(\[.*\])?$/.exec(descr);
  if (match === null) throw fail(`unknown dtype ${JSON.stringify(descr.slice(0, 40))}`);
  const [, order, code, digits] = match;
  const littleEndian = order !== '>';
  const dtype = NUMERIC[code + digits];
  if (dtype !== undefined) return { kind: 'numeric', dtype, bytes: bytesPerElement(dtype), littleEndian };
  if (code === 'U') return { kind: 'text', characters: 'unicode', bytes: 4 * Number(digits), littleEndian };
  if (code === 'S' || code === 'a') return { kind: 'text', characters: 'bytes', bytes: Number(digits), littleEndian };
  if (Object.hasOwn(REFUSED, code)) return { kind: 'unreadable', ...REFUSED[code] };
  throw fail(`unknown dtype ${JSON.stringify(descr)}`);
}

function checkShape(shape: readonly unknown[], fail: (problem: string) => FormatError): number {
  const sensible = shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 0);
  if (!sensible || shape.length > MOST_AXES) throw fail('expected a shape of at most 64 whole numbers');
  const lengths = shape as number[];
  const count = lengths.includes(0) ? 0 : sizeOf(lengths);
  if (count > Number.MAX_SAFE_INTEGER) throw fail(`claims ${formatShape(lengths)} elements, more than any file holds`);
  return count;
}
