import { UsageError } from '../../core/errors.ts';
import type { Task } from '../../core/parallel.ts';
import { stageShares } from '../../encoder/tuning.ts';
import { fitMask } from '../../training/fit.ts';
import type { TrainingOptions, TrainingSet } from '../../training/options.ts';

/** All that a fit from pair statistics needs, structured-clonable: a worker thread can take it. */
export interface ShareFitInput {
  readonly sets: readonly TrainingSet[];
  readonly options: TrainingOptions;
}

/** Share of each stage in the embedding's variance over all images of the sets, or why they could not be fitted. */
export type ShareFitResult = { readonly shares: readonly number[] } | { readonly problem: string };

async function fitShares({ sets, options }: ShareFitInput): Promise<ShareFitResult> {
  try {
    const { encoder } = await fitMask(sets, options);
    return { shares: stageShares(encoder, [...new Set(sets.map(({ statistics }) => statistics))]) };
  } catch (error) {
    // A thread hands errors over without their class, so what is the user's to know goes as a result.
    if (error instanceof UsageError) return { problem: error.message };
    throw error;
  }
}

/** A fit of which the stages' shares alone are wanted, as a task for a worker thread, which calls this module's default export. */
export const shareFit: Task<ShareFitInput, ShareFitResult> = { module: new URL(import.meta.url), run: fitShares };

export default fitShares;
