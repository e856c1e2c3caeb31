import { UsageError } from '../core/errors.ts';
import type { OnNotice, OnProgress } from '../core/progress.ts';
import { seededRandom } from '../core/random.ts';
import type { Encoder, Readout } from '../encoder/encoder.ts';
import { OPTIMISERS } from './optimisers.ts';
import type { EpochMetrics, TrainingOptions, TrainingSet, ValidationLoss } from './options.ts';
import { createPairLoss, type PairLoss, type Parameters } from './pair-loss.ts';
import { type FitProblem, fitProblem, untrainedImages } from './problem.ts';
import { SAMPLERS } from './samplers.ts';
import { type TrainingSettings, trainingSettings } from './settings.ts';
import { VALIDATION_KINDS } from './split.ts';

/** What a fit tells while it runs, and how it is stopped. */
export interface FitCallbacks {
  /** Called after each epoch. */
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Called about ten times a second and after each epoch; counts steps. */
  readonly onProgress?: OnProgress;
  readonly onNotice?: OnNotice;
  /** Stops the fit within about a tenth of a second: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
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

const PAUSE_MS = 100; // between chances for the platform to show progress and deliver an abort

/**
 * Learns a mask over a frozen network's stages from the pair statistics of images and subjects' RDMs of the same images.
 *
 * Minimises the mean over pairs of w_ij mean_s loss(exp(alpha) (1 - r_ij) + b - t_sij), r_ij the Pearson correlation of the masked, scaled
 * embeddings, t_sij a subject's dissimilarity, w_ij the reliability weight, (alpha, b) one readout a data set. The mask starts at 1, readouts
 * at a = 1 and b = 0 of the power of ten nearest to the set's values, in which its loss is also counted (1 for 1 - r and accuracies). The
 * training loss of an epoch is the mean over its minibatches as they were met. The same seed gives the same bytes.
 * Without a holdout the last epoch is kept. With one it is the epoch of lowest validation loss over all pairs held out, and no refit follows.
 * @throws ShapeError where sets, statistics and RDMs do not fit each other
 * @throws UsageError where there is nothing to train on, a value or setting cannot be used, an image's masked features are constant (it is
 *   named), or the loss stops being finite
 */
export async function fitMask(
  sets: readonly TrainingSet[],
  options: TrainingOptions = {},
  { onEpoch, onProgress, onNotice = () => {}, signal }: FitCallbacks = {},
): Promise<FitResult> {
  signal?.throwIfAborted();
  const settings = trainingSettings(options);
  const problem = fitProblem(sets, settings, onNotice);
  const { nTrainingPairs, splits } = problem;
  const loss = createPairLoss(problem);
  const parameters: Parameters = {
    mask: new Float64Array(problem.scale.length).fill(1),
    alpha: new Float64Array(sets.length),
    b: new Float64Array(sets.length),
  };
  const gradient = copyOf(parameters);
  const groups = groupsOf(parameters, settings);
  const optimiser = OPTIMISERS[settings.optimiser](groups);
  const gradients = groupsOf(gradient, settings).map((group) => group.values);
  const random = seededRandom(settings.seed).derive('sampler');
  const { batch, cliqueSize } = settings;
  const names = sets.map(({ name }) => name);
  const sampler = SAMPLERS[settings.sampler].create({
    ...{ nPairs: nTrainingPairs, pairs: problem.pairs, names, batch, cliqueSize, random },
  });

  const metrics: EpochMetrics[] = [];
  let kept = { epoch: 0, validationLoss: Number.POSITIVE_INFINITY, parameters };
  let lastPause = performance.now();
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    let trainingLoss = 0;
    for (const [step, batch] of sampler.epoch().entries()) {
      const value = loss(batch, parameters, gradient);
      if (!Number.isFinite(value)) throw diverged(value, step + 1, epoch, settings);
      trainingLoss += (value * batch.length) / nTrainingPairs;
      optimiser.step(gradients);
      if (performance.now() - lastPause > PAUSE_MS) {
        onProgress?.({
          phase: 'training',
          done: (epoch - 1) * sampler.batchesPerEpoch + step + 1,
          total: settings.epochs * sampler.batchesPerEpoch,
          detail: `epoch ${epoch} of ${settings.epochs}`,
        });
        await pause(signal);
        lastPause = performance.now();
      }
    }
    const validationLoss = validate(loss, problem, parameters);
    const readouts = readoutsOf(sets, problem, parameters);
    metrics.push({ epoch, trainingLoss, validationLoss, readouts });
    onEpoch?.(metrics[epoch - 1]);
    onProgress?.({
      phase: 'training',
      done: epoch * sampler.batchesPerEpoch,
      total: settings.epochs * sampler.batchesPerEpoch,
      detail: `epoch ${epoch} of ${settings.epochs}, loss ${trainingLoss.toFixed(4)}${validationLoss === null ? '' : `, validation ${meanValidation(problem, validationLoss).toFixed(4)}`}`,
    });
    if (settings.holdout === undefined || validationLoss === null) kept = { epoch, validationLoss: 0, parameters };
    else {
      const mean = meanValidation(problem, validationLoss);
      if (mean < kept.validationLoss) kept = { epoch, validationLoss: mean, parameters: copyOf(parameters) };
    }
  }
  if (kept.parameters.mask.some((value) => !Number.isFinite(value))) {
    throw diverged(Number.NaN, sampler.batchesPerEpoch, settings.epochs, settings);
  }
  return {
    encoder: {
      stages: sets[0].statistics.stages,
      maskResolution: settings.mask,
      mask: kept.parameters.mask,
      scale: problem.channelScale,
      readouts: readoutsOf(sets, problem, kept.parameters),
    },
    metrics,
    keptEpoch: kept.epoch,
    nTrainingPairs,
    nValidationPairs: VALIDATION_KINDS.reduce((sum, kind) => sum + problem.validation[kind].length, 0),
    heldOut: sets.map((set, s) => untrainedImages(set, splits[s])),
  };
}

