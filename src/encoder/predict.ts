import { condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { type ChannelWeights, weightParts } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Readout } from './encoder.ts';

/** Below this part of an embedding's energy its variance is rounding error: the embedding is constant. */
export const CONSTANT_EMBEDDING = 1e-12;

/**
 * Predicted dissimilarities of every pair of images: 1 - Pearson correlation of their weighted, concatenated features.
 *
 * d_ij = 1 - (sum_c w_c^2 P_ijc - B_i B_j / D) / sqrt(V_i V_j), B_i = sum_c w_c S_ic, V_i = sum_c w_c^2 E_ic - B_i^2 / D,
 * with E, S the statistics' energies and sums, P_ijc = products_ijc + S_ic S_jc / n_c, n_c a channel's positions, and D the number of features.
 * Where pattern (p) and mean (q) of a channel are weighed apart, w_c^2 P_ijc becomes p_c^2 products_ijc + q_c^2 S_ic S_jc / n_c, likewise
 * w_c^2 E_ic, and B_i = sum_c q_c S_ic.
 * r is held to [-1, 1], which rounding can leave.
 * A NaN among an image's statistics makes its pairs NaN.
 * @param weights w, one a channel: `channelWeights(encoder)`
 * @returns nPairs values, condensed (i < j, row-major)
 * @throws ShapeError where the weights do not match the statistics' channels
 * @throws UsageError naming an image whose weighted features are constant, which correlate with nothing
 */
export function predictDissimilarities(statistics: PairStatistics, weights: ChannelWeights): Float64Array {
  const { products, sums: channelSums } = statistics;
  const { pattern, mean } = weightParts(weights);
  const nImages = statistics.conditions.length;
  const nChannels = pattern.length;
  const nPairs = condensedLength(nImages);
  if (products.length !== nPairs * nChannels) {
    throw new ShapeError(
      `prediction: expected products of ${nPairs} pairs x ${nChannels} channels, got ${products.length} numbers; use the backbone and stages the encoder was fitted on`,
    );
  }
  const squares = pattern.map((weight) => weight * weight);
  const ofMeans = meanSquares(statistics, mean);
  const { sums, variances } = embeddingMoments(statistics, weights);
  const { nFeatures } = layOutStages(statistics.stages);
  const values = new Float64Array(nPairs);
  let pair = 0;
  for (let i = 0; i < nImages; i++) {
    for (let j = i + 1; j < nImages; j++, pair++) {
      let product = 0;
      let [a, b] = [i * nChannels, j * nChannels];
      for (let c = 0, at = pair * nChannels; c < nChannels; c++, at++) {
        product += squares[c] * products[at] + ofMeans[c] * channelSums[a++] * channelSums[b++];
      }
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
  weights: ChannelWeights,
): { sums: Float64Array; variances: Float64Array } {
  const { pattern, mean } = weightParts(weights);
  const nImages = statistics.conditions.length;
  const nChannels = pattern.length;
  if (statistics.sums.length !== nImages * nChannels || statistics.energies.length !== nImages * nChannels) {
    throw new ShapeError(
      `statistics: expected sums and energies of ${nImages} images x ${nChannels} channels, got ${statistics.sums.length} and ${statistics.energies.length}; use the backbone and stages the encoder was fitted on`,
    );
  }
  const { nFeatures } = layOutStages(statistics.stages);
  const ofMeans = meanSquares(statistics, mean);
  const ofPatterns = meanSquares(statistics, pattern);
  const sums = new Float64Array(nImages);
  const variances = new Float64Array(nImages);
  for (let i = 0; i < nImages; i++) {
    let energy = 0;
    for (let c = 0, at = i * nChannels; c < nChannels; c++, at++) {
      const sum = statistics.sums[at];
      sums[i] += mean[c] * sum;
      energy += pattern[c] * pattern[c] * statistics.energies[at] + (ofMeans[c] - ofPatterns[c]) * sum * sum;
    }
    variances[i] = energy - (sums[i] * sums[i]) / nFeatures;
    if (variances[i] <= CONSTANT_EMBEDDING * energy) throw constantEmbedding(statistics.conditions[i]);
  }
  return { sums, variances };
}

/** Square of each channel's weight over the channel's positions. */
function meanSquares({ stages }: PairStatistics, weights: Float64Array): Float64Array {
  const squares = new Float64Array(weights.length);
  for (const { stage, firstChannel, nPositions } of layOutStages(stages).places) {
    for (let c = firstChannel; c < firstChannel + stage.channels; c++) squares[c] = weights[c] ** 2 / nPositions;
  }
  return squares;
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
