import { cliqueSampler } from './cliques.ts';
import type { Sampler, SamplerSettings } from './sampler.ts';

/** How minibatches are drawn. */
export type SamplerName = 'pairs' | 'cliques';

/** A way to draw minibatches. */
export interface SamplerKind {
  /** What is met anew, and may be of its own crop: the two images of each pair, or each image of a minibatch once. */
  readonly each: 'pair' | 'image';
  /** @throws UsageError where the data sets cannot give such minibatches */
  create(settings: SamplerSettings): Sampler;
}

/** The samplers by name. */
export const SAMPLERS: Readonly<Record<SamplerName, SamplerKind>> = {
  /** All pairs of all data sets in a new random order each epoch, `batch` at a time; the last minibatch has what remains. */
  pairs: {
    each: 'pair',
    create({ nPairs, batch, random }) {
      return {
        batchesPerEpoch: Math.ceil(nPairs / batch),
        epoch() {
          const order = random.permutation(nPairs);
          const batches: Uint32Array[] = [];
          for (let first = 0; first < nPairs; first += batch) batches.push(order.subarray(first, first + batch));
          return batches;
        },
        state: () => random.state(),
      };
    },
  },
  /** Random images of one data set at a time and all their training pairs. */
  cliques: { each: 'image', create: cliqueSampler },
};
