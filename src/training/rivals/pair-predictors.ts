import { embeddingMoments } from '../../encoder/predict.ts';
import type { PairStatistics } from '../../features/pair-statistics.ts';
import { layOutStages } from '../../features/stage-layout.ts';

/**
 * What feature reweighting predicts a pair's dissimilarity from, one number a channel: the products of the two images' standardised
 * activations, summed over the channel's positions,
 *
 * x_ijc = sum_p z_icp z_jcp / D, z_i all D features of image i less their mean, divided by their standard deviation,
 *
 * so that sum_c x_ijc is Pearson's correlation of the two images over all stages, none weighed.
 * @returns nPairs x nChannels, in the precision of the statistics' products, in memory that threads share where the platform has it
 * @throws UsageError naming an image whose features are constant
 * @source Kaniuth & Hebart 2022, NeuroImage 257:119294; Peterson et al. 2018, Cogn. Sci. 42:2648
 */
export function pairPredictors(statistics: PairStatistics): Float32Array | Float64Array {
  const { conditions, products } = statistics;
  const { centred, inverse } = standardisedSums(statistics);
  const nChannels = centred.length / conditions.length;
  const rows = sharedLike(products);
  let at = 0;
  for (let i = 0; i < conditions.length; i++) {
    for (let j = i + 1; j < conditions.length; j++) {
      const factor = inverse[i] * inverse[j];
      for (let a = i * nChannels, b = j * nChannels, end = a + nChannels; a < end; a++, b++, at++) {
        rows[at] = products[at] * factor + centred[a] * centred[b];
      }
    }
  }
  return rows;
}

/**
 * sum_c w_c x_ijc of all pairs, without keeping the predictors.
 * @param weights one a channel
 * @returns nPairs, condensed
 * @throws UsageError naming an image whose features are constant
 */
export function reweightedProducts(statistics: PairStatistics, weights: Float64Array): Float64Array {
  const { conditions, products } = statistics;
  const { centred, inverse } = standardisedSums(statistics);
  const nChannels = weights.length;
  const values = new Float64Array(products.length / nChannels);
  let [at, pair] = [0, 0];
  for (let i = 0; i < conditions.length; i++) {
    for (let j = i + 1; j < conditions.length; j++, pair++) {
      const factor = inverse[i] * inverse[j];
      for (let c = 0, a = i * nChannels, b = j * nChannels; c < nChannels; c++, a++, b++, at++) {
        values[pair] += weights[c] * (products[at] * factor + centred[a] * centred[b]);
      }
    }
  }
  return values;
}

/** (S_ic - n_c mu_i) / sqrt(n_c V_i) for every image and channel, and 1 / sqrt(V_i): V_i is D times the variance of all features of an image. */
function standardisedSums(statistics: PairStatistics): { centred: Float64Array; inverse: Float64Array } {
  const { places, nChannels, nFeatures } = layOutStages(statistics.stages);
  const { sums, variances } = embeddingMoments(statistics, new Float64Array(nChannels).fill(1));
  const inverse = variances.map((variance) => 1 / Math.sqrt(variance));
  const centred = new Float64Array(statistics.sums.length);
  for (const image of inverse.keys()) {
    const mean = sums[image] / nFeatures;
    for (const { stage, firstChannel, nPositions } of places) {
      const factor = inverse[image] / Math.sqrt(nPositions);
      for (let at = image * nChannels + firstChannel, c = 0; c < stage.channels; c++, at++) {
        centred[at] = (statistics.sums[at] - nPositions * mean) * factor;
      }
    }
  }
  return { centred, inverse };
}

function sharedLike({ length, BYTES_PER_ELEMENT: size }: Float32Array | Float64Array): Float32Array | Float64Array {
  const Memory = typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer;
  return size === 4 ? new Float32Array(new Memory(4 * length)) : new Float64Array(new Memory(8 * length));
}
