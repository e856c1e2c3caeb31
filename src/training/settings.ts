import { UsageError } from '../core/errors.ts';
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
  mask = 'channel',
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
  atLeast('training.epochs', epochs, 1, Number.isInteger(epochs));
  atLeast('training.batch', batch, 1, Number.isInteger(batch));
  atLeast('training.learningRate.mask', learningRate.mask, 0);
  atLeast('training.learningRate.readout', learningRate.readout, 0);
  if (reliability !== 'none') {
    atLeast('training.reliability.alpha', reliability.alpha, 0);
    atLeast('training.reliability.beta', reliability.beta, 0);
  }
  oneOf('training.loss', loss, Object.keys(LOSSES));
  oneOf('training.sampler', sampler, Object.keys(SAMPLERS));
  oneOf('training.optimiser', optimiser, Object.keys(OPTIMISERS));
  oneOf('encoder.mask', mask, ['stage', 'channel']);
  oneOf('encoder.scale', scale, ['none', 'channel']);
  oneOf('encoder.readout', readout, ['affine', 'identity']);
  if (holdout !== undefined) oneOf('training.holdout.by', holdout.by, ['image', 'pair']);
  return { mask, scale, readout, epochs, batch, learningRate, loss, reliability, sampler, optimiser, holdout, seed };
}

function atLeast(name: string, value: number, least: number, isKind = Number.isFinite(value)): void {
  if (isKind && value >= least) return;
  const kind = Number.isInteger(value) || isKind ? 'number' : least === 1 ? 'whole number' : 'number';
  throw new UsageError(`${name}: expected a ${kind} of at least ${least}, got ${value}`);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new UsageError(`${name}: expected one of ${allowed.join(', ')}, got ${value}`);
  }
}
