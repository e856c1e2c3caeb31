import { UsageError } from '../core/errors.ts';
import { MASK_RESOLUTIONS } from '../encoder/encoder.ts';
import { trainingConflict } from './conflict.ts';
import { DEFAULT_DECAYS, DEFAULT_RATES } from './defaults.ts';
import { LOSSES } from './losses.ts';
import { OPTIMISERS } from './optimisers.ts';
import type { LearningRates, Schedule, TrainingOptions } from './options.ts';
import { SAMPLERS } from './samplers.ts';
import { SCHEDULES } from './schedules.ts';
import type { TimeWindow } from './time-window.ts';

/** Training options with every default filled in; what is undefined is left out: no holdout, training from the first stage. */
export type TrainingSettings = Required<
  Omit<TrainingOptions, 'holdout' | 'trainFrom' | 'learningRate' | 'schedule' | 'time'>
> & {
  readonly holdout: TrainingOptions['holdout'] | undefined;
  readonly trainFrom: string | undefined;
  readonly learningRate: LearningRates;
  readonly schedule: Schedule;
  readonly time: 'mean' | TimeWindow;
};

/**
 * The defaults are those of the study file.
 * @throws UsageError naming the setting that cannot be met
 */
export function trainingSettings({
  mask = 'split',
  train = 'mask',
  trainFrom,
  scale = 'channel',
  readout = 'affine',
  epochs = 15,
  maskEpochs = 15,
  batch = 40,
  sampler = train === 'all' ? 'cliques' : 'pairs',
  cliqueSize = 12,
  accumulate = 1,
  crop = 'none',
  time = 'mean',
  learningRate = {},
  schedule = 'constant',
  optimiser = 'adam',
  weightDecay = DEFAULT_DECAYS[optimiser],
  clip = 'none',
  loss = 'l1',
  reliability = { alpha: 0.25, beta: 1 },
  imagesPerPass = 16,
  holdout,
  patience = 'none',
  seed = 0,
}: TrainingOptions = {}): TrainingSettings {
  const settings: TrainingSettings = {
    ...{ mask, train, trainFrom, scale, readout, epochs, maskEpochs, batch, sampler, cliqueSize, accumulate, crop },
    time: time === 'mean' ? time : { centre: time.centre ?? 0.5, width: time.width ?? 0.25 },
    learningRate:
      typeof learningRate === 'number'
        ? { mask: learningRate, readout: learningRate, backbone: learningRate }
        : { ...DEFAULT_RATES, ...learningRate },
    schedule:
      typeof schedule === 'string' ? { kind: schedule, warmup: 0 } : { kind: 'constant', warmup: 0, ...schedule },
    ...{ optimiser, weightDecay, clip, loss, reliability, imagesPerPass, holdout, patience, seed },
  };
  checkSettings(settings);
  return settings;
}

function checkSettings(settings: TrainingSettings): void {
  const { reliability, holdout, time, clip, patience, schedule, optimiser, weightDecay } = settings;
  oneOf('encoder.mask', settings.mask, MASK_RESOLUTIONS);
  oneOf('encoder.train', settings.train, ['mask', 'all']);
  oneOf('encoder.scale', settings.scale, ['none', 'channel']);
  oneOf('encoder.readout', settings.readout, ['affine', 'identity']);
  oneOf('training.loss', settings.loss, Object.keys(LOSSES));
  oneOf('training.sampler', settings.sampler, Object.keys(SAMPLERS));
  oneOf('training.optimiser', optimiser, Object.keys(OPTIMISERS));
  oneOf('training.schedule.kind', schedule.kind, Object.keys(SCHEDULES));
  oneOf('training.crop', settings.crop, ['none', 'random']);
  if (holdout !== undefined) oneOf('training.holdout.by', holdout.by, ['image', 'pair']);
  count('training.epochs', settings.epochs);
  count('training.maskEpochs', settings.maskEpochs, 0);
  count('training.batch', settings.batch);
  count('training.cliqueSize', settings.cliqueSize, 2);
  count('training.accumulate', settings.accumulate);
  count('training.imagesPerPass', settings.imagesPerPass);
  if (patience !== 'none') count('training.patience', patience);
  for (const part of ['mask', 'readout', 'backbone'] as const) {
    notNegative(`training.learningRate.${part}`, settings.learningRate[part]);
  }
  notNegative('training.schedule.warmup', schedule.warmup);
  notNegative('training.weightDecay', weightDecay);
  if (clip !== 'none') positive('training.clip', clip);
  if (reliability !== 'none') {
    notNegative('training.reliability.alpha', reliability.alpha);
    notNegative('training.reliability.beta', reliability.beta);
  }
  if (time !== 'mean') {
    positive('training.time.width', time.width);
    if (!(time.centre >= 0 && time.centre <= 1)) {
      throw new UsageError(
        `training.time.centre: expected a fraction of the window from 0 to 1, got ${time.centre}; 0.5 is its middle`,
      );
    }
  }
  const conflict = trainingConflict(settings);
  if (conflict !== undefined) throw new UsageError(conflict);
}

function count(name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new UsageError(`${name}: expected a whole number of at least ${least}, got ${value}`);
}

function notNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new UsageError(`${name}: expected a number of at least 0, got ${value}`);
}

function positive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new UsageError(`${name}: expected a number above 0, got ${value}`);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new UsageError(`${name}: expected one of ${allowed.join(', ')}, got ${value}`);
  }
}
