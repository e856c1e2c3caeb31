import { condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Readout } from './encoder.ts';

/** Below this part of an embedding's energy its variance is rounding error: the embedding is constant. */
export const CONSTANT_EMBEDDING = 1e-12;

/**
 * Predicted dissimilarities of every pair of images: 1 - Pearson correlation of their weighted, concatenated features.
 *
 * d_ij = 1 - (sum_c w_c^2 P_ijc - B_i B_j / D) / sqrt(V_i V_j), B_i = sum_c w_c S_ic, V_i = sum_c w_c^2 E_ic - B_i^2 / D,
 * with P, E, S the statistics' products, energies and sums and D the number of features. r is held to [-1, 1], which rounding can leave.
 * A NaN among an image's statistics makes its pairs NaN.
 * @param weights w, one a channel: `channelWeights(encoder)`
 * @returns nPairs values, condensed (i < j, row-major)
 * @throws ShapeError where the weights do not match the statistics' channels
 * @throws UsageError naming an image whose weighted features are constant, which correlate with nothing
 */
export function predictDissimilarities(statistics: PairStatistics, weights: Float64Array): Float64Array {
  const { products } = statistics;
  const nImages = statistics.conditions.length;
  const nChannels = weights.length;
  const nPairs = condensedLength(nImages);
  if (products.length !== nPairs * nChannels) {
    throw new ShapeError(
      `prediction: expected products of ${nPairs} pairs x ${nChannels} channels, got ${products.length} numbers; use the backbone and stages the encoder was fitted on`,
    );
  }
  const squares = weights.map((weight) => weight * weight);
  const { sums, variances } = embeddingMoments(statistics, weights);
  const { nFeatures } = layOutStages(statistics.stages);
  const values = new Float64Array(nPairs);
  let pair = 0;
  for (let i = 0; i < nImages; i++) {
    for (let j = i + 1; j < nImages; j++, pair++) {
      let product = 0;
      for (let c = 0, at = pair * nChannels; c < nChannels; c++, at++) product += squares[c] * products[at];
      const r = (product - (sums[i] * sums[j]) / nFeatures) / Math.sqrt(variances[i] * variances[j]);
      values[pair] = 1 - Math.min(1, Math.max(-1, r));
    }
  }
  return values;
}

/**
 * Sum over features and (D times the) variance of each image's weighted embedding.
 * @returns `sums` B_i and `variances` V_i as in `predictDissimilarities`, one an image
 * @throws UsageError naming an image whose weighted features are constant
 */
export function embeddingMoments(
  statistics: PairStatistics,
  weights: Float64Array,
): { sums: Float64Array; variances: Float64Array } {
  const nImages = statistics.conditions.length;
  const nChannels = weights.length;
  if (statistics.sums.length !== nImages * nChannels || statistics.energies.length !== nImages * nChannels) {
    throw new ShapeError(
      `statistics: expected sums and energies of ${nImages} images x ${nChannels} channels, got ${statistics.sums.length} and ${statistics.energies.length}; use the backbone and stages the encoder was fitted on`,
    );
  }
  const { nFeatures } = layOutStages(statistics.stages);
  const sums = new Float64Array(nImages);
  const variances = new Float64Array(nImages);
  for (let i = 0; i < nImages; i++) {
    let energy = 0;
    for (let c = 0, at = i * nChannels; c < nChannels; c++, at++) {
      sums[i] += weights[c] * statistics.sums[at];
      energy += weights[c] * weights[c] * statistics.energies[at];
    }
    variances[i] = energy - (sums[i] * sums[i]) / nFeatures;
    if (variances[i] <= CONSTANT_EMBEDDING * energy) throw constantEmbedding(statistics.conditions[i]);
  }
  return { sums, variances };
}

/** The error of an image whose embedding has no variance. */
export function constantEmbedding(image: string): UsageError {
  return new UsageError(
    `image ${image}: expected features that vary, got the same masked value everywhere, which correlates with nothing; leave the image out or use stages that see it`,
  );
}

/** What a data set's values are predicted to be: exp(alpha) d + b. */
export function applyReadout(dissimilarities: Float64Array, readout: Readout): Float64Array {
  const slope = Math.exp(readout.alpha);
  return dissimilarities.map((dissimilarity) => slope * dissimilarity + readout.b);
}