function copyOf({ mask, alpha, b }: Parameters): Parameters {
  return { mask: mask.slice(), alpha: alpha.slice(), b: b.slice() };
}

function groupsOf({ mask, alpha, b }: Parameters, { learningRate, readout }: TrainingSettings) {
  const masks = { values: mask, learningRate: learningRate.mask };
  if (readout === 'identity') return [masks];
  return [masks, ...[alpha, b].map((values) => ({ values, learningRate: learningRate.readout }))];
}

/** In the units of the sets' own values. */
function readoutsOf(sets: readonly TrainingSet[], { units }: FitProblem, { alpha, b }: Parameters): Readout[] {
  return sets.map(({ name }, s) => ({ name, alpha: alpha[s] + Math.log(units[s]), b: b[s] * units[s] }));
}

function validate(loss: PairLoss, { validation }: FitProblem, parameters: Parameters): ValidationLoss | null {
  const [newNew, newOld, pair] = VALIDATION_KINDS.map((kind) =>
    validation[kind].length === 0 ? null : loss(validation[kind], parameters),
  );
  return newNew === null && newOld === null && pair === null ? null : { newNew, newOld, pair };
}

/** Mean over all validation pairs, of whatever kind. */
function meanValidation({ validation }: FitProblem, losses: ValidationLoss): number {
  let [sum, count] = [0, 0];
  for (const kind of VALIDATION_KINDS) {
    sum += (losses[kind] ?? 0) * validation[kind].length;
    count += validation[kind].length;
  }
  return sum / count;
}

/** Lets timers, input and drawing have their turn. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

function diverged(value: number, step: number, epoch: number, { learningRate }: TrainingSettings): UsageError {
  return new UsageError(
    `training, epoch ${epoch}, step ${step}: expected a finite loss, got ${value}; lower training.learningRate (mask ${learningRate.mask}, readout ${learningRate.readout}) or look for extreme values in the features and RDMs`,
  );
}
