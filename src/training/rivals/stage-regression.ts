import { UsageError } from '../../core/errors.ts';
import { nonNegativeLeastSquares } from './nnls.ts';
import { inSetUnits, type SetUnit, standardised } from './set-units.ts';

/** What stages' RDMs are weighed by: one data set. */
export interface StageRdmSet {
  /** For each stage its dissimilarities, nPairs. */
  readonly stageRdms: readonly Float64Array[];
  /** Measured dissimilarity of every pair, nPairs. */
  readonly targets: Float64Array;
  /** The pairs that are learnt from. */
  readonly pairs: Uint32Array;
}

/** Weights of stages' RDMs, none below 0, and what their sum becomes in each data set's unit. */
export interface StageRegression {
  readonly weights: Float64Array;
  readonly units: readonly SetUnit[];
}

/**
 * Non-negative least squares of measured dissimilarities on the stages' RDMs: least sum over sets and pairs of
 * (y - sum_k w_k (d_k - mean of d_k in the set))^2, w >= 0, y standardised in its set. So each set has an intercept and a scale of its own, and
 * the weights are shared.
 * @throws UsageError where the dissimilarities of a set do not vary, or no stage's RDM goes with them, so that all weights are 0
 * @source Khaligh-Razavi & Kriegeskorte 2014, PLoS Comput. Biol. 10:e1003915 (RDMs of layers mixed by non-negative least squares)
 */
export function regressOnStages(sets: readonly StageRdmSet[]): StageRegression {
  const targets = sets.map((set) => standardised(chosenOf(set.targets, set.pairs)));
  const columns = sets.map(({ stageRdms, pairs }) => stageRdms.map((rdm) => chosenOf(rdm, pairs)));
  const means = columns.map((ofSet) => ofSet.map(meanOf));
  const centred = sets[0].stageRdms.map((_, k) =>
    together(columns.map((ofSet, s) => ofSet[k].map((value) => value - means[s][k]))),
  );
  const weights = nonNegativeLeastSquares(centred, together(targets.map(({ values }) => values)));
  if (weights.every((weight) => weight === 0)) {
    throw new UsageError(
      'least squares over stages: expected a stage whose RDM goes with the measured ones, got none, so that all weights are 0; learn from other images or stages',
    );
  }
  const units = targets.map(({ mean, sd }, s) => ({ offset: weighted(weights, means[s]), mean, sd }));
  return { weights, units };
}

/** What fitted weights make of other images' stage RDMs, in the unit of the RDMs learnt from: nPairs. */
export function mixedRdm(stageRdms: readonly Float64Array[], { weights, units }: StageRegression): Float64Array {
  const sum = stageRdms[0].map((_, pair) => stageRdms.reduce((all, rdm, k) => all + weights[k] * rdm[pair], 0));
  return inSetUnits(sum, units);
}

function chosenOf(values: Float64Array, pairs: Uint32Array): Float64Array {
  return Float64Array.from(pairs, (pair) => values[pair]);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weighted(weights: Float64Array, values: readonly number[]): number {
  return values.reduce((sum, value, k) => sum + weights[k] * value, 0);
}

function together(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
