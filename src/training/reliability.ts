import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { PairTargets } from './targets.ts';

/** Settings of the reliability weights. */
export interface Reliability {
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Weight of each pair in the loss: w = (1 / (N + alpha mean(N)))^beta, N the standard deviation over subjects.
 *
 * mean(N) is taken over the pairs learnt from, and the weights are divided by their mean over these: data sets of different units (fMRI 1 - r
 * around 1, MEG accuracies around 0.1) then count alike, pair for pair. With a single data set that changes nothing, since Adam's steps do
 * not depend on the loss's scale. One subject, or subjects that agree exactly everywhere, have no N: all weights are 1, said in a notice.
 * @param trainingPairs condensed positions of the pairs learnt from; others get the weight the same formula gives them
 * @returns one weight a pair, mean 1 over the training pairs
 * @throws UsageError where subjects agree exactly on some pair and alpha 0 would divide by zero
 * @source Gaziv 2019, equation 1
 */
export function reliabilityWeights(
  targets: PairTargets,
  trainingPairs: ArrayLike<number>,
  reliability: Reliability | 'none',
  name: string,
  onNotice: OnNotice = () => {},
): Float64Array {
  const weights = new Float64Array(targets.nPairs).fill(1);
  if (reliability === 'none') return weights;
  const { alpha, beta } = reliability;
  const { deviations } = targets;
  const meanDeviation = meanAt(deviations, trainingPairs);
  if (targets.nSubjects === 1) {
    onNotice(`data set ${name} has a single subject: no reliability weights, all pairs count alike`);
    return weights;
  }
  if (meanDeviation === 0) {
    onNotice(`data set ${name}: all subjects have the same values: no reliability weights, all pairs count alike`);
    return weights;
  }
  for (let pair = 0; pair < weights.length; pair++) {
    weights[pair] = (1 / (deviations[pair] + alpha * meanDeviation)) ** beta;
    if (!Number.isFinite(weights[pair])) {
      throw new UsageError(
        `data set ${name}: expected finite reliability weights, got ${weights[pair]} for a pair all subjects agree on; use training.reliability.alpha above 0 (0.25)`,
      );
    }
  }
  const meanWeight = meanAt(weights, trainingPairs);
  for (let pair = 0; pair < weights.length; pair++) weights[pair] /= meanWeight;
  return weights;
}

function meanAt(values: Float64Array, places: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < places.length; k++) sum += values[places[k]];
  return sum / places.length;
}
