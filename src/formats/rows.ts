import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { type NumericArray, numericArray, type OpenedFile } from './array.ts';
import { partsPerElement } from './numbers.ts';

/** Reads `count` rows along the first axis from row `first` on. */
export type RowReader = (first: number, count: number) => Promise<NumericArray>;

/**
 * Rows of an entry, straight from the file where they lie together in it; otherwise the entry is read once and kept.
 * @throws UsageError where there is no such entry
 */
export function rowReader(file: OpenedFile, name: string): RowReader {
  if (!file.entries.some((entry) => entry.name === name)) {
    throw new UsageError(`there is no array ${name}; there is: ${file.entries.map((entry) => entry.name).join(', ')}`);
  }
  let whole: Promise<NumericArray> | undefined;
  return async (first, count) => {
    const rows = whole === undefined ? await file.readRows?.(name, first, count) : undefined;
    if (rows) return rows;
    whole ??= readNumeric(file, name);
    return sliceRows(await whole, first, count);
  };
}

/**
 * Reads an entry that must be numbers.
 * @throws FormatError where it holds text, cells or structs
 */
export async function readNumeric(file: OpenedFile, name: string): Promise<NumericArray> {
  const value = await file.read(name);
  if (value.kind !== 'numeric') throw new FormatError(file.format, `expected numbers, got ${value.kind}`, name);
  return value;
}

/** Numbers a row of this array takes. */
export function checkRows(name: string, shape: readonly number[], first: number, count: number): void {
  if (shape.length === 0) throw new ShapeError(`${name}: expected an array with rows, got a scalar`);
  if (!(first >= 0 && count >= 0 && first + count <= shape[0])) {
    throw new ShapeError(
      `${name}: expected rows within its shape ${formatShape(shape)}, got ${first} to ${first + count}`,
    );
  }
}

function sliceRows(array: NumericArray, first: number, count: number): NumericArray {
  checkRows('rows', array.shape, first, count);
  const [, ...rest] = array.shape;
  const rowLength = rest.reduce((size, length) => size * length, partsPerElement(array.dtype));
  return numericArray(
    array.dtype,
    [count, ...rest],
    array.data.subarray(first * rowLength, (first + count) * rowLength),
  );
}
