import type { OnNotice, OnProgress } from '../core/progress.ts';
import { restoreRandom, seededRandom } from '../core/random.ts';
import type { Checkpoint, FitProgress } from './checkpoint.ts';
import { type DivergencePlace, divergence, isDiverged } from './divergence.ts';
import type { Learner, LearnerState } from './learner.ts';
import type { EpochMetrics } from './options.ts';
import type { FitProblem } from './problem.ts';
import type { Sampler } from './sampler.ts';
import { SAMPLERS } from './samplers.ts';
import { rateFactors } from './schedules.ts';
import type { TrainingSettings } from './settings.ts';
import { countValidation, meanValidation } from './validation.ts';

/** What a fit tells while it runs, how it is stopped and how it goes on. */
export interface LoopCallbacks {
  /** Called after each epoch. */
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Called about ten times a second, or after each step that takes longer, and after each epoch; counts steps. */
  readonly onProgress?: OnProgress;
  readonly onNotice?: OnNotice;
  /** Stops the fit within about a tenth of a second, or a step that takes longer: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each epoch, and before the fit stops at an abort; the fit waits for it. Arrays are valid until it returns. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Goes on from here; sets and settings must be those of the fit it was made by. The result is the same, bit for bit. */
  readonly resume?: Checkpoint;
  /** Where `onCheckpoint` keeps the last one, for messages. */
  readonly checkpointPlace?: string;
}

/** How a learner came to what it kept. */
export interface LoopResult {
  /** One an epoch. */
  readonly metrics: readonly EpochMetrics[];
  /** The epoch that the learner's kept parameters are of, from 1. */
  readonly keptEpoch: number;
}

const PAUSE_MS = 100; // between chances for the platform to show progress and deliver an abort

/**
 * Trains a learner: epochs of the sampler's minibatches, `accumulate` of them a step, each step at the schedule's rate.
 *
 * The training loss of an epoch is the mean over its pairs as they were met. Without a holdout the last epoch is kept; with one that of
 * lowest mean loss over all pairs held out, and `patience` epochs without a lower one end the fit.
 * Whatever it is told to keep the learner remembers: when this returns, that is the result.
 * @throws UsageError where data sets cannot give the sampler's minibatches, or a loss is no number or over 1000 times the first epoch's (in
 *   it, over 1000 times its mean so far)
 */
export async function trainingLoop(
  learner: Learner,
  problem: FitProblem,
  settings: TrainingSettings,
  callbacks: LoopCallbacks = {},
): Promise<LoopResult> {
  const { onEpoch, onProgress, onCheckpoint, signal, resume, checkpointPlace } = callbacks;
  const { epochs, accumulate } = settings;
  const { validation } = problem;
  const selects = selectsEpoch(problem, settings);
  const sampler = createSampler(problem, settings, resume?.progress);
  const stepsPerEpoch = Math.ceil(sampler.batchesPerEpoch / accumulate);
  const total = epochs * stepsPerEpoch;
  const factorAt = rateFactors(settings.schedule, { stepsPerEpoch, nSteps: total });
  let saved = resume?.progress;
  if (resume !== undefined) learner.restore(resume.learner);

  const metrics = [...(resume?.progress.metrics ?? [])];
  let { epoch, step, lossSum, keptEpoch } = resume?.progress ?? { epoch: 1, step: 0, lossSum: 0, keptEpoch: 0 };
  let samplerState = sampler.state();
  const lossOf = (kept: number) =>
    kept === 0 ? Number.POSITIVE_INFINITY : meanValidation(validation, metrics[kept - 1].validationLoss!);
  const diverged = (loss: number, place: DivergencePlace) =>
    divergence(loss, place, settings, lastGood(saved, checkpointPlace));
  const save = async () => {
    if (onCheckpoint === undefined) return;
    const progress = { epoch, step, lossSum, sampler: samplerState, metrics: [...metrics], keptEpoch };
    const state = learner.state();
    // A step may spoil what it moves before any loss shows it: the good checkpoint must not be written over then.
    if (!allFinite(state)) {
      const at = step > 0 ? { epoch, step } : { epoch: epoch - 1, step: null };
      throw diverged(Number.NaN, { ...at, firstLoss: null });
    }
    await onCheckpoint({ progress, learner: state });
    saved = progress;
  };

  let lastPause = performance.now();
  while (!isOver({ epoch, keptEpoch }, problem, settings)) {
    signal?.throwIfAborted(); // here nothing is lost, and new crops or a step may take long
    await learner.startEpoch?.(epoch);
    const batches = sampler.epoch();
    const nPairs = countPairs(batches);
    let nMet = countPairs(batches.slice(0, step * accumulate));
    const meanSoFar = () => (nMet === 0 ? null : (lossSum * nPairs) / nMet);
    while (step < stepsPerEpoch) {
      const parts = batches.slice(step * accumulate, (step + 1) * accumulate);
      const pairs = parts.length === 1 ? parts[0] : concatenate(parts);
      const rate = factorAt((epoch - 1) * stepsPerEpoch + step);
      step++;
      if (pairs.length > 0) {
        const loss = learner.step(pairs, rate, { epoch, step, batches: parts });
        const value = typeof loss === 'number' ? loss : await loss; // awaiting a number would cost more than a step
        const firstLoss = epoch === 1 ? meanSoFar() : metrics[0].trainingLoss;
        if (isDiverged(value, firstLoss)) throw diverged(value, { epoch, step, firstLoss });
        lossSum += (value * pairs.length) / nPairs;
        nMet += pairs.length;
      }
      if (performance.now() - lastPause > PAUSE_MS) {
        const soFar = meanSoFar();
        const detail = `epoch ${epoch} of ${epochs}${soFar === null ? '' : `, loss ${soFar.toFixed(4)} so far`}`;
        onProgress?.({ phase: 'training', done: (epoch - 1) * stepsPerEpoch + step, total, detail });
        await turn();
        if (signal?.aborted) await save();
        signal?.throwIfAborted();
        lastPause = performance.now();
      }
    }
    const validationLoss = await learner.validate();
    const mean = validationLoss === null ? null : meanValidation(validation, validationLoss);
    // Held-out images may be unlike all others: their loss may be far off, but must be a number.
    if (mean !== null && isDiverged(mean, null)) throw diverged(mean, { epoch, step: null, firstLoss: null });
    metrics.push({ epoch, trainingLoss: lossSum, validationLoss, readouts: learner.readouts() });
    onEpoch?.(metrics[epoch - 1]);
    const losses = `loss ${lossSum.toFixed(4)}${mean === null ? '' : `, validation ${mean.toFixed(4)}`}`;
    onProgress?.({
      ...{ phase: 'training', done: epoch * stepsPerEpoch, total },
      detail: `epoch ${epoch} of ${epochs}, ${losses}`,
    });
    if (!selects) keptEpoch = epoch;
    else if (mean! < lossOf(keptEpoch)) {
      learner.keep();
      keptEpoch = epoch;
    }
    [epoch, step, lossSum, samplerState] = [epoch + 1, 0, 0, sampler.state()];
    await save();
  }
  // The last step may have spoilt what it moved, and no loss and no checkpoint came after it.
  if (!allFinite(learner.state())) throw diverged(Number.NaN, { epoch: epoch - 1, step: null, firstLoss: null });
  if (!selects) learner.keep();
  return { metrics, keptEpoch };
}

