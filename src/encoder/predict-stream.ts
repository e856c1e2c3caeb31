import { compareEmbeddings, type EmbeddingRdmOptions } from '../features/embedding.ts';
import type { FeatureStream } from '../features/features.ts';
import { checkSameStages } from '../features/scale.ts';
import { embeddingWeights } from './channel-weights.ts';
import type { Encoder } from './encoder.ts';

/** What an encoder makes of some images' features. */
export interface StreamPrediction {
  readonly nImages: number;
  /** Condensed, without a readout, as `predictDissimilarities` gives them. */
  readonly dissimilarities: Float64Array;
  /** Share of each stage in the variance of the embedding, mean over images, as `stageShares` gives them. */
  readonly stageShares: readonly number[];
  /** nStages x nPairs: what each stage adds to the dissimilarity, as `stageParts` gives it; null where it was not asked for. */
  readonly stageParts: Float64Array | null;
}

/**
 * Prediction from the features themselves, for a mask of any resolution: what `predictDissimilarities`, `stageShares` and, with
 * `options.stageParts`, `stageParts` give where pair statistics can, in one reading of the stream and bounded memory.
 * @throws ShapeError where the features are of other stages than the encoder's; FormatError where one is NaN or infinite; UsageError naming
 *   images whose weighted features are constant
 */
export async function predictStream(
  stream: FeatureStream,
  encoder: Encoder,
  options: EmbeddingRdmOptions = {},
): Promise<StreamPrediction> {
  checkSameStages(stream, encoder);
  const compared = await compareEmbeddings(stream, embeddingWeights(encoder), options);
  const { dissimilarities, stageParts } = compared;
  const nImages = compared.stageShares.length;
  const stageShares = meanOver(compared.stageShares.map((shares) => ({ nImages: 1, shares })));
  return { nImages, dissimilarities, stageShares, stageParts };
}

/** Stage shares of several sets' images together: their mean, each image counted alike. */
export function pooledShares(predictions: readonly StreamPrediction[]): number[] {
  return meanOver(predictions.map(({ nImages, stageShares: shares }) => ({ nImages, shares })));
}

function meanOver(parts: readonly { readonly nImages: number; readonly shares: readonly number[] }[]): number[] {
  const nImages = parts.reduce((sum, part) => sum + part.nImages, 0);
  return parts[0].shares.map(
    (_, stage) => parts.reduce((sum, part) => sum + part.nImages * part.shares[stage], 0) / nImages,
  );
}
