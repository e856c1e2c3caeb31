import { condensedLength } from '../core/condensed.ts';
import { ShapeError } from '../core/errors.ts';
import { weightParts } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import { channelWeights } from './channel-weights.ts';
import type { Encoder } from './encoder.ts';
import { embeddingMoments } from './predict.ts';

/**
 * What each stage adds to the predicted dissimilarity of every pair of images.
 *
 * d_ij^s = (v_si / V_i + v_sj / V_j) / 2 - c_sij / sqrt(V_i V_j) = |z_i - z_j|^2 / 2 over the features of stage s, z = (y - mu) / sqrt(V) the
 * standardised embedding y: c_sij is the sum over the stage's features of (y_i - mu_i) (y_j - mu_j), v_si that of (y_i - mu_i)^2, V_i the sum
 * of v_si over all stages, mu_i the mean of y_i over the features of all stages. So parts are at least 0, and sum to `predictDissimilarities`.
 * Rounding alone makes a part negative, where two images are the same to a stage; it is 0 then, and the sum off by as little as the
 * products' precision (1e-7 in float32). A NaN among an image's statistics makes its pairs NaN.
 * @returns nStages x nPairs, pairs condensed (i < j, row-major)
 * @throws ShapeError where the statistics are of other stages
 * @throws UsageError naming an image whose weighted features are constant; for a mask of features, whose parts `predictStream` gives
 */
export function stageParts(statistics: PairStatistics, encoder: Encoder): Float64Array {
  const weights = channelWeights(encoder);
  const { pattern, mean: ofMean } = weightParts(weights);
  const { places, nChannels, nFeatures } = layOutStages(encoder.stages);
  const { products, energies, sums } = statistics;
  const nImages = statistics.conditions.length;
  const nPairs = condensedLength(nImages);
  if (products.length !== nPairs * nChannels) {
    throw new ShapeError(
      `stage parts: expected products of ${nPairs} pairs x ${nChannels} channels, got ${products.length} numbers; use the backbone and stages the encoder was fitted on`,
    );
  }
  const { sums: embeddingSums, variances } = embeddingMoments(statistics, weights);
  const means = embeddingSums.map((sum) => sum / nFeatures);
  const squares = pattern.map((weight) => weight ** 2);
  const parts = new Float64Array(places.length * nPairs);
  for (const [s, { stage, firstChannel, nPositions }] of places.entries()) {
    const end = firstChannel + stage.channels;
    const nStageFeatures = stage.channels * nPositions;
    const ofMeans = ofMean.map((weight) => weight ** 2 / nPositions);
    const stageSums = new Float64Array(nImages);
    const shares = new Float64Array(nImages);
    for (let i = 0; i < nImages; i++) {
      let energy = 0;
      for (let c = firstChannel, at = i * nChannels + c; c < end; c++, at++) {
        stageSums[i] += ofMean[c] * sums[at];
        energy += squares[c] * (energies[at] - sums[at] ** 2 / nPositions) + ofMeans[c] * sums[at] ** 2;
      }
      shares[i] = (energy - 2 * means[i] * stageSums[i] + nStageFeatures * means[i] ** 2) / variances[i];
    }
    for (let i = 0, pair = 0; i < nImages; i++) {
      for (let j = i + 1; j < nImages; j++, pair++) {
        let covariance = nStageFeatures * means[i] * means[j] - means[i] * stageSums[j] - means[j] * stageSums[i];
        let [a, b, at] = [i * nChannels + firstChannel, j * nChannels + firstChannel, pair * nChannels + firstChannel];
        for (let c = firstChannel; c < end; c++) {
          covariance += squares[c] * products[at++] + ofMeans[c] * sums[a++] * sums[b++];
        }
        const part = (shares[i] + shares[j]) / 2 - covariance / Math.sqrt(variances[i] * variances[j]);
        parts[s * nPairs + pair] = Math.max(0, part);
      }
    }
  }
  return parts;
}
