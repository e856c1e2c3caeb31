import type { FitCallbacks, FitResult } from '../training/fit.ts';
import { fitMask } from '../training/fit.ts';
import type { TrainingOptions } from '../training/options.ts';
import { type Assessment, assess } from './assessment.ts';
import type { Environment } from './environment.ts';
import { epochCrops } from './epoch-crops.ts';
import { type FeatureOrigin, openFeatureOrigin, type TunedWeights } from './features.ts';
import type { FitInput } from './fit-input.ts';
import { fitNetwork } from './network-fit.ts';
import type { Study } from './settings/study-file.ts';
import { featureStreams, setsOfStreams } from './training-sets.ts';

/** One fit: an encoder, and where the network's weights moved with it these. */
export interface EncoderFit extends FitResult {
  readonly seed: number;
  readonly tuned: TunedWeights | undefined;
}

/** What a fit is told beside its input: where it goes on from, and where it is kept. */
export type EncoderFitCallbacks = Pick<FitCallbacks, 'resume' | 'onCheckpoint' | 'checkpointPlace' | 'signal'>;

/** Fits whatever the study asks for: the mask alone, from pair statistics, or the network with it. */
export async function fitEncoder(
  input: FitInput,
  seed: number,
  environment: Environment,
  callbacks: EncoderFitCallbacks = {},
): Promise<EncoderFit> {
  const { study, sets, network } = input;
  const { onProgress, onNotice } = environment;
  const options = { ...trainingOptions(study), seed };
  const all = { onProgress, onNotice, ...callbacks };
  if (network !== undefined) return { ...(await fitNetwork(input, network, options, environment, all)), seed };
  if (study.training.crop === 'none') return { ...(await fitMask(sets, options, all)), seed, tuned: undefined };
  const crops = await epochCrops(input, seed, environment, callbacks.signal);
  try {
    const fit = await fitMask(sets, options, { ...all, epochStatistics: crops.statistics });
    return { ...fit, seed, tuned: undefined };
  } finally {
    await crops.release();
  }
}

/** What a fitted encoder makes of the study's images, seen through the weights it was fitted with. */
export async function assessFit(
  { encoder, tuned }: Pick<EncoderFit, 'encoder' | 'tuned'>,
  input: FitInput,
  environment: Environment,
): Promise<Assessment & { readonly features: Pick<FeatureOrigin, 'name' | 'key'> }> {
  const { study, images } = input;
  if (tuned === undefined) return { ...(await assess(encoder, input, environment)), features: input.features };
  const { crop } = study.training;
  // Weights that only this fit has are not worth a place in the cache.
  const uncached = { ...environment, cache: undefined };
  const features = await openFeatureOrigin(study.backbone, uncached, { crop, tuned });
  try {
    const streams = await featureStreams(images, features);
    const sets = encoder.maskResolution === 'feature' ? input.sets : await setsOfStreams(images, streams, uncached);
    return { ...(await assess(encoder, { streams, sets }, environment)), features };
  } finally {
    await features.release();
  }
}

/** A study's settings as the fit takes them. */
export function trainingOptions({ encoder, training }: Pick<Study, 'encoder' | 'training'>): TrainingOptions {
  const { trainFrom, ...ofEncoder } = encoder;
  const { holdout, seeds: _, ...ofTraining } = training;
  return {
    ...ofEncoder,
    ...ofTraining,
    ...(trainFrom !== undefined && { trainFrom }),
    ...(holdout !== undefined && { holdout: { ...holdout, seed: training.seed } }), // all seeds hold out the same
  };
}
