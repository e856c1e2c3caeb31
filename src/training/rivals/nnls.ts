import { ShapeError } from '../../core/errors.ts';

// A gradient below this part of |column| |target| is rounding.
const ZERO = 1e-12;

/**
 * Non-negative least squares: the w >= 0 that makes |sum_k w_k columns_k - target| least, by the active-set method. A column that is 0
 * throughout, or a combination of those already in use, gets 0.
 * @param columns K of m values each; a handful, since normal equations are solved: columns are scaled to unit length before
 * @param target m values
 * @returns K weights
 * @throws ShapeError where a column has another length than the target
 * @source Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23
 */
export function nonNegativeLeastSquares(columns: readonly Float64Array[], target: Float64Array): Float64Array {
  const odd = columns.find(({ length }) => length !== target.length);
  if (odd !== undefined) {
    throw new ShapeError(`least squares: expected ${target.length} values a column, got ${odd.length}`);
  }
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const scale = (k: number) => (lengths[k] > 0 ? 1 / lengths[k] : 0);
  const gram = columns.map((a, k) => columns.map((b, j) => dot(a, b) * scale(k) * scale(j)));
  const right = columns.map((column, k) => dot(column, target) * scale(k));
  const tolerance = ZERO * Math.sqrt(dot(target, target));
  return Float64Array.from(activeSet(gram, right, tolerance), (weight, k) => weight * scale(k));
}

/** The w >= 0 with gradient right - gram w at most `tolerance`, and 0 where w is above 0. */
function activeSet(gram: readonly number[][], right: readonly number[], tolerance: number): number[] {
  let weights = right.map(() => 0);
  const inUse = new Set<number>();
  const refused = new Set<number>();
  for (;;) {
    const gradient = right.map((value, k) => value - weights.reduce((sum, weight, j) => sum + gram[k][j] * weight, 0));
    const free = gradient.flatMap((value, k) => (value > tolerance && !inUse.has(k) && !refused.has(k) ? [k] : []));
    if (free.length === 0) return weights;
    const best = free.reduce((a, b) => (gradient[b] > gradient[a] ? b : a));
    inUse.add(best);
    let solved = solveFor([...inUse], gram, right);
    const negative = (values: readonly number[]) => [...inUse].filter((k) => values[k] <= 0);
    // Rounding can promise an increase that the solution takes back: such a column would come and go for ever.
    if (solved === null || solved[best] <= 0) {
      inUse.delete(best);
      refused.add(best);
      continue;
    }
    refused.clear();
    for (let below = negative(solved); below.length > 0; below = negative(solved)) {
      const end = solved;
      const steps = below.map((k) => weights[k] / (weights[k] - end[k]));
      const step = Math.min(...steps);
      weights = weights.map((weight, k) => weight + step * (end[k] - weight));
      for (const [at, k] of below.entries()) {
        if (steps[at] > step) continue;
        inUse.delete(k);
        weights[k] = 0;
      }
      solved = solveFor([...inUse], gram, right)!; // fewer of independent columns are independent
    }
    weights = solved;
  }
}

/** Least squares of the columns in use, 0 for the others, by Cholesky; null where they depend on each other. */
function solveFor(inUse: readonly number[], gram: readonly number[][], right: readonly number[]): number[] | null {
  const n = inUse.length;
  const factor = inUse.map(() => new Float64Array(n));
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let value = gram[inUse[row]][inUse[column]];
      for (let k = 0; k < column; k++) value -= factor[row][k] * factor[column][k];
      if (row === column && value <= ZERO) return null;
      factor[row][column] = row === column ? Math.sqrt(value) : value / factor[column][column];
    }
  }
  const solution = inUse.map((k) => right[k]);
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) solution[row] -= factor[row][k] * solution[k];
    solution[row] /= factor[row][row];
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) solution[row] -= factor[k][row] * solution[k];
    solution[row] /= factor[row][row];
  }
  const weights = right.map(() => 0);
  for (const [at, k] of inUse.entries()) weights[k] = solution[at];
  return weights;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
