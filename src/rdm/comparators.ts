import { ShapeError } from '../core/errors.ts';
import { averageRanks } from '../core/ranks.ts';

/** How similar two RDMs are, as a number that is larger for more similar ones. */
export interface Comparator {
  /** Least and largest value. */
  readonly range: readonly [number, number];
  /** Which changes of an RDM's values leave the similarity as it is: any increasing one, a v + b, or only a v, with a above 0. */
  readonly invariance: 'increasing' | 'affine' | 'scale';
  /** Which RDMs are as similar to themselves as can be: not those with ties where ties count as disagreement (Kendall's tau a). */
  readonly identity: 'always' | 'without ties';
  /** What an RDM whose values are all the same is compared to: nothing (NaN), or a number as any other. */
  readonly constant: 'NaN' | 'number';
  /** What is worked out once an RDM, however many it is compared with. */
  prepare(values: Float64Array): Float64Array;
  /** Similarity of two prepared RDMs. */
  similarity(a: Float64Array, b: Float64Array): number;
  /** What subjects' RDMs become before they are averaged, so that none weighs more than another. */
  normalise(values: Float64Array): Float64Array;
}

/** Names of comparators; each means what scipy.stats means by it. */
export type ComparatorName = 'spearman' | 'pearson';

/** Every comparator. A new one joins here and is tested by it. */
export const COMPARATORS: Readonly<Record<ComparatorName, Comparator>> = {
  spearman: {
    range: [-1, 1],
    invariance: 'increasing',
    identity: 'always',
    constant: 'NaN',
    prepare: (values) => unitDeviations(averageRanks(values)),
    similarity: clampedProduct,
    normalise: averageRanks,
  },
  pearson: {
    range: [-1, 1],
    invariance: 'affine',
    identity: 'always',
    constant: 'NaN',
    prepare: unitDeviations,
    similarity: clampedProduct,
    normalise: unitDeviations,
  },
};

/**
 * Similarity of two vectors of dissimilarities.
 *
 * spearman: Pearson correlation of the ranks, ties sharing the mean of theirs. pearson: sum of products of deviations over the root of the
 * product of their squares. Both are NaN where either vector holds NaN, is constant, or has fewer than two values.
 * @param a nPairs
 * @param b nPairs
 * @throws ShapeError where the lengths differ
 * @source scipy.stats.spearmanr, scipy.stats.pearsonr
 */
export function compare(a: ArrayLike<number>, b: ArrayLike<number>, comparator: ComparatorName = 'spearman'): number {
  if (a.length !== b.length) {
    throw new ShapeError(`compare: expected two RDMs of the same size, got ${a.length} and ${b.length} values`);
  }
  const { prepare, similarity } = COMPARATORS[comparator];
  return similarity(prepare(Float64Array.from(a)), prepare(Float64Array.from(b)));
}

/** Deviations from the mean, scaled to unit length; NaN throughout where the values hold NaN or infinity, or are all the same. */
export function unitDeviations(values: Float64Array): Float64Array {
  const n = values.length;
  let constant = true;
  let largest = 0;
  for (let k = 0; k < n; k++) {
    if (!Number.isFinite(values[k])) return new Float64Array(n).fill(Number.NaN);
    if (values[k] !== values[0]) constant = false;
    largest = Math.max(largest, Math.abs(values[k]));
  }
  if (constant) return new Float64Array(n).fill(Number.NaN);
  // Divided by the largest first, so that squares neither overflow nor vanish; centred twice, because the first mean is rounded.
  let sum = 0;
  for (let k = 0; k < n; k++) sum += values[k] / largest;
  const mean = sum / n;
  const deviations = new Float64Array(n);
  let rest = 0;
  for (let k = 0; k < n; k++) rest += deviations[k] = values[k] / largest - mean;
  rest /= n;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    deviations[k] -= rest;
    squares += deviations[k] * deviations[k];
  }
  const length = Math.sqrt(squares);
  for (let k = 0; k < n; k++) deviations[k] /= length;
  return deviations;
}

function clampedProduct(a: Float64Array, b: Float64Array): number {
  if (a.length === 0) return Number.NaN;
  let product = 0;
  for (let k = 0; k < a.length; k++) product += a[k] * b[k];
  return Math.min(1, Math.max(-1, product));
}
