import { formatShape, sizeOf } from '../core/shape.ts';
import { type NumericArray, type NumericData, numericArray } from './array.ts';
import { allocateNumbers } from './numbers.ts';

/** A matrix of which only some elements are given; the others are 0. */
export interface SparseMatrix {
  readonly shape: readonly number[];
  readonly dtype: 'float64' | 'bool' | 'complex128';
  /** Elements given. */
  readonly count: number;
  readonly rows: ArrayLike<number | bigint>;
  readonly columns: ArrayLike<number | bigint>;
  readonly real: NumericData;
  readonly imaginary: NumericData | undefined;
}

/** Elements that the sparse matrices of one entry may still become together. */
export interface SparseBudget {
  elements: number;
}

/** 256 MB of float64: a sparse matrix of a few bytes may claim any size. */
export const sparseBudget = (): SparseBudget => ({ elements: 2 ** 25 });

/** The matrix with its zeros; elements given twice are added up, as in MATLAB. */
export function denseFromSparse(
  { shape, dtype, count, rows, columns, real, imaginary }: SparseMatrix,
  budget: SparseBudget,
  fail: (problem: string) => never,
): NumericArray {
  if (shape.length !== 2) fail(`a sparse array of ${formatShape(shape)} instead of a matrix`);
  budget.elements -= sizeOf(shape);
  if (!(budget.elements >= 0)) {
    fail(
      `a sparse matrix of ${formatShape(shape)} is too large to write out with its zeros; in MATLAB, save full(x) of the part you need`,
    );
  }
  if (
    !(count <= rows.length && count <= columns.length && count <= real.length && count <= (imaginary?.length ?? count))
  ) {
    fail(
      `${count} elements, of which only ${Math.min(rows.length, real.length)} are there; the file is truncated or corrupt`,
    );
  }
  const data = allocateNumbers(dtype, sizeOf(shape));
  for (let k = 0; k < count; k++) {
    const row = Number(rows[k]);
    const column = Number(columns[k]);
    const inside = row >= 0 && row < shape[0] && column >= 0 && column < shape[1];
    if (!inside || !Number.isInteger(row) || !Number.isInteger(column)) {
      fail(`element ${k + 1} at row ${row + 1}, column ${column + 1} of a ${formatShape(shape)} matrix`);
    }
    const at = row * shape[1] + column;
    if (dtype === 'bool') data[at] = Number(real[k]) === 0 ? 0 : 1;
    else if (imaginary === undefined) data[at] = Number(data[at]) + Number(real[k]);
    else {
      data[2 * at] = Number(data[2 * at]) + Number(real[k]);
      data[2 * at + 1] = Number(data[2 * at + 1]) + Number(imaginary[k]);
    }
  }
  return numericArray(dtype, shape, data);
}
