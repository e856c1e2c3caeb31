import { condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { indexOfNonFinite } from './distances.ts';
import { type Conditions, makeRdm, type Rdm } from './rdm.ts';

/** How distances in units of the noise are taken. */
export interface MahalanobisOptions {
  /** d x d, row-major: the inverse of the noise's covariance over columns, symmetric. */
  readonly precision: Float64Array;
  /** Names of the rows. */
  readonly conditions?: Conditions;
}

/**
 * RDM of Mahalanobis distances, sqrt((u - v) P (u - v)').
 * @param rows n x d, row-major: one row a condition
 * @param n number of conditions, at least 1
 * @throws ShapeError where rows or precision hold other numbers of values; UsageError where one is NaN or infinite, or the precision is not
 * that of any noise (asymmetric, or with a squared distance below 0)
 * @remarks rsatoolbox's mahalanobis is this squared and divided by d.
 * @source scipy.spatial.distance.mahalanobis
 */
export function mahalanobisRdm(
  rows: Float32Array | Float64Array,
  n: number,
  d: number,
  { precision, conditions = null }: MahalanobisOptions,
): Rdm {
  checkMatrix('mahalanobisRdm', 'rows', rows, n, d);
  checkPrecision('mahalanobisRdm', precision, d);
  const products = crossProducts(rows, rows, n, d, precision);
  for (let k = 0; k < products.length; k++) {
    // A precision with directions of no weight leaves a rounding error of either sign.
    if (products[k] < -1e-9 * Math.max(1, Math.abs(products[0]))) {
      throw new UsageError(
        `mahalanobisRdm: expected a precision without negative directions, got a squared distance of ${products[k]}; invert the noise's covariance anew`,
      );
    }
    products[k] = Math.sqrt(Math.max(0, products[k]));
  }
  return makeRdm(products, conditions);
}

/** What each pair's difference in `a` gives with its difference in `b` under the precision: (a_i - a_j) P (b_i - b_j)', condensed. */
export function crossProducts(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  n: number,
  d: number,
  precision: Float64Array | null,
): Float64Array {
  const weighted = precision === null ? b : weightedRows(b, n, d, precision);
  const products = new Float64Array(condensedLength(n));
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      let sum = 0;
      for (let p = i * d, q = j * d, end = p + d; p < end; p++, q++) sum += (a[p] - a[q]) * (weighted[p] - weighted[q]);
      products[pair] = sum;
    }
  }
  return products;
}

/** @throws ShapeError, UsageError where it is no n x d matrix of finite numbers */
export function checkMatrix(
  where: string,
  what: string,
  values: Float32Array | Float64Array,
  n: number,
  d: number,
): void {
  if (n < 1 || d < 1 || values.length !== n * d) {
    throw new ShapeError(`${where}: expected ${what} of ${n} x ${d} numbers, at least 1 x 1, got ${values.length}`);
  }
  const bad = indexOfNonFinite(values);
  if (bad === -1) return;
  const place = `row ${Math.floor(bad / d) + 1}, column ${(bad % d) + 1} (counting from 1)`;
  throw new UsageError(`${where}: ${what}, ${place} is ${values[bad]}; leave that row or column out`);
}

/** @throws ShapeError, UsageError where it is no symmetric d x d matrix of finite numbers */
export function checkPrecision(where: string, precision: Float64Array, d: number): void {
  checkMatrix(where, 'precision', precision, d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [precision[i * d + j], precision[j * d + i]];
      if (Math.abs(below - above) > 1e-8 * Math.max(1, Math.abs(below), Math.abs(above))) {
        throw new UsageError(
          `${where}: expected a symmetric precision, got ${below} in row ${i + 1}, column ${j + 1} and ${above} across; pass the inverse of a covariance`,
        );
      }
    }
  }
}

function weightedRows(rows: Float32Array | Float64Array, n: number, d: number, precision: Float64Array): Float64Array {
  const weighted = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      const value = rows[i * d + k];
      for (let c = 0; c < d; c++) weighted[i * d + c] += value * precision[k * d + c];
    }
  }
  return weighted;
}
