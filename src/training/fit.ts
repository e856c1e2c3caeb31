import { UsageError } from '../core/errors.ts';
import { type Encoder, PAIR_RESOLUTIONS, type PairResolution } from '../encoder/encoder.ts';
import { type LoopCallbacks, trainingLoop } from './loop.ts';
import type { EpochMetrics, TrainingOptions, TrainingSet } from './options.ts';
import { type EpochStatistics, pairLearner } from './pairs/pair-learner.ts';
import { fitProblem, untrainedImages } from './problem.ts';
import { type TrainingSettings, trainingSettings } from './settings.ts';
import { countValidation } from './validation.ts';

/** What `fitMask` is given beside sets and settings. */
export interface FitCallbacks extends LoopCallbacks {
  /** With `crop: random`: the statistics that an epoch trains on. */
  readonly epochStatistics?: EpochStatistics;
}

/** A fitted encoder and how it came about. */
export interface FitResult {
  readonly encoder: Encoder;
  /** One an epoch. */
  readonly metrics: readonly EpochMetrics[];
  /** The epoch the encoder is from, counted from 1: the last, or with a holdout the one of lowest validation loss. */
  readonly keptEpoch: number;
  readonly nTrainingPairs: number;
  readonly nValidationPairs: number;
  /** For each set the rows of images that were not learnt from. */
  readonly heldOut: readonly (readonly number[])[];
}

/**
 * Learns a mask over a frozen network's stages from the pair statistics of images and subjects' RDMs of the same images.
 *
 * Minimises the mean over pairs of w_ij mean_s loss(exp(alpha) (1 - r_ij) + b - t_sij), r_ij the Pearson correlation of the masked, scaled
 * embeddings, t_sij a subject's dissimilarity, w_ij the reliability weight, (alpha, b) one readout a data set. The mask starts at 1, readouts
 * at a = 1 and b = 0 of the power of ten nearest to the set's values, in which its loss is also counted (1 for 1 - r and accuracies). The
 * training loss of an epoch is the mean over its minibatches as they were met. The same seed gives the same bytes, also when the fit goes on
 * from a checkpoint.
 * Without a holdout the last epoch is kept. With one it is the epoch of lowest validation loss over all pairs held out, and no refit follows.
 * @throws ShapeError where sets, statistics and RDMs do not fit each other
 * @throws UsageError where there is nothing to train on, a value or setting cannot be used, an image's masked features are constant (it is
 *   named), or the loss stops being finite or explodes
 */
export async function fitMask(
  sets: readonly TrainingSet[],
  options: TrainingOptions = {},
  { epochStatistics, ...callbacks }: FitCallbacks = {},
): Promise<FitResult> {
  callbacks.signal?.throwIfAborted();
  const settings = pairSettings(trainingSettings(options), epochStatistics);
  const problem = fitProblem(sets, settings, callbacks.onNotice ?? (() => {}));
  const learner = pairLearner(sets, problem, settings, settings.crop === 'random' ? epochStatistics : undefined);
  const { metrics, keptEpoch } = await trainingLoop(learner, problem, settings, callbacks);
  const { mask, readouts } = learner.kept();
  return {
    encoder: {
      ...{ stages: sets[0].statistics.stages, maskResolution: settings.mask },
      ...{ mask, scale: problem.scale, readouts },
    },
    ...{ metrics, keptEpoch, nTrainingPairs: problem.nTrainingPairs },
    nValidationPairs: countValidation(problem.validation),
    heldOut: sets.map((set, s) => untrainedImages(set, problem.splits[s])),
  };
}

/** @throws UsageError where pair statistics cannot do what is asked */
function pairSettings(
  settings: TrainingSettings,
  epochStatistics: EpochStatistics | undefined,
): TrainingSettings & { readonly mask: PairResolution } {
  const { train, crop } = settings;
  const mask = PAIR_RESOLUTIONS.find((resolution) => resolution === settings.mask);
  if (train !== 'mask') {
    throw new UsageError(
      `encoder.train: expected mask, got ${train}; pair statistics are of a frozen network, train all on the network itself`,
    );
  }
  if (mask === undefined) {
    throw new UsageError(
      `encoder.mask: expected one of ${PAIR_RESOLUTIONS.join(', ')}, got ${settings.mask}; pair statistics have added up a channel's positions, train such a mask on the features themselves`,
    );
  }
  if (crop === 'random' && epochStatistics === undefined) {
    throw new UsageError(
      "training.crop: expected the statistics of each epoch's crops beside random, got none; pass epochStatistics or take crop: none",
    );
  }
  return { ...settings, mask };
}
