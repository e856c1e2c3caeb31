import { conditionsOfCondensed, expand } from '../core/condensed.ts';
import { UsageError } from '../core/errors.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Conditions as points of a plane. */
export interface Map2d {
  /** nConditions x 2; centred. */
  readonly positions: Float64Array;
  /** Kruskal's stress-1: 0 where distances equal the dissimilarities. */
  readonly stress: number;
}

/** When to be content. */
export interface MdsOptions {
  /** Steps at most. */
  readonly steps?: number;
  /** Ends where a step takes less than this part off the stress. */
  readonly tolerance?: number;
}

const DIMENSIONS = 2;

/**
 * Metric multidimensional scaling to two dimensions: points whose distances d_ij come close to the dissimilarities D_ij.
 *
 * stress-1 = sqrt(sum (d_ij - D_ij)^2 / sum d_ij^2). From the classical solution (`classicalMap`) by SMACOF's steps, each of which lowers the
 * stress or leaves it; nothing is drawn at random, so the same dissimilarities give the same map.
 * @param values condensed dissimilarities, nConditions (nConditions - 1) / 2
 * @throws UsageError where one is NaN or infinite
 * @remarks A negative dissimilarity (crossnobis has them) counts as 0. Two conditions lie on a line; equal dissimilarities give a map too,
 * one of many as good; where all are 0 all points are one, with a stress of 0.
 * @source de Leeuw and Mair 2009 (SMACOF); Kruskal 1964 (stress-1)
 */
export function metricMds(values: Float64Array, { steps = 300, tolerance = 1e-6 }: MdsOptions = {}): Map2d {
  const n = conditionsOfCondensed(values.length);
  checkFinite(values);
  // In units of the largest, whose square no number is too small or too large for.
  const size = values.reduce((largest, value) => Math.max(largest, value), 0) || 1;
  const wanted = values.map((value) => Math.max(0, value) / size);
  let positions = classicalMap(wanted);
  let raw = rawStress(wanted, positions, n);
  for (let step = 0; step < steps && raw > 0; step++) {
    const next = guttman(wanted, positions, n);
    const lower = rawStress(wanted, next, n);
    if (lower > raw) break;
    const isContent = raw - lower < tolerance * raw;
    positions = next;
    raw = lower;
    if (isContent) break;
  }
  const squares = sumOverPairs(positions, n, (distance) => distance * distance);
  return {
    positions: positions.map((position) => size * position),
    stress: squares === 0 ? 0 : Math.sqrt(raw / squares),
  };
}

/**
 * Classical scaling (principal coordinates): the two leading eigenvectors of -1/2 J D^2 J, J the centring matrix, each times the root of its
 * eigenvalue, or 0 where that is negative.
 * @param values condensed dissimilarities, finite
 * @returns nConditions x 2
 * @source Torgerson 1952
 */
export function classicalMap(values: Float64Array): Float64Array {
  const n = conditionsOfCondensed(values.length);
  const products = expand(values, n).map((value) => (-value * value) / 2);
  const means = Float64Array.from({ length: n }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < n; column++) sum += products[row * n + column];
    return sum / n;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) products[row * n + column] += mean - means[row] - means[column];
  }
  const { values: lengths, vectors } = symmetricEigen(products, n);
  const positions = new Float64Array(n * DIMENSIONS);
  for (let axis = 0; axis < Math.min(DIMENSIONS, n); axis++) {
    const length = Math.sqrt(Math.max(0, lengths[axis]));
    for (let row = 0; row < n; row++) positions[row * DIMENSIONS + axis] = length * vectors[axis * n + row];
  }
  return positions;
}

/** SMACOF's step: x_i = 1/n sum_j (D_ij / d_ij) (x_i - x_j). */
function guttman(wanted: Float64Array, positions: Float64Array, n: number): Float64Array {
  const next = new Float64Array(positions.length);
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const x = positions[2 * i] - positions[2 * j];
      const y = positions[2 * i + 1] - positions[2 * j + 1];
      const distance = Math.sqrt(x * x + y * y);
      if (distance === 0) continue;
      const pull = wanted[pair] / distance / n;
      next[2 * i] += pull * x;
      next[2 * i + 1] += pull * y;
      next[2 * j] -= pull * x;
      next[2 * j + 1] -= pull * y;
    }
  }
  return next;
}

function rawStress(wanted: Float64Array, positions: Float64Array, n: number): number {
  return sumOverPairs(positions, n, (distance, pair) => (distance - wanted[pair]) ** 2);
}

function sumOverPairs(positions: Float64Array, n: number, of: (distance: number, pair: number) => number): number {
  let sum = 0;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const x = positions[2 * i] - positions[2 * j];
      const y = positions[2 * i + 1] - positions[2 * j + 1];
      sum += of(Math.sqrt(x * x + y * y), pair);
    }
  }
  return sum;
}

function checkFinite(values: Float64Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new UsageError(
      `metricMds: expected finite dissimilarities, got ${values[bad]} for pair ${bad + 1}; leave out what was not measured`,
    );
  }
}
