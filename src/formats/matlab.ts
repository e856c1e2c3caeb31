import { formatShape, sizeOf } from '../core/shape.ts';
import { type NumericArray, type NumericData, type NumericDtype, numericArray, type TextArray } from './array.ts';
import { allocateNumbers, partsPerElement } from './numbers.ts';
import { columnMajorStride, gather } from './strided.ts';

/** An array from MATLAB's column-major numbers. */
export function fromColumnMajor(dtype: NumericDtype, shape: readonly number[], data: NumericData): NumericArray {
  return numericArray(dtype, shape, rowMajor(shape, data, partsPerElement(dtype)));
}

/** Column-major numbers in row-major order; a vector is returned as it is. */
export function rowMajor<T extends NumericData>(shape: readonly number[], data: T, parts: 1 | 2 = 1): T {
  if (isVector(shape)) return data;
  return gather(data, { shape, stride: columnMajorStride(shape), parts });
}

/** Values in row-major order from column-major ones. */
export function reorderValues<T>(shape: readonly number[], values: readonly T[]): readonly T[] {
  if (isVector(shape)) return values;
  const positions = rowMajor(
    shape,
    Uint32Array.from(values, (_, k) => k),
  );
  return Array.from(positions, (position) => values[position]);
}

function isVector(shape: readonly number[]): boolean {
  return shape.filter((length) => length !== 1).length <= 1;
}

/** Numbers as another type: the class of a MATLAB array, which may be stored narrower than it is. */
export function castNumbers(dtype: NumericDtype, data: NumericData): NumericData {
  const target = allocateNumbers(dtype, data.length / partsPerElement(dtype));
  if (target.constructor === data.constructor && dtype !== 'bool') return data;
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    for (let k = 0; k < data.length; k++) target[k] = bigintOf(data[k]);
  } else {
    for (let k = 0; k < data.length; k++) target[k] = Number(data[k]);
    if (dtype === 'bool') for (let k = 0; k < data.length; k++) target[k] = Number(data[k]) === 0 ? 0 : 1;
  }
  return target;
}

const bigintOf = (value: number | bigint): bigint =>
  typeof value === 'bigint' ? value : BigInt(Number.isFinite(value) ? Math.trunc(value) : 0);

/** Real and imaginary parts interleaved. */
export function interleave(real: NumericData, imaginary: NumericData, dtype: 'complex64' | 'complex128'): NumericData {
  const data = allocateNumbers(dtype, real.length);
  for (let k = 0; k < real.length; k++) {
    data[2 * k] = Number(real[k]);
    data[2 * k + 1] = Number(imaginary[k]);
  }
  return data;
}

/** What a char array of this shape is to a reader: one string a row. */
export const textShape = (shape: readonly number[]): readonly number[] => shape.slice(0, -1);

// Rows without characters take no bytes in a file, but do in memory.
const MAX_EMPTY_ROWS = 1_000_000;

/**
 * Strings of a char matrix, one a row.
 * @param text its characters in column-major order: UTF-16 units as MATLAB counts them, or code points as scipy does
 * @returns undefined where their number is not that of the shape
 */
export function textFromColumnMajor(shape: readonly number[], text: string): TextArray | undefined {
  const count = sizeOf(shape);
  const characters = text.length === count ? undefined : Array.from(text);
  if (characters !== undefined && characters.length !== count) return undefined;
  const rows = textShape(shape);
  if (sizeOf(rows) > MAX_EMPTY_ROWS && count === 0) return undefined;
  const length = shape[shape.length - 1];
  if (characters === undefined && sizeOf(rows) === 1) return { kind: 'text', shape: rows, data: [text] };
  const order = rowMajor(
    shape,
    Uint32Array.from({ length: count }, (_, k) => k),
  );
  const data: string[] = [];
  for (let row = 0; row < sizeOf(rows); row++) {
    let line = '';
    for (let k = row * length; k < (row + 1) * length; k++) line += characters?.[order[k]] ?? text[order[k]];
    data.push(line);
  }
  return { kind: 'text', shape: rows, data };
}

/** The sentence about a class that holds more than arrays. */
export function refusal(className: string, shape: readonly number[]): string {
  return (
    `is a ${formatShape(shape)} ${className}, which only MATLAB can interpret; in MATLAB, save what it holds as numbers, char, cell or struct ` +
    '(for a string: char(x), for a table: table2struct(x))'
  );
}
