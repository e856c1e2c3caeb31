import { UsageError } from '../../core/errors.ts';

/** What a model's values become in the unit of one data set: mean + sd (value - offset). */
export interface SetUnit {
  /** What the model gives on average on the pairs learnt from. */
  readonly offset: number;
  /** Mean and standard deviation of the measured dissimilarities of these pairs. */
  readonly mean: number;
  readonly sd: number;
}

/**
 * Measured dissimilarities of the pairs learnt from, standardised, so that data sets of any unit count by their number of pairs.
 * @throws UsageError where they do not vary
 */
export function standardised(targets: Float64Array): { values: Float64Array; mean: number; sd: number } {
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  const sd = Math.sqrt(targets.reduce((sum, value) => sum + (value - mean) ** 2, 0) / targets.length);
  if (!(sd > 1e-12 * Math.abs(mean))) {
    throw new UsageError(
      `regression on RDMs: expected dissimilarities that vary over the pairs learnt from, got ${targets[0] ?? 'none'} throughout; learn from other RDMs`,
    );
  }
  return { values: targets.map((value) => (value - mean) / sd), mean, sd };
}

/** A model's values in the unit of the data sets it learnt from: the mean of what each set's own unit makes of them. */
export function inSetUnits(values: Float64Array, units: readonly SetUnit[]): Float64Array {
  let [slope, intercept] = [0, 0];
  for (const { offset, mean, sd } of units) {
    slope += sd / units.length;
    intercept += (mean - sd * offset) / units.length;
  }
  return values.map((value) => slope * value + intercept);
}
