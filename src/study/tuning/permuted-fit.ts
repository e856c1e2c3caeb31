import type { Task } from '../../core/parallel.ts';
import { fitPermuted, type PermutedFitInput, type PermutedFitResult } from '../../training/permuted.ts';

/** The fit on label-permuted RDMs as a task for a worker thread, which loads this module and calls its default export. */
export const permutedFit: Task<PermutedFitInput, PermutedFitResult> = {
  module: new URL(import.meta.url),
  run: fitPermuted,
};

export default fitPermuted;
