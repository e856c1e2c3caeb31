import { UsageError } from '../core/errors.ts';
import type { TrainingSettings } from './settings.ts';

/** How many times the first epoch's mean loss is an explosion and no longer noise. */
const EXPLOSION = 1000;
/** First epochs' losses below this, in units of the data sets, count as this much: next to nothing multiplies easily. */
const LEAST_LOSS = 1e-3;

/** Where a loss went wrong. */
export interface DivergencePlace {
  readonly epoch: number;
  /** Null once the epoch's steps are done. */
  readonly step: number | null;
  /** Mean loss of the first epoch, while it runs of its pairs so far; null where none were met or nothing is to be compared. */
  readonly firstLoss: number | null;
}

/** Whether a loss is no number, or exploded: more than 1000 times that of the first epoch. */
export function isDiverged(loss: number, firstLoss: number | null): boolean {
  return !Number.isFinite(loss) || (firstLoss !== null && loss > EXPLOSION * Math.max(firstLoss, LEAST_LOSS));
}

/**
 * The error of a fit whose loss went wrong.
 * @param lastGood a sentence's part on what there is to go back to; empty where there is nothing
 */
export function divergence(
  loss: number,
  { epoch, step, firstLoss }: DivergencePlace,
  { learningRate, train, clip }: Pick<TrainingSettings, 'learningRate' | 'train' | 'clip'>,
  lastGood = '',
): UsageError {
  const { mask, readout, backbone } = learningRate;
  const expected =
    Number.isFinite(loss) && firstLoss !== null
      ? `a loss of at most ${EXPLOSION} times the ${epoch === 1 ? 'mean so far of' : "first epoch's"} ${Number(firstLoss.toPrecision(4))}, got ${Number(loss.toPrecision(4))}`
      : `a finite loss, got ${loss}`;
  const rates = `mask ${mask}, readout ${readout}${train === 'all' ? `, backbone ${backbone}` : ''}`;
  const clipping = train === 'all' && clip === 'none' ? ', set training.clip' : '';
  return new UsageError(
    `training, epoch ${epoch}, ${step === null ? 'after its last step' : `step ${step}`}: expected ${expected}; ${lastGood}lower training.learningRate (${rates})${clipping} or look for extreme values in the features and RDMs`,
  );
}
