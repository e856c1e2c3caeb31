import { ShapeError } from './errors.ts';

/** Number of pairs i < j of n conditions: n (n - 1) / 2. */
export function condensedLength(n: number): number {
  return (n * (n - 1)) / 2;
}

/** Position of the pair i < j in the row-major upper triangle of n conditions. */
export function condensedIndex(i: number, j: number, n: number): number {
  return i * n - (i * (i + 1)) / 2 + (j - i - 1);
}

/**
 * Number of conditions of a condensed vector.
 * @throws ShapeError where the length is no n (n - 1) / 2
 */
export function conditionsOfCondensed(length: number): number {
  const n = Math.round((1 + Math.sqrt(1 + 8 * length)) / 2);
  if (condensedLength(n) !== length) {
    throw new ShapeError(`condensed RDM: expected n (n - 1) / 2 values, got ${length}; pass the upper triangle i < j`);
  }
  return n;
}

/** Every pair i < j of n conditions in condensed order. */
export function* pairsOf(n: number): Generator<readonly [i: number, j: number]> {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) yield [i, j];
}

/** Upper triangle i < j, row-major, of a row-major n x n matrix. */
export function condense(square: ArrayLike<number>, n: number): Float64Array {
  const values = new Float64Array(condensedLength(n));
  let k = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) values[k++] = square[i * n + j];
  return values;
}

/** Symmetric row-major n x n matrix with zeros on the diagonal. */
export function expand(values: ArrayLike<number>, n: number): Float64Array {
  const square = new Float64Array(n * n);
  let k = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, k++) {
      square[i * n + j] = values[k];
      square[j * n + i] = values[k];
    }
  }
  return square;
}

/** The values of a subset of conditions, in the subset's order. */
export function condensedSubset(values: ArrayLike<number>, n: number, subset: readonly number[]): Float64Array {
  const picked = new Float64Array(condensedLength(subset.length));
  let k = 0;
  for (let a = 0; a < subset.length; a++) {
    for (let b = a + 1; b < subset.length; b++) {
      const [i, j] = subset[a] < subset[b] ? [subset[a], subset[b]] : [subset[b], subset[a]];
      picked[k++] = values[condensedIndex(i, j, n)];
    }
  }
  return picked;
}
