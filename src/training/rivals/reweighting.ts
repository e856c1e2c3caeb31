import { condensedIndex } from '../../core/condensed.ts';
import { UsageError } from '../../core/errors.ts';
import type { RunTasks } from '../../core/parallel.ts';
import type { OnProgress } from '../../core/progress.ts';
import type { PairStatistics } from '../../features/pair-statistics.ts';
import { layOutStages } from '../../features/stage-layout.ts';
import { pairPredictors, reweightedProducts } from './pair-predictors.ts';
import { type RidgeModel, ridge } from './ridge.ts';
import { ridgeFold } from './ridge-fold.ts';
import { inSetUnits } from './set-units.ts';

/** What feature reweighting learns from: one data set. */
export interface ReweightedSet {
  readonly statistics: PairStatistics;
  /** Measured dissimilarity of every pair, nPairs. */
  readonly targets: Float64Array;
  /** The images that are learnt from, dealt into folds. */
  readonly folds: readonly (readonly number[])[];
}

/** Penalties in units of the mean diagonal of Z'Z: 0.3 to 1000 in steps of half a decade. */
const PENALTIES = [-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3].map((power) => 10 ** power);
/** What is tried below the lowest where that is the best, as parts of it, until there is nothing left to penalise. */
const FURTHER_DOWN = [-2, -1.5, -1, -0.5].map((power) => 10 ** power);
const LOWEST = 1e-4;

// Two GB in float32: more is neither kept beside the statistics nor gone through a thousand times in reasonable time.
const MOST_PREDICTORS = 2 ** 29;

/**
 * Feature reweighting: ridge regression of the measured dissimilarities on the products of the two images' standardised activations, one
 * predictor and one weight, of either sign, a channel (`pairPredictors`, each standardised over the pairs learnt from).
 *
 * The penalty is the one of least squared error on pairs of images that a fold left out, over folds of images: pairs of a left-out image with
 * one learnt from are neither learnt from nor judged by. Where the lowest penalty is the best, lower ones are tried.
 * @param sets of the same stages; each has an intercept and a scale of its own
 * @returns the model learnt from all folds' images
 * @throws UsageError where features or dissimilarities do not vary, there are more predictors than memory should hold, or folds leave too little
 * @source Kaniuth & Hebart 2022, NeuroImage 257:119294
 */
export async function reweightChannels(
  sets: readonly ReweightedSet[],
  { runTasks, onProgress }: { readonly runTasks: RunTasks; readonly onProgress?: OnProgress },
): Promise<RidgeModel> {
  const { nChannels } = layOutStages(sets[0].statistics.stages);
  checkSizes(sets, nChannels);
  const shown = new Set(sets.map(({ statistics }) => statistics));
  const predictors = new Map([...shown].map((statistics) => [statistics, pairPredictors(statistics)]));
  const learnt = sets.map(({ statistics, targets, folds }) => ({
    ...{ rows: predictors.get(statistics)!, targets },
    chosen: pairsAmong(folds.flat(), statistics.conditions.length),
  }));
  const nFolds = sets[0].folds.length;
  const cuts = Array.from({ length: nFolds }, (_, fold) =>
    sets.map(({ statistics, folds }, s) => ({
      ...learnt[s],
      chosen: pairsAmong(folds.filter((_, other) => other !== fold).flat(), statistics.conditions.length),
      leftOut: pairsAmong(folds[fold], statistics.conditions.length),
    })),
  );
  const errorsOf = async (penalties: readonly number[]) => {
    const inputs = cuts.map((cut) => ({ sets: cut, nColumns: nChannels, penalties }));
    const phase = 'choosing the penalty of ridge regression';
    onProgress?.({ phase, done: 0, total: nFolds });
    const byFold = await runTasks(ridgeFold, inputs, (done) => onProgress?.({ phase, done, total: nFolds }));
    return penalties.map((_, k) => byFold.reduce((sum, errors) => sum + errors[k], 0));
  };
  return ridge(learnt, nChannels, [await leastError(errorsOf)])[0];
}

/** What a fitted reweighting makes of other images, in the unit of the RDMs it learnt from: nPairs. */
export function reweightedRdm(statistics: PairStatistics, { weights, units }: RidgeModel): Float64Array {
  return inSetUnits(reweightedProducts(statistics, weights), units);
}

async function leastError(errorsOf: (penalties: readonly number[]) => Promise<number[]>): Promise<number> {
  let best = { penalty: Number.NaN, error: Number.POSITIVE_INFINITY };
  for (let penalties = PENALTIES; ; penalties = FURTHER_DOWN.map((part) => part * best.penalty)) {
    for (const [k, error] of (await errorsOf(penalties)).entries()) {
      if (error < best.error) best = { penalty: penalties[k], error };
    }
    if (best.penalty !== penalties[0] || best.penalty < LOWEST) return best.penalty;
  }
}

/** Condensed positions of the pairs among some of n images, ascending. */
export function pairsAmong(images: readonly number[], n: number): Uint32Array {
  const rows = [...images].sort((a, b) => a - b);
  return Uint32Array.from(rows.flatMap((i, k) => rows.slice(k + 1).map((j) => condensedIndex(i, j, n))));
}

function checkSizes(sets: readonly ReweightedSet[], nChannels: number): void {
  const statistics = new Set(sets.map((set) => set.statistics));
  const nPredictors = [...statistics].reduce((sum, { products }) => sum + products.length, 0);
  if (nPredictors > MOST_PREDICTORS) {
    throw new UsageError(
      `ridge over channels: expected at most ${MOST_PREDICTORS} numbers (pairs x channels), got ${nPredictors} with ${nChannels} channels; take fewer images or stages`,
    );
  }
  for (const { folds } of sets) {
    const fewest = Math.min(...folds.map(({ length }) => length));
    if (folds.length >= 2 && fewest >= 2) continue;
    throw new UsageError(
      `ridge over channels: expected at least 2 folds of at least 2 images to choose the penalty by, got ${folds.length} with ${fewest} in the smallest; learn from more images`,
    );
  }
}
