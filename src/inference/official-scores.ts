import { agreementOf } from '../rdm/ceiling.ts';
import { percentOfCeiling } from '../rdm/score.ts';
import type { PermutedModel } from './label-permutations.ts';
import { mean } from './score-tables.ts';
import type { OfficialScore } from './sheet.ts';
import { percentile95 } from './tests.ts';

/**
 * The challenge's figure of a model, beside what the same model gets with its labels permuted.
 *
 * r2 = mean_s rho_s^2, rho_s = mean_t of Spearman's correlation; of each permutation likewise.
 * @param model compared by Spearman's correlation
 * @param ceiling in units of r2: what 100 % stands for
 */
export function officialScore(
  { bySubject, permuted }: Pick<PermutedModel, 'bySubject' | 'permuted'>,
  ceiling: number | null,
): OfficialScore {
  const { r2 } = agreementOf(bySubject);
  const floor = distribution(permuted.map((scores) => agreementOf(scores).r2));
  const percent = (value: number) => percentOfCeiling(value, ceiling);
  return {
    r2,
    percentOfCeiling: percent(r2),
    floor:
      floor === null
        ? null
        : {
            r2: floor,
            percent:
              percent(r2) === null ? null : { mean: percent(floor.mean)!, percentile95: percent(floor.percentile95)! },
          },
  };
}

/** Mean and 95th percentile of some numbers; null of none. */
export function distribution(values: readonly number[]): { mean: number; percentile95: number } | null {
  return values.length === 0 ? null : { mean: mean(values), percentile95: percentile95(Float64Array.from(values)) };
}
