import { UsageError } from '../core/errors.ts';
import { MASK_RESOLUTIONS } from '../encoder/encoder.ts';
import { LOSSES } from './losses.ts';
import { OPTIMISERS } from './optimisers.ts';
import type { TrainingOptions } from './options.ts';
import { SAMPLERS } from './samplers.ts';

/** Training options with every default filled in; `holdout` is undefined where nothing is held out. */
export type TrainingSettings = Required<Omit<TrainingOptions, 'holdout'>> & {
  readonly holdout: TrainingOptions['holdout'] | undefined;
};

/**
 * The defaults are those of the study file.
 * @throws UsageError naming the setting that cannot be met
 */
export function trainingSettings({
  mask = 'split',
  scale = 'channel',
  readout = 'affine',
  epochs = 15,
  batch = 40,
  learningRate = { mask: 0.003, readout: 0.01 },
  loss = 'l1',
  reliability = { alpha: 0.25, beta: 1 },
  sampler = 'pairs',
  optimiser = 'adam',
  holdout,
  seed = 0,
}: TrainingOptions = {}): TrainingSettings {
  count('training.epochs', epochs);
  count('training.batch', batch);
  notNegative('training.learningRate.mask', learningRate.mask);
  notNegative('training.learningRate.readout', learningRate.readout);
  if (reliability !== 'none') {
    notNegative('training.reliability.alpha', reliability.alpha);
    notNegative('training.reliability.beta', reliability.beta);
  }
  oneOf('training.loss', loss, Object.keys(LOSSES));
  oneOf('training.sampler', sampler, Object.keys(SAMPLERS));
  oneOf('training.optimiser', optimiser, Object.keys(OPTIMISERS));
  oneOf('encoder.mask', mask, MASK_RESOLUTIONS);
  oneOf('encoder.scale', scale, ['none', 'channel']);
  oneOf('encoder.readout', readout, ['affine', 'identity']);
  if (holdout !== undefined) oneOf('training.holdout.by', holdout.by, ['image', 'pair']);
  return { mask, scale, readout, epochs, batch, learningRate, loss, reliability, sampler, optimiser, holdout, seed };
}

function count(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new UsageError(`${name}: expected a whole number of at least 1, got ${value}`);
}

function notNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new UsageError(`${name}: expected a number of at least 0, got ${value}`);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new UsageError(`${name}: expected one of ${allowed.join(', ')}, got ${value}`);
  }
}
