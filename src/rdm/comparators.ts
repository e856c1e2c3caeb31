import { ShapeError } from '../core/errors.ts';
import type { Comparator } from './comparators/comparator.ts';
import { tauA, tauB } from './comparators/kendall.ts';
import { cosine, pearson, rhoA, spearman } from './comparators/products.ts';
import { whitenedCorrelation, whitenedCosine } from './comparators/whitened.ts';

export type { Comparator, SortedRdm } from './comparators/comparator.ts';

/** Names of comparators. */
export type ComparatorName =
  | 'spearman'
  | 'pearson'
  | 'tau-a'
  | 'tau-b'
  | 'rho-a'
  | 'cosine'
  | 'whitened-correlation'
  | 'whitened-cosine';

/** Every comparator. A new one joins here and is tested by it. */
export const COMPARATORS: Readonly<Record<ComparatorName, Comparator>> = {
  spearman,
  pearson,
  'tau-a': tauA,
  'tau-b': tauB,
  'rho-a': rhoA,
  cosine,
  'whitened-correlation': whitenedCorrelation,
  'whitened-cosine': whitenedCosine,
};

/** Every comparator's name, for messages and menus. */
export const COMPARATOR_NAMES = Object.keys(COMPARATORS) as readonly ComparatorName[];

/**
 * Similarity of two vectors of dissimilarities.
 *
 * spearman: Pearson correlation of the ranks, ties sharing the mean of theirs. pearson: sum of products of deviations over the root of the
 * product of their squares. tau-a, tau-b: Kendall's, without and with correction for ties. rho-a: Spearman's without correction for ties.
 * cosine: sum of products over the root of the product of sums of squares. whitened-correlation, whitened-cosine: pearson and cosine under
 * the inverse of the covariance of dissimilarities that share conditions.
 *
 * All are NaN where either vector holds NaN or there are no values; spearman, pearson, tau-b and whitened-correlation also where either is
 * constant, cosine and whitened-cosine where either is 0 throughout, tau-a and rho-a where there is one value. Infinite values have a rank;
 * comparators that do not go by rank are NaN.
 * @param a nPairs
 * @param b nPairs
 * @throws ShapeError where the lengths differ, or a whitened comparator gets no n (n - 1) / 2 values
 * @source scipy.stats.spearmanr, pearsonr, kendalltau; rsatoolbox for the others
 */
export function compare(a: ArrayLike<number>, b: ArrayLike<number>, comparator: ComparatorName = 'spearman'): number {
  if (a.length !== b.length) {
    throw new ShapeError(`compare: expected two RDMs of the same size, got ${a.length} and ${b.length} values`);
  }
  const { prepare, similarity } = COMPARATORS[comparator];
  return similarity(prepare(Float64Array.from(a)), prepare(Float64Array.from(b)));
}
