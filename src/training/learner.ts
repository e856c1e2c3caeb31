import type { Readout } from '../encoder/encoder.ts';
import type { ValidationLoss } from './options.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Everything a learner needs to go on: named arrays and plain JSON. */
export interface LearnerState {
  /** Parameters, an optimiser's memory, the parameters kept; copies, or views that are valid until the next step. */
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array>>;
  /** Counts and the like. */
  readonly values: { readonly [key: string]: Json };
}

/** Where in a fit a step is: what its random numbers may depend on beside the seed, so that a resumed fit draws the same. */
export interface StepPlace {
  /** From 1. */
  readonly epoch: number;
  /** From 1 in each epoch. */
  readonly step: number;
  /** The sampler's batches that the step's pairs are made of, in their order: several where gradients are accumulated. */
  readonly batches: readonly Uint32Array[];
}

/** What the training loop turns: something with parameters that steps on pairs of images lead to a lower loss. */
export interface Learner {
  /** Before an epoch (from 1), also before one that is gone on with: new crops, say. Must depend on nothing but the epoch. */
  startEpoch?(epoch: number): Promise<void>;
  /**
   * One optimiser step.
   * @param pairs numbers in the problem's pair list, at least one
   * @param rate the schedule's factor on all learning rates
   * @param place names the step, for streams of random numbers
   * @returns mean loss over the pairs, before the step
   */
  step(pairs: Uint32Array, rate: number, place: StepPlace): number | Promise<number>;
  /** Losses on held-out pairs, centre crops; null where nothing is held out. */
  validate(): ValidationLoss | null | Promise<ValidationLoss | null>;
  /** One a data set, in the units of its values. */
  readouts(): readonly Readout[];
  /** Remembers the parameters as they are as the best so far. */
  keep(): void;
  state(): LearnerState;
  /** @throws UsageError where the state is of other parameters */
  restore(state: LearnerState): void;
  /** Gives back what it holds outside of this program's memory. */
  release?(): Promise<void>;
}
