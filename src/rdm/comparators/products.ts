import { averageRanks } from '../../core/ranks.ts';
import type { PairSample } from '../pair-sample.ts';
import { type Comparator, meanPrepared, sampleValues } from './comparator.ts';
import {
  sampleRankDeviations,
  sampleUnitDeviations,
  sampleUnitValues,
  unitDeviations,
  unitValues,
} from './deviations.ts';

/** Comparators that are inner products of what each RDM becomes by itself. */
const product = {
  range: [-1, 1],
  compares: 'values',
  similarity: clampedProduct,
  relabel: gather,
  meanPrepared,
} as const;

/** Pearson correlation of the ranks, ties sharing the mean of theirs. */
export const spearman: Comparator = {
  ...product,
  invariance: 'increasing',
  identity: 'always',
  constant: 'NaN',
  prepare: (values) => unitDeviations(averageRanks(values)),
  prepareSample: (rdm, sample) => {
    const { deviations, squares } = sampleRankDeviations(rdm, sample);
    return rooted(deviations, sample, squares > 0 ? 1 / Math.sqrt(squares) : Number.NaN);
  },
  normalise: averageRanks,
};

/** Sum of products of deviations over the root of the product of their squares. */
export const pearson: Comparator = {
  ...product,
  invariance: 'affine',
  identity: 'always',
  constant: 'NaN',
  prepare: unitDeviations,
  prepareSample: (rdm, sample) => sampleUnitDeviations(sampleValues(rdm, sample), sample),
  normalise: unitDeviations,
};

/** Sum of products over the root of the product of sums of squares. */
export const cosine: Comparator = {
  ...product,
  invariance: 'scale',
  identity: 'always',
  constant: 'number',
  prepare: unitValues,
  prepareSample: (rdm, sample) => sampleUnitValues(sampleValues(rdm, sample), sample),
  normalise: unitValues,
};

/**
 * Spearman's without correction for ties: 12 sum_k (p_k - (N + 1) / 2) (q_k - (N + 1) / 2) / (N^3 - N), p and q the ranks of N values. It is
 * what to expect of Spearman's when ties are broken at random.
 * @source Schütt et al. 2023, eLife 12:e82566
 */
export const rhoA: Comparator = {
  ...product,
  invariance: 'increasing',
  identity: 'without ties',
  constant: 'number',
  prepare: (values) => {
    const middle = (values.length + 1) / 2;
    const scale = rankScale(values.length);
    return averageRanks(values).map((rank) => scale * (rank - middle));
  },
  prepareSample: (rdm, sample) => {
    return rooted(sampleRankDeviations(rdm, sample).deviations, sample, rankScale(sample.total));
  },
  normalise: averageRanks,
};

/** Values times the roots of how often they were drawn, so that their products are of the values as often as that; in place. */
function rooted(values: Float64Array, { roots }: PairSample, scale: number): Float64Array {
  for (let k = 0; k < values.length; k++) values[k] *= scale * roots[k];
  return values;
}

/** One over the root of the sum of squares of n ranks without ties less their mean; a single one has nothing to be ranked against. */
function rankScale(n: number): number {
  return n > 1 ? Math.sqrt(12 / (n ** 3 - n)) : Number.NaN;
}

function clampedProduct(a: Float64Array, b: Float64Array): number {
  if (a.length === 0) return Number.NaN;
  let product = 0;
  for (let k = 0; k < a.length; k++) product += a[k] * b[k];
  return Math.min(1, Math.max(-1, product));
}

function gather(prepared: Float64Array, from: Uint32Array): Float64Array {
  const relabelled = new Float64Array(prepared.length);
  for (let k = 0; k < relabelled.length; k++) relabelled[k] = prepared[from[k]];
  return relabelled;
}
