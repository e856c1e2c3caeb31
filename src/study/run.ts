import type { Encoder } from '../encoder/encoder.ts';
import { fitMask } from '../training/fit.ts';
import type { EpochMetrics, TrainingOptions } from '../training/options.ts';
import type { Environment } from './environment.ts';
import { openFeatureOrigin } from './features.ts';
import { type SetSummary, summariseSets } from './set-summary.ts';
import type { Study } from './study-file.ts';
import { trainingSets } from './training-sets.ts';
import { type StageTuning, stageTuning } from './tuning.ts';

/** Everything a fit leaves behind. */
export interface StudyRun {
  readonly study: Study;
  /** The network's name and what its features are known by. */
  readonly features: { readonly name: string; readonly key: string };
  /** Version of this package. */
  readonly version: string;
  /** The engine that computed the features. */
  readonly engine: string;
  readonly encoder: Encoder;
  readonly metrics: readonly EpochMetrics[];
  /** The epoch whose mask was kept. */
  readonly keptEpoch: number;
  readonly sets: readonly SetSummary[];
  readonly tuning: readonly StageTuning[];
}

/**
 * The product on a page: images become stage features and their pair statistics, subjects' RDMs become targets, the encoder learns a mask
 * that makes the one predict the other, and its tuning to stages is held against fits of label-permuted RDMs.
 * @param study what to learn from what
 * @param environment the platform it runs on
 * @param options of the tuning
 * @param options.nPermutations permuted fits for the tuning; 0 for none
 */
export async function runStudy(
  study: Study,
  environment: Environment,
  { nPermutations = 0 }: { readonly nPermutations?: number } = {},
): Promise<StudyRun> {
  const features = await openFeatureOrigin(study.backbone, environment);
  try {
    const sets = await trainingSets(study, features, environment);
    const options = trainingOptions(study);
    const { encoder, metrics, keptEpoch, heldOut } = await fitMask(sets, options, environment);
    const tuning = await stageTuning(encoder, sets, options, { ...environment, nPermutations });
    return {
      study,
      features: { name: features.name, key: features.key },
      version: environment.version,
      engine: environment.engine.name,
      encoder,
      metrics,
      keptEpoch,
      sets: summariseSets(sets, encoder, heldOut),
      tuning,
    };
  } finally {
    await features.release();
  }
}

/** A study's settings as the fit takes them. */
export function trainingOptions({ encoder, training }: Pick<Study, 'encoder' | 'training'>): TrainingOptions {
  const { epochs, batch, learningRate, loss, reliability, seed, holdout } = training;
  const { mask, scale, readout } = encoder;
  return {
    ...{ mask, scale, readout, epochs, batch, learningRate, loss, reliability, seed },
    ...(holdout !== undefined && { holdout }),
  };
}
