import { channelWeights } from '../encoder/channel-weights.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { predictDissimilarities } from '../encoder/predict.ts';
import { pooledShares, predictStream, type StreamPrediction } from '../encoder/predict-stream.ts';
import { stageParts } from '../encoder/stage-parts.ts';
import { stageShares } from '../encoder/tuning.ts';
import type { FeatureStream } from '../features/features.ts';
import type { TrainingSet } from '../training/options.ts';
import type { Environment } from './environment.ts';

/** What an encoder makes of the images of a study, learnt from or not. */
export interface Assessment {
  /** For each data set its images' predicted dissimilarities, condensed, without the readout. */
  readonly predicted: readonly Float64Array[];
  /** For each data set what each stage adds to its predictions, nStages x nPairs; null where that is not known. */
  readonly stageParts: readonly (Float64Array | null)[];
  /** Share of each stage in the variance of the embedding, mean over all images. */
  readonly shares: readonly number[];
}

/** Images as a network shows them: their features, and for each data set the pair statistics of these. */
export interface ShownImages {
  /** One a data set; the same one where images are the same. */
  readonly streams: readonly FeatureStream[];
  readonly sets: readonly TrainingSet[];
}

/** Predictions and stage shares from pair statistics, or where the mask is of features from these. */
export async function assess(
  encoder: Encoder,
  { streams, sets }: ShownImages,
  { openScratch, gram, onProgress }: Environment,
): Promise<Assessment> {
  if (encoder.maskResolution !== 'feature') {
    const weights = channelWeights(encoder);
    return {
      predicted: sets.map(({ statistics }) => predictDissimilarities(statistics, weights)),
      stageParts: sets.map(({ statistics }) => stageParts(statistics, encoder)),
      shares: stageShares(encoder, [...new Set(sets.map(({ statistics }) => statistics))]),
    };
  }
  const predictions = new Map<FeatureStream, StreamPrediction>();
  for (const stream of new Set(streams)) {
    predictions.set(stream, await predictStream(stream, encoder, { openScratch, gram, onProgress, stageParts: true }));
  }
  return {
    predicted: streams.map((stream) => predictions.get(stream)!.dissimilarities),
    stageParts: streams.map((stream) => predictions.get(stream)!.stageParts),
    shares: pooledShares([...predictions.values()]),
  };
}
