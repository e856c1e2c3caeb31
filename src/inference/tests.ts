import { studentTail, twoSided95 } from '../core/student-t.ts';
import type { Estimate, EstimateTest, PermutationTest, Significance } from './evaluation.ts';
import { bonferroni, falseDiscoveryRates } from './multiple-tests.ts';
import { mean } from './score-tables.ts';
import type { EstimatedVariance } from './variance.ts';

/**
 * An estimate beside the variance it has.
 * @param value the estimate
 * @param estimated its variance
 * @param most no true value is larger, or below its negative: of a similarity 1, of a difference of two 2
 */
export function estimateOf(value: number, { variance, degrees }: EstimatedVariance, most: number): Estimate {
  const standardError = Math.sqrt(variance);
  const half = standardError > 0 ? twoSided95(degrees) * standardError : 0;
  return { value, standardError, interval: [Math.max(-most, value - half), Math.min(most, value + half)] };
}

/** A test before it is adjusted for others. */
export type SingleTest<Test extends Significance> = Omit<Test, 'pFdr' | 'pBonferroni'>;

/** Less than this of a score is rounding. */
export const NOTHING = 1e-12;

/**
 * t = value / standardError against Student's distribution. An estimate without any variance is tested by eye: p is 1 where it is 0, else 0
 * (one-sided: 0 above 0, 1 below).
 */
export function tTest(
  value: number,
  { variance, degrees }: EstimatedVariance,
  sides: 'above' | 'two',
): SingleTest<EstimateTest> {
  const standardError = Math.sqrt(variance);
  if (standardError <= NOTHING) {
    const differs = sides === 'two' ? Math.abs(value) > NOTHING : value > NOTHING;
    return { t: null, degrees, p: differs ? 0 : 1 };
  }
  const t = value / standardError;
  return { t, degrees, p: sides === 'two' ? 2 * studentTail(Math.abs(t), degrees) : studentTail(t, degrees) };
}

/** Where a score stands among those of permuted labels. */
export function permutationTest(score: number, permuted: Float64Array): SingleTest<PermutationTest> {
  // Rounding must not set a permutation that changes nothing apart from the score itself.
  const asHigh = permuted.reduce((count, value) => count + (value >= score - NOTHING ? 1 : 0), 0);
  return {
    p: (1 + asHigh) / (1 + permuted.length),
    mean: mean(permuted),
    percentile95: percentile95(permuted),
  };
}

/** The least of some numbers that is no less than 95 % of them. */
export function percentile95(values: Float64Array): number {
  return values.slice().sort()[Math.ceil(0.95 * values.length) - 1];
}

/** A family of tests with their p values adjusted for each other; those that are null stay so and do not count. */
export function adjusted<Test extends { readonly p: number }>(
  tests: readonly (Test | null)[],
): ((Test & Significance) | null)[] {
  const made = tests.filter((test) => test !== null);
  const p = made.map((test) => test.p);
  const [fdr, all] = [falseDiscoveryRates(p), bonferroni(p)];
  let next = 0;
  return tests.map((test) => {
    if (test === null) return null;
    const k = next++;
    return { ...test, pFdr: fdr[k], pBonferroni: all[k] };
  });
}
