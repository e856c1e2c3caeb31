import { ShapeError } from '../core/errors.ts';
import { type ChannelWeights, weightParts } from './channel-weights.ts';
import type { StageLayout } from './stage-layout.ts';

/** What features are multiplied by in an embedding, each by its own value: in the order of the concatenated stages, flattened. */
export interface FeatureWeights {
  readonly features: Float64Array;
}

/** What features are multiplied by in an embedding: by channel, or each by its own value. */
export type EmbeddingWeights = ChannelWeights | FeatureWeights;

/** What is known of an image's embedding y once its features have passed. */
export interface EmbeddingMoments {
  readonly mean: number;
  /** Sum of y^2. */
  readonly energy: number;
  /** For each stage the sum over its features of (y - mean)^2. */
  readonly stageVariances: readonly number[];
}

/** Some features that lie side by side: those of whole channels, or a part of one. */
export interface FeaturePiece {
  readonly firstFeature: number;
  readonly firstChannel: number;
  readonly nChannels: number;
  /** Features of a channel that are in the piece. */
  readonly perChannel: number;
}

/** How features become embeddings: each image passes once as a whole, then all of them piece after piece. */
export interface Weighing {
  moments(features: readonly Float32Array[], image: number): EmbeddingMoments;
  /** The embedding of a piece of an image that has passed, less its mean, into `out`. */
  centred(raw: Float32Array, out: Float64Array, piece: FeaturePiece, image: number, mean: number): void;
}

/**
 * @throws ShapeError where the weights' number is not that of the channels or features
 */
export function weighingBy(weights: EmbeddingWeights, layout: StageLayout, nImages: number): Weighing {
  return isFeatureWeights(weights) ? byFeature(weights.features, layout) : byChannel(weights, layout, nImages);
}

function isFeatureWeights(weights: EmbeddingWeights): weights is FeatureWeights {
  return 'features' in weights;
}

function byChannel(weights: ChannelWeights, { places, nChannels, nFeatures }: StageLayout, nImages: number): Weighing {
  const { pattern, mean: ofMean } = weightParts(weights);
  checkCount(pattern, nChannels, 'channel');
  const channelMeans = new Float64Array(nImages * nChannels);
  const patternEnergies = new Float64Array(nChannels);
  return {
    moments(features, image) {
      const means = channelMeans.subarray(image * nChannels, (image + 1) * nChannels);
      let [sum, energy] = [0, 0];
      for (const [k, { firstChannel, nPositions }] of places.entries()) {
        const values = features[k];
        for (let start = 0, c = firstChannel; start < values.length; start += nPositions, c++) {
          let [channelSum, channelEnergy] = [0, 0];
          for (let p = start; p < start + nPositions; p++) {
            channelSum += values[p];
            channelEnergy += values[p] * values[p];
          }
          means[c] = channelSum / nPositions;
          patternEnergies[c] = pattern[c] ** 2 * (channelEnergy - channelSum * means[c]);
          sum += ofMean[c] * channelSum;
          energy += patternEnergies[c] + ofMean[c] ** 2 * channelSum * means[c];
        }
      }
      const mean = sum / nFeatures;
      const stageVariances = places.map(({ stage, firstChannel, nPositions }) => {
        let variance = 0;
        for (let c = firstChannel; c < firstChannel + stage.channels; c++) {
          variance += patternEnergies[c] + nPositions * (ofMean[c] * means[c] - mean) ** 2;
        }
        return variance;
      });
      return { mean, energy, stageVariances };
    },
    centred(raw, out, piece, image, mean) {
      for (let channel = 0, p = 0; channel < piece.nChannels; channel++) {
        const c = piece.firstChannel + channel;
        const weight = pattern[c];
        const offset = (ofMean[c] - weight) * channelMeans[image * nChannels + c] - mean;
        for (const end = p + piece.perChannel; p < end; p++) out[p] = weight * raw[p] + offset;
      }
    },
  };
}

function byFeature(weights: Float64Array, { places, nFeatures }: StageLayout): Weighing {
  checkCount(weights, nFeatures, 'feature');
  return {
    moments(features) {
      let [sum, energy] = [0, 0];
      for (const [k, { firstFeature }] of places.entries()) {
        const values = features[k];
        for (let p = 0; p < values.length; p++) {
          const weighed = weights[firstFeature + p] * values[p];
          sum += weighed;
          energy += weighed * weighed;
        }
      }
      const mean = sum / nFeatures;
      const stageVariances = places.map(({ firstFeature }, k) => {
        const values = features[k];
        let variance = 0;
        for (let p = 0; p < values.length; p++) variance += (weights[firstFeature + p] * values[p] - mean) ** 2;
        return variance;
      });
      return { mean, energy, stageVariances };
    },
    centred(raw, out, { firstFeature }, _, mean) {
      for (let p = 0; p < raw.length; p++) out[p] = weights[firstFeature + p] * raw[p] - mean;
    },
  };
}

function checkCount({ length }: Float64Array, expected: number, what: string): void {
  if (length === expected) return;
  throw new ShapeError(
    `embedding: expected ${expected} ${what} weights, got ${length}; use the encoder with the stages it was fitted on`,
  );
}
