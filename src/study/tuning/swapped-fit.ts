import type { Task } from '../../core/parallel.ts';
import type { RdmStack } from '../../rdm/rdm.ts';
import type { TrainingOptions, TrainingSet } from '../../training/options.ts';
import fitShares, { type ShareFitResult } from './share-fit.ts';
import type { Swap } from './swaps.ts';

/** A data set of two regions: the same images, and the same subjects' RDMs of one region and of the other. */
export interface RegionPair {
  readonly a: TrainingSet;
  readonly b: TrainingSet;
}

/** One region's fit after some subjects' RDMs have been exchanged with the other's, structured-clonable. */
export interface SwappedFitInput {
  readonly pairs: readonly RegionPair[];
  /** For each pair whose RDMs are exchanged. */
  readonly swaps: readonly Swap[];
  readonly region: 'a' | 'b';
  readonly options: TrainingOptions;
}

function fitSwapped({ pairs, swaps, region, options }: SwappedFitInput): Promise<ShareFitResult> {
  const sets = pairs.map((pair, k) => {
    const other = pair[region === 'a' ? 'b' : 'a'];
    return { ...pair[region], targets: exchangeSubjects(pair[region].targets, other.targets, swaps[k]) };
  });
  return fitShares({ sets, options });
}

/** A stack with some subjects' RDMs from another one of the same shape. */
export function exchangeSubjects(stack: RdmStack, other: RdmStack, swap: Swap): RdmStack {
  const length = stack.values.length / stack.nSubjects;
  const values = stack.values.slice();
  for (const [subject, exchanged] of swap.entries()) {
    if (exchanged) values.set(other.values.subarray(subject * length, (subject + 1) * length), subject * length);
  }
  return { ...stack, values };
}

/** The fit as a task for a worker thread, which calls this module's default export. */
export const swappedFit: Task<SwappedFitInput, ShareFitResult> = { module: new URL(import.meta.url), run: fitSwapped };

export default fitSwapped;
