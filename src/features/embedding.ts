import { condensedLength } from '../core/condensed.ts';
import { FormatError, UsageError } from '../core/errors.ts';
import { type Gram, plainGram } from '../core/gram.ts';
import type { OnProgress } from '../core/progress.ts';
import type { OpenScratch } from '../formats/source.ts';
import type { FeatureStream } from './features.ts';
import { memoryScratch } from './memory-scratch.ts';
import { type SpilledFeatures, spillFeatures } from './spilled-features.ts';
import { channelBlocks, layOutStages } from './stage-layout.ts';
import { type EmbeddingMoments, type EmbeddingWeights, type Weighing, weighingBy } from './weighing.ts';

/** How the RDM of embeddings is computed. */
export interface EmbeddingRdmOptions {
  /** Room for all features once, in memory by default. */
  readonly openScratch?: OpenScratch;
  /** The product of rows, which are float64 and centred; plain loops by default. */
  readonly gram?: Gram;
  /** Whether to say what each stage adds, which takes room for n x n numbers a stage; not by default. */
  readonly stageParts?: boolean;
  readonly onProgress?: OnProgress | undefined;
}

// Numbers of one block of centred rows, all images together.
const MAX_ROW_VALUES = 8_000_000;

// Rounding alone leaves less than this share of a constant embedding's energy as its variance.
const CONSTANT = 1e-20;

/** Embeddings of some images, compared. */
export interface EmbeddingComparison {
  /** 1 - Pearson correlation of each pair, condensed, n (n - 1) / 2. */
  readonly dissimilarities: Float64Array;
  /** nImages x nStages: share of each stage in the variance of the image's embedding over its features; an image's shares sum to 1. */
  readonly stageShares: readonly (readonly number[])[];
  /**
   * nStages x nPairs: half the squared distance of the stage's part of two standardised embeddings, at least 0 and summing over stages to the
   * dissimilarity; null where it was not asked for.
   */
  readonly stageParts: Float64Array | null;
}

/**
 * Dissimilarities of images whose embedding is all stages' features, each times its weight, flattened and concatenated:
 * d_ij = 1 - Pearson(w x_i, w x_j) over all D features. Memory is bounded by blocks of features and the n x n result, so it serves a
 * thousand images, where the statistics of all pairs would not fit.
 *
 * @param weights one a channel of the concatenated stages (mask times scale), or one a feature; a channel whose pattern and mean are weighed
 *   apart becomes pattern weight x (feature - mean of the channel) + mean weight x mean of the channel
 * @returns condensed, n (n - 1) / 2
 * @throws ShapeError where the weights' number is not that of the channels or features; FormatError where a feature is NaN or infinite;
 *   UsageError naming the images whose embedding is constant, which correlate with nothing
 */
export async function embeddingRdm(
  stream: FeatureStream,
  weights: EmbeddingWeights,
  options: EmbeddingRdmOptions = {},
): Promise<Float64Array> {
  return (await compareEmbeddings(stream, weights, options)).dissimilarities;
}

/**
 * What `embeddingRdm` gives, and what the stages have in it, in one reading of the stream.
 *
 * Share of stage s = sum over its features of (w x - mu)^2 / the same over all stages, mu the mean of the image's embedding.
 * @throws as `embeddingRdm`
 */
export async function compareEmbeddings(
  stream: FeatureStream,
  weights: EmbeddingWeights,
  options: EmbeddingRdmOptions = {},
): Promise<EmbeddingComparison> {
  return (await compareEmbeddingsBy(stream, [weights], options))[0];
}

/**
 * What `compareEmbeddings` gives by each of several weights, to the last bit, in one reading of the stream.
 * @throws as `embeddingRdm`
 */
