import type { Random } from '../core/random.ts';

/** What a sampler draws from and how much at a time. */
export interface SamplerSettings {
  /** Number of training pairs of all data sets together; they are numbered 0 ... nPairs - 1. */
  readonly nPairs: number;
  /** Data set and images of each pair number, at least nPairs of them. */
  readonly pairs: { readonly set: Uint32Array; readonly i: Uint32Array; readonly j: Uint32Array };
  /** Names of the data sets, for messages. */
  readonly names: readonly string[];
  /** Pairs a minibatch, of `pairs`. */
  readonly batch: number;
  /** Images a minibatch, of `cliques`. */
  readonly cliqueSize: number;
  /** The sampler's own stream of random numbers. */
  readonly random: Random;
}

/** Draws the minibatches of an epoch. */
export interface Sampler {
  /** Number of minibatches in an epoch. */
  readonly batchesPerEpoch: number;
  /**
   * The next epoch's minibatches: pair numbers, in their order. Each call is a new epoch. A clique is empty where none of its images' pairs
   * are trained on.
   */
  epoch(): Uint32Array[];
  /** Enough to go on from the epochs drawn so far: `restoreRandom(state)` in the settings of a new sampler. */
  state(): readonly number[];
}
