import { conditionsOfCondensed } from '../../core/condensed.ts';
import { everyPair, type PairSample } from '../pair-sample.ts';
import { type Comparator, meanPrepared, sampleValues } from './comparator.ts';
import { deviations, unitDeviations, unitValues } from './deviations.ts';

/**
 * Estimated dissimilarities that share a condition share its noise. Whitened comparators weigh them by the inverse of their covariance,
 * x' V^-1 y / sqrt(x' V^-1 x y' V^-1 y) with V = (C C') o (C C'), C the contrasts of every two conditions and o the product of elements:
 * conditions measured with noise that is independent and alike. V holds 4 on its diagonal, 1 where two pairs share a condition, else 0.
 *
 * In a sample with replacement copies count as conditions of their own, without the pairs of a condition with its copy.
 * @source Diedrichsen et al. 2021, "Comparing representational geometries using whitened unbiased-distance-matrix similarity"; rsatoolbox
 * corr_cov and cosine_cov without sigma_k
 */
const whitened = { range: [-1, 1], compares: 'pairs of conditions', similarity, relabel, meanPrepared } as const;

/** Cosine of the whitened RDMs: linear centred kernel alignment of the patterns. */
export const whitenedCosine: Comparator = {
  ...whitened,
  invariance: 'scale',
  identity: 'always',
  constant: 'number',
  prepare: (values) => whiten(unitValues(values), everyPair(conditionsOfCondensed(values.length))),
  prepareSample: (rdm, sample) => whiten(unitValues(sampleValues(rdm, sample)), sample),
  normalise: unitValues,
};

/** The same of the deviations from each RDM's mean. */
export const whitenedCorrelation: Comparator = {
  ...whitened,
  invariance: 'affine',
  identity: 'always',
  constant: 'NaN',
  prepare: (values) => whiten(deviations(values, null), everyPair(conditionsOfCondensed(values.length))),
  prepareSample: (rdm, sample) => whiten(deviations(sampleValues(rdm, sample), sample.weights), sample),
  normalise: unitDeviations,
};

/**
 * An RDM x beside z = V^-1 x, both over sqrt(x' z), x times how often each pair is in the sample.
 *
 * V = 2 I + N' N with N the incidence of conditions and pairs, so 2 z_ij = x_ij - t_i - t_j with t_i = sum_j w_j z_ij over the conditions j
 * that make pairs with i. Summing that over j leaves (2 + n - 2 w_i) t_i + sum_j w_j t_j = sum_j w_j x_ij: a diagonal and a product.
 */
function whiten(x: Float64Array, { rows, columns, counts, nConditions, weights }: PairSample): Float64Array {
  const m = x.length;
  const sums = new Float64Array(nConditions);
  for (let k = 0; k < m; k++) {
    sums[rows[k]] += counts[columns[k]] * x[k];
    sums[columns[k]] += counts[rows[k]] * x[k];
  }
  let n = 0;
  for (let i = 0; i < nConditions; i++) n += counts[i];
  let numerator = 0;
  let denominator = 1;
  for (let i = 0; i < nConditions; i++) {
    if (counts[i] === 0) continue;
    const share = counts[i] / (2 + n - 2 * counts[i]);
    numerator += share * sums[i];
    denominator += share;
  }
  const shared = numerator / denominator;
  for (let i = 0; i < nConditions; i++) {
    // A single condition drawn n times has no pairs; any number will do for it.
    sums[i] = (sums[i] - shared) / Math.max(1, 2 + n - 2 * counts[i]);
  }
  const prepared = new Float64Array(2 * m);
  let energy = 0;
  for (let k = 0; k < m; k++) {
    prepared[k] = weights[k] * x[k];
    prepared[m + k] = (x[k] - sums[rows[k]] - sums[columns[k]]) / 2;
    energy += prepared[k] * prepared[m + k];
  }
  const length = Math.sqrt(energy);
  for (let k = 0; k < 2 * m; k++) prepared[k] /= length;
  return prepared;
}

function similarity(a: Float64Array, b: Float64Array): number {
  const m = a.length / 2;
  if (m === 0) return Number.NaN;
  let product = 0;
  for (let k = 0; k < m; k++) product += a[k] * b[m + k];
  return Math.min(1, Math.max(-1, product));
}

function relabel(prepared: Float64Array, from: Uint32Array): Float64Array {
  const m = from.length;
  const relabelled = new Float64Array(2 * m);
  for (let k = 0; k < m; k++) {
    relabelled[k] = prepared[from[k]];
    relabelled[m + k] = prepared[m + from[k]];
  }
  return relabelled;
}