/** Whether a fit that has come this far has no epoch left to train. */
export function isOver(
  { epoch, keptEpoch }: Pick<FitProgress, 'epoch' | 'keptEpoch'>,
  problem: Pick<FitProblem, 'validation'>,
  settings: Pick<TrainingSettings, 'epochs' | 'patience' | 'holdout'>,
): boolean {
  const { epochs, patience } = settings;
  return (
    epoch > epochs || (patience !== 'none' && selectsEpoch(problem, settings) && epoch - 1 - keptEpoch >= patience)
  );
}

/** Whether the best epoch is kept, rather than the last. */
function selectsEpoch(
  { validation }: Pick<FitProblem, 'validation'>,
  { holdout }: Pick<TrainingSettings, 'holdout'>,
): boolean {
  return holdout !== undefined && countValidation(validation) > 0;
}

/**
 * The sampler that the settings name, of a problem's training pairs.
 * @param from where it goes on; at the beginning by default
 * @throws UsageError where data sets cannot give its minibatches
 */
export function createSampler(
  {
    sets,
    pairs,
    nTrainingPairs: nPairs,
  }: Pick<FitProblem, 'pairs' | 'nTrainingPairs'> & {
    readonly sets: readonly { readonly name: string }[];
  },
  settings: TrainingSettings,
  from?: FitProgress,
): Sampler {
  const { seed, batch, cliqueSize } = settings;
  const random = from === undefined ? seededRandom(seed).derive('sampler') : restoreRandom(from.sampler);
  const names = sets.map(({ name }) => name);
  return SAMPLERS[settings.sampler].create({ nPairs, pairs, names, batch, cliqueSize, random });
}

function countPairs(batches: readonly Uint32Array[]): number {
  return batches.reduce((sum, { length }) => sum + length, 0);
}

function concatenate(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(countPairs(parts));
  let first = 0;
  for (const part of parts) {
    whole.set(part, first);
    first += part.length;
  }
  return whole;
}

function allFinite({ arrays }: LearnerState): boolean {
  return Object.values(arrays).every((values: ArrayLike<number>) => {
    for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) return false;
    return true;
  });
}

/** Lets timers, input and drawing have their turn. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

function lastGood(saved: FitProgress | undefined, place: string | undefined): string {
  if (saved === undefined) return '';
  const { epoch, step } = saved;
  const when = step > 0 ? `step ${step} of epoch ${epoch}` : `epoch ${epoch - 1}`;
  return `the last good checkpoint is of ${when}${place === undefined ? '' : `, in ${place}`}; `;
}
