import { condensedLength } from '../../core/condensed.ts';
import { FormatError } from '../../core/errors.ts';
import type { Conditions } from '../../rdm/rdm.ts';

/** How far an RDM may be off, as a share of its largest value, before it is refused instead of mended. */
export const RDM_TOLERANCE = 1e-6;

/** What float64 itself may be off by, as a share of the largest value: mended without a word. */
const ROUNDING = 1e-12;

/** Where an RDM comes from, for messages. */
export interface RdmOrigin {
  readonly path: string;
  /** The variable, subject and time it is of. */
  readonly place: string;
  readonly conditions: Conditions;
}

/** What was mended in RDMs, so that it can be said once for all of them. */
export interface Mending {
  largestAsymmetry: number;
  largestDiagonal: number;
}

/**
 * Upper triangle of a square RDM. Asymmetries of up to 1e-6 of its largest value are averaged, a diagonal of up to as much is taken for
 * zero, and `mending` keeps account, of asymmetries only where they are more than rounding.
 * @param square n x n, row-major
 * @throws FormatError naming row and column of a value that is not finite, not symmetric, or on the diagonal and not 0
 */
export function condenseChecked(square: Float64Array, n: number, origin: RdmOrigin, mending: Mending): Float64Array {
  const tolerance = RDM_TOLERANCE * largestOffDiagonal(square, n, origin);
  checkDiagonal(square, n, tolerance, origin, mending);
  const worthSaying = (ROUNDING / RDM_TOLERANCE) * tolerance;
  const values = new Float64Array(condensedLength(n));
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const above = square[i * n + j];
      const below = square[j * n + i];
      const asymmetry = Math.abs(above - below);
      if (asymmetry > tolerance) {
        throw failure(
          origin,
          i,
          j,
          `expected the same value as in row ${j + 1}, column ${i + 1}, got ${above} and ${below}; an RDM is symmetric`,
        );
      }
      if (asymmetry > worthSaying) mending.largestAsymmetry = Math.max(mending.largestAsymmetry, asymmetry);
      values[pair++] = asymmetry === 0 ? above : (above + below) / 2;
    }
  }
  return values;
}

/** @throws FormatError naming row and column of a value that is not finite */
export function checkCondensed(values: Float64Array, n: number, origin: RdmOrigin): void {
  let pair = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) checkFinite(values[pair++], i, j, origin);
}

/** Whether most of a square RDM's values equal those across the diagonal: enough to tell which of its axes are the square ones. */
export function isSymmetric(square: Float64Array, n: number): boolean {
  let largest = 0;
  for (const value of square) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  let equal = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (Math.abs(square[i * n + j] - square[j * n + i]) <= RDM_TOLERANCE * largest) equal++;
    }
  }
  return equal > condensedLength(n) / 2;
}

function largestOffDiagonal(square: Float64Array, n: number, origin: RdmOrigin): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      checkFinite(square[i * n + j], i, j, origin);
      largest = Math.max(largest, Math.abs(square[i * n + j]));
    }
  }
  return largest;
}

function checkDiagonal(square: Float64Array, n: number, tolerance: number, origin: RdmOrigin, mending: Mending): void {
  const diagonal = Array.from({ length: n }, (_, i) => square[i * n + i]);
  if (tolerance < 1 && diagonal.every((value) => Math.abs(value - 1) <= RDM_TOLERANCE)) {
    throw new FormatError(
      origin.path,
      'expected dissimilarities with zeros on the diagonal, got ones, so these look like similarities; save 1 - x instead',
      origin.place,
    );
  }
  diagonal.forEach((value, i) => {
    if (Number.isNaN(value)) throw failure(origin, i, i, 'expected 0, got NaN; set the diagonal to 0');
    if (Math.abs(value) > tolerance) {
      throw failure(origin, i, i, `expected 0, got ${value}; the dissimilarity of a condition with itself is 0`);
    }
    mending.largestDiagonal = Math.max(mending.largestDiagonal, Math.abs(value));
  });
}

function checkFinite(value: number, i: number, j: number, origin: RdmOrigin): void {
  if (!Number.isFinite(value)) {
    throw failure(
      origin,
      i,
      j,
      `expected a finite dissimilarity, got ${value}; leave the condition or the subject out`,
    );
  }
}

function failure({ path, place, conditions }: RdmOrigin, i: number, j: number, problem: string): FormatError {
  const name = (row: number) => (conditions === null ? '' : ` ("${conditions[row]}")`);
  return new FormatError(
    path,
    problem,
    `${place}, row ${i + 1}${name(i)}, column ${j + 1}${name(j)} (counting from 1)`,
  );
}
