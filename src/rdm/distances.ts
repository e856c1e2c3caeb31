import { condensedIndex, condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { type Gram, plainGram } from '../core/gram.ts';
import { type Conditions, makeRdm, type Rdm } from './rdm.ts';
import { centredColumns, centredUnitRows, type PreparedRows, squaredDistances, unitRows } from './squared-distances.ts';

/** Names of distances; each means what scipy's pdist means by it. */
export type DistanceMetric = 'correlation' | 'euclidean' | 'sqeuclidean' | 'cosine' | 'cityblock';

/** Activations or measurements: one row a condition. */
type Rows = Float32Array | Float64Array;

/** Condensed distances of the rows of an n x d matrix. */
type Distance = (rows: Rows, n: number, d: number, gram: Gram) => Float64Array | Promise<Float64Array>;

/**
 * Every distance. All but cityblock are squared Euclidean distances of prepared rows: |u - v|^2 = 2 (1 - u.v) for rows of unit length.
 */
const DISTANCES: Readonly<Record<DistanceMetric, Distance>> = {
  correlation: fromSquared(centredUnitRows, (squared) => squared / 2),
  cosine: fromSquared(unitRows, (squared) => squared / 2),
  euclidean: fromSquared(centredColumns, Math.sqrt),
  sqeuclidean: fromSquared(centredColumns, (squared) => squared),
  cityblock,
};

/** Every metric's name, for messages and menus. */
export const DISTANCE_METRICS = Object.keys(DISTANCES) as readonly DistanceMetric[];

/** How `rdmOf` works. */
export interface RdmOfOptions {
  readonly metric?: DistanceMetric;
  /**
   * Inner products of rows; the engine's is many times faster than the plain default. Both multiply in float64: an engine that does in
   * float32 takes some four fifths of the time and leaves errors of up to 5e-6.
   */
  readonly gram?: Gram;
  /** Names of the rows. */
  readonly conditions?: Conditions;
}

/**
 * RDM of the rows of a matrix.
 *
 * correlation 1 - r; cosine 1 - u.v / (|u| |v|); euclidean |u - v|; sqeuclidean |u - v|^2; cityblock sum |u_k - v_k|. Everything is worked
 * out in float64 whatever the rows are, and rows that are the same are at distance 0 exactly.
 * @param rows n x d, row-major
 * @param n number of conditions, at least 1
 * @throws ShapeError where rows do not hold n x d numbers; UsageError where one of them is NaN or infinite, naming row and column
 * @remarks As in scipy, all correlation distances of a constant row and all cosine distances of a row of zeros are NaN.
 * @source scipy.spatial.distance.pdist
 */
export async function rdmOf(
  rows: Rows,
  n: number,
  d: number,
  { metric = 'correlation', gram = plainGram, conditions = null }: RdmOfOptions = {},
): Promise<Rdm> {
  if (n < 1 || d < 1 || rows.length !== n * d) {
    throw new ShapeError(`rdmOf: expected n x d = ${n} x ${d} numbers, at least 1 x 1, got ${rows.length}`);
  }
  const bad = indexOfNonFinite(rows);
  if (bad !== -1) {
    const row = Math.floor(bad / d);
    const name = conditions === null ? '' : ` ("${conditions[row]}")`;
    throw new UsageError(
      `rdmOf: row ${row + 1}${name}, column ${(bad % d) + 1} (counting from 1) is ${rows[bad]}; leave that row or column out`,
    );
  }
  return makeRdm(await DISTANCES[metric](rows, n, d, gram), conditions);
}

/** Position of the first value that is NaN or infinite; -1 where there is none. */
export function indexOfNonFinite(values: ArrayLike<number>): number {
  // Infinity and NaN alone leave something other than 0; summed in blocks, so that the usual case has no branch a value.
  const block = 4096;
  for (let from = 0; from < values.length; from += block) {
    const to = Math.min(values.length, from + block);
    let left = 0;
    for (let k = from; k < to; k++) left += values[k] - values[k];
    if (left === 0) continue;
    for (let k = from; k < to; k++) if (values[k] - values[k] !== 0) return k;
  }
  return -1;
}

function fromSquared(
  prepare: (rows: Rows, n: number, d: number) => PreparedRows,
  finish: (squared: number) => number,
): Distance {
  return async (rows, n, d, gram) => {
    const distances = await squaredDistances(prepare(rows, n, d), gram);
    for (let k = 0; k < distances.length; k++) distances[k] = finish(distances[k]);
    return distances;
  };
}

function cityblock(rows: Rows, n: number, d: number): Float64Array {
  const distances = new Float64Array(condensedLength(n));
  // A band of columns at a time stays in the processor's cache for all pairs.
  const band = Math.max(64, Math.floor(2 ** 16 / n));
  for (let from = 0; from < d; from += band) {
    const to = Math.min(d, from + band);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        let sum = 0;
        for (let a = i * d + from, b = j * d + from, end = i * d + to; a < end; a++, b++) {
          sum += Math.abs(rows[a] - rows[b]);
        }
        distances[condensedIndex(i, j, n)] += sum;
      }
    }
  }
  return distances;
}
