import { condensedLength } from '../core/condensed.ts';
import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import { type Gram, plainGram } from '../core/gram.ts';
import type { OnProgress } from '../core/progress.ts';
import type { OpenScratch } from '../formats/source.ts';
import { type ChannelWeights, type SplitWeights, weightParts } from './channel-weights.ts';
import type { FeatureStream } from './features.ts';
import { memoryScratch } from './memory-scratch.ts';
import { type SpilledFeatures, spillFeatures } from './spilled-features.ts';
import { channelBlocks, layOutStages } from './stage-layout.ts';

/** How the RDM of embeddings is computed. */
export interface EmbeddingRdmOptions {
  /** Room for all features once, in memory by default. */
  readonly openScratch?: OpenScratch;
  /** The product of rows, which are float64 and centred; plain loops by default. */
  readonly gram?: Gram;
  readonly onProgress?: OnProgress | undefined;
}

// Numbers of one block of centred rows, all images together.
const MAX_ROW_VALUES = 8_000_000;

// Rounding alone leaves less than this share of a constant embedding's energy as its variance.
const CONSTANT = 1e-20;

/**
 * Dissimilarities of images whose embedding is all stages' features, each channel times its weight, flattened and concatenated:
 * d_ij = 1 - Pearson(w x_i, w x_j) over all D features. Memory is bounded by blocks of features and the n x n result, so it serves a
 * thousand images, where the statistics of all pairs would not fit.
 *
 * @param channelWeights one a channel of the concatenated stages: mask times scale; a channel whose pattern and mean are weighed apart becomes
 *   pattern weight x (feature - mean of the channel) + mean weight x mean of the channel
 * @returns condensed, n (n - 1) / 2
 * @throws ShapeError where the weights' number is not that of the channels; FormatError where a feature is NaN or infinite; UsageError
 *   naming the images whose embedding is constant, which correlate with nothing
 */
export async function embeddingRdm(
  stream: FeatureStream,
  channelWeights: ChannelWeights,
  { openScratch = memoryScratch, gram = plainGram, onProgress }: EmbeddingRdmOptions = {},
): Promise<Float64Array> {
  const layout = layOutStages(stream.stages);
  const n = stream.conditions.length;
  const weights = weightParts(channelWeights);
  if (weights.pattern.length !== layout.nChannels) {
    throw new ShapeError(
      `embedding: expected ${layout.nChannels} channel weights, got ${weights.pattern.length}; use the encoder with the stages it was fitted on`,
    );
  }
  const means = new Float64Array(n);
  const energies = new Float64Array(n);
  const channelMeans = new Float64Array(n * layout.nChannels);
  const spilled = await spillFeatures(stream, openScratch, (features, image) => {
    const ofImage = channelMeans.subarray(image * layout.nChannels, (image + 1) * layout.nChannels);
    const { sum, energy } = weightedMoments(features, stream, weights, ofImage);
    if (!Number.isFinite(energy)) {
      throw new FormatError(stream.conditions[image], 'expected finite features and weights, got NaN or infinity');
    }
    means[image] = sum / layout.nFeatures;
    energies[image] = energy;
  });
  try {
    const covariances = await centredProducts(spilled, weights, channelMeans, means, { gram, onProgress });
    return dissimilarities(covariances, energies, stream.conditions);
  } finally {
    await spilled.dispose();
  }
}

/** Sum and energy of an image's embedding; the means of its channels go into `channelMeans`. */
function weightedMoments(
  features: readonly Float32Array[],
  { stages }: FeatureStream,
  { pattern, mean }: SplitWeights,
  channelMeans: Float64Array,
) {
  let [channel, sum, energy] = [0, 0, 0];
  stages.forEach(({ channels, height, width }, k) => {
    const values = features[k];
    const nPositions = height * width;
    for (let start = 0; start < channels * nPositions; start += nPositions) {
      let [channelSum, channelEnergy] = [0, 0];
      for (let p = start; p < start + nPositions; p++) {
        channelSum += values[p];
        channelEnergy += values[p] * values[p];
      }
      const ofMean = channelSum / nPositions;
      sum += mean[channel] * channelSum;
      energy +=
        pattern[channel] ** 2 * (channelEnergy - channelSum * ofMean) + mean[channel] ** 2 * channelSum * ofMean;
      channelMeans[channel++] = ofMean;
    }
  });
  return { sum, energy };
}

