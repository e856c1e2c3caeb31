import type { Random } from '../core/random.ts';

/** How minibatches are drawn. */
export type SamplerName = 'pairs';

/** What a sampler draws from and how much at a time. */
export interface SamplerSettings {
  /** Number of training pairs of all data sets together; they are numbered 0 ... nPairs - 1. */
  readonly nPairs: number;
  /** Pairs a step. */
  readonly batch: number;
  /** The sampler's own stream of random numbers. */
  readonly random: Random;
}

/** Draws the minibatches of an epoch. */
export interface Sampler {
  /** Number of minibatches in an epoch. */
  readonly stepsPerEpoch: number;
  /** The next epoch's minibatches: pair numbers, in the order of the steps. Each call is a new epoch. */
  epoch(): Uint32Array[];
  /** Enough to go on from the epochs drawn so far: `restoreRandom(state)` in the settings of a new sampler. */
  state(): readonly number[];
}

/** The samplers by name; each makes one of the settings it is given. */
export const SAMPLERS: Readonly<Record<SamplerName, (settings: SamplerSettings) => Sampler>> = {
  /** All pairs of all data sets in a new random order each epoch, `batch` at a time; the last minibatch has what remains. */
  pairs({ nPairs, batch, random }) {
    return {
      stepsPerEpoch: Math.ceil(nPairs / batch),
      epoch() {
        const order = random.permutation(nPairs);
        const batches: Uint32Array[] = [];
        for (let first = 0; first < nPairs; first += batch) batches.push(order.subarray(first, first + batch));
        return batches;
      },
      state: () => random.state(),
    };
  },
};