export async function compareEmbeddingsBy(
  stream: FeatureStream,
  weights: readonly EmbeddingWeights[],
  { openScratch = memoryScratch, gram = plainGram, stageParts = false, onProgress }: EmbeddingRdmOptions = {},
): Promise<EmbeddingComparison[]> {
  const { conditions } = stream;
  const layout = layOutStages(stream.stages);
  const weighed = weights.map((each) => ({
    weighing: weighingBy(each, layout, conditions.length),
    moments: [] as EmbeddingMoments[],
  }));
  const spilled = await spillFeatures(stream, openScratch, (features, image) => {
    for (const { weighing, moments } of weighed) {
      moments[image] = weighing.moments(features, image);
      if (!Number.isFinite(moments[image].energy)) {
        throw new FormatError(conditions[image], 'expected finite features and weights, got NaN or infinity');
      }
    }
  });
  const comparisons: EmbeddingComparison[] = [];
  try {
    for (const [k, { weighing, moments }] of weighed.entries()) {
      const phase = `comparing embeddings${weights.length > 1 ? `, fit ${k + 1} of ${weights.length}` : ''}`;
      const onDone = (done: number) => onProgress?.({ phase, done, total: layout.nFeatures });
      const byStage = stageParts ? layout.places.map(() => new Float64Array(conditions.length ** 2)) : null;
      const covariances = await centredProducts(spilled, weighing, moments, { gram, byStage, onDone });
      comparisons.push({
        dissimilarities: dissimilarities(covariances, moments, conditions),
        stageShares: moments.map(({ stageVariances }) => {
          const variance = stageVariances.reduce((sum, part) => sum + part, 0);
          return stageVariances.map((part) => part / variance);
        }),
        stageParts: byStage && partsOfStages(byStage, covariances, conditions.length),
      });
    }
  } finally {
    await spilled.dispose();
  }
  return comparisons;
}

/** n x n sums over features of (y_i - mean_i) (y_j - mean_j), y the embeddings; those over each stage's features are added to `byStage`. */
async function centredProducts(
  spilled: SpilledFeatures,
  weighing: Weighing,
  moments: readonly EmbeddingMoments[],
  {
    gram,
    byStage,
    onDone,
  }: {
    readonly gram: Gram;
    readonly byStage: readonly Float64Array[] | null;
    readonly onDone: (nFeatures: number) => void;
  },
): Promise<Float64Array> {
  const { nImages: n, layout } = spilled;
  const covariances = new Float64Array(n * n);
  const maxFeatures = Math.max(1, Math.floor(MAX_ROW_VALUES / n));
  const room = new Float64Array(n * Math.min(maxFeatures, layout.nFeatures));
  onDone(0);
  for (const block of channelBlocks(layout, maxFeatures)) {
    const { firstChannel, nChannels, nPositions } = block;
    const length = nChannels * nPositions;
    for (let first = 0; first < length; first += maxFeatures) {
      const width = Math.min(maxFeatures, length - first);
      const firstFeature = block.firstFeature + first;
      const piece = { firstFeature, firstChannel, nChannels, perChannel: nChannels === 1 ? width : nPositions };
      const raw = await spilled.read(firstFeature, 1, width);
      const rows = room.subarray(0, n * width);
      for (let image = 0; image < n; image++) {
        const [from, to] = [image * width, (image + 1) * width];
        weighing.centred(raw.subarray(from, to), rows.subarray(from, to), piece, image, moments[image].mean);
      }
      const products = await gram(rows, n, width);
      for (let k = 0; k < covariances.length; k++) covariances[k] += products[k];
      const ofStage = byStage?.[layout.places.findLastIndex((place) => place.firstChannel <= firstChannel)];
      if (ofStage !== undefined) for (let k = 0; k < ofStage.length; k++) ofStage[k] += products[k];
      onDone(firstFeature + width);
    }
  }
  return covariances;
}

function dissimilarities(
  covariances: Float64Array,
  moments: readonly EmbeddingMoments[],
  conditions: readonly string[],
): Float64Array {
  const n = conditions.length;
  const deviations = Float64Array.from({ length: n }, (_, image) => {
    const variance = covariances[image * n + image];
    return variance > CONSTANT * moments[image].energy ? Math.sqrt(variance) : Number.NaN;
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

/** What each stage adds to the dissimilarity of each pair, nStages x nPairs; rounding alone would make a part negative. */
function partsOfStages(byStage: readonly Float64Array[], covariances: Float64Array, n: number): Float64Array {
  const variances = Float64Array.from({ length: n }, (_, image) => covariances[image * n + image]);
  const parts = new Float64Array(byStage.length * condensedLength(n));
  let k = 0;
  for (const ofStage of byStage) {
    const shares = variances.map((variance, image) => ofStage[image * n + image] / variance);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const part = (shares[i] + shares[j]) / 2 - ofStage[i * n + j] / Math.sqrt(variances[i] * variances[j]);
        parts[k++] = Math.max(0, part);
      }
    }
  }
  return parts;
}