/** n x n sums over features of (y_i - mean_i) (y_j - mean_j), y the embeddings. */
async function centredProducts(
  spilled: SpilledFeatures,
  weights: SplitWeights,
  channelMeans: Float64Array,
  means: Float64Array,
  { gram, onProgress }: Required<Pick<EmbeddingRdmOptions, 'gram'>> & EmbeddingRdmOptions,
): Promise<Float64Array> {
  const { nImages: n, layout } = spilled;
  const covariances = new Float64Array(n * n);
  const maxFeatures = Math.max(1, Math.floor(MAX_ROW_VALUES / n));
  const room = new Float64Array(n * Math.min(maxFeatures, layout.nFeatures));
  onProgress?.({ phase: 'comparing embeddings', done: 0, total: layout.nFeatures });
  for (const { firstChannel, nChannels, firstFeature, nPositions } of channelBlocks(layout, maxFeatures)) {
    const length = nChannels * nPositions;
    for (let first = 0; first < length; first += maxFeatures) {
      const width = Math.min(maxFeatures, length - first);
      const raw = await spilled.read(firstFeature + first, 1, width);
      const rows = room.subarray(0, n * width);
      const perChannel = nChannels === 1 ? width : nPositions;
      for (let image = 0; image < n; image++) {
        const ofImage = channelMeans.subarray(image * layout.nChannels);
        weighAndCentre(raw, rows, image * width, perChannel, weights, ofImage, firstChannel, nChannels, means[image]);
      }
      const products = await gram(rows, n, width);
      for (let k = 0; k < covariances.length; k++) covariances[k] += products[k];
      onProgress?.({ phase: 'comparing embeddings', done: firstFeature + first + width, total: layout.nFeatures });
    }
  }
  return covariances;
}

/** From `start` on, channel after channel: the weighted feature, less the mean of the image's embedding. */
function weighAndCentre(
  raw: Float32Array,
  rows: Float64Array,
  start: number,
  perChannel: number,
  { pattern, mean: ofMean }: SplitWeights,
  channelMeans: Float64Array,
  firstChannel: number,
  nChannels: number,
  mean: number,
): void {
  for (let channel = 0, p = start; channel < nChannels; channel++) {
    const c = firstChannel + channel;
    const weight = pattern[c];
    const offset = (ofMean[c] - weight) * channelMeans[c] - mean;
    for (const end = p + perChannel; p < end; p++) rows[p] = weight * raw[p] + offset;
  }
}

function dissimilarities(
  covariances: Float64Array,
  energies: Float64Array,
  conditions: readonly string[],
): Float64Array {
  const n = conditions.length;
  const deviations = Float64Array.from({ length: n }, (_, image) => {
    const variance = covariances[image * n + image];
    return variance > CONSTANT * energies[image] ? Math.sqrt(variance) : Number.NaN;
  });
  const constant = conditions.filter((_, image) => Number.isNaN(deviations[image]));
  if (constant.length > 0) {
    throw new UsageError(
      `embedding: the weighted features of ${constant.join(', ')} are constant and correlate with nothing; leave such images out`,
    );
  }
  const values = new Float64Array(condensedLength(n));
  let k = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const correlation = covariances[i * n + j] / (deviations[i] * deviations[j]);
      // Rounding can carry a correlation past 1; a dissimilarity below 0 would be no dissimilarity.
      values[k++] = 1 - Math.min(1, Math.max(-1, correlation));
    }
  }
  return values;
}
