import type { LearnerState } from './learner.ts';
import type { EpochMetrics } from './options.ts';

/** How far a fit has come; plain JSON, from which the same numbers are read again. */
export interface FitProgress {
  /** The epoch under way, from 1; the one after the last where the fit is through. */
  readonly epoch: number;
  /** Steps done in it. */
  readonly step: number;
  /** What these steps add to the epoch's training loss. */
  readonly lossSum: number;
  /** The sampler's state where the epoch began. */
  readonly sampler: readonly number[];
  /** Of the epochs that are through. */
  readonly metrics: readonly EpochMetrics[];
  /** The epoch whose parameters are the best so far; 0 before there is one. */
  readonly keptEpoch: number;
}

/** All that a fit needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly progress: FitProgress;
  readonly learner: LearnerState;
}
