import { ShapeError } from '../core/errors.ts';
import { assertSameConditions } from './alignment.ts';
import { type Agreement, agreementOf } from './ceiling.ts';
import { COMPARATORS, type ComparatorName } from './comparators.ts';
import { type Rdm, type RdmStack, rdmValuesAt } from './rdm.ts';

/** How well a model's RDM agrees with subjects'. */
export interface Score extends Agreement {
  /** Similarity with each subject: the mean over its time points. */
  readonly rhoBySubject: readonly number[];
  /** Standard error of rho over subjects; NaN for a single one. */
  readonly rhoStandardError: number;
}

/**
 * Scores a model as the 2019 challenge did.
 *
 * rho_s = mean_t c(model, D_st); rho = mean_s rho_s; r2 = mean_s rho_s^2, which hides the sign: read it beside rho.
 * @param model RDM of the same conditions in the same order
 * @param target subjects' RDMs
 * @throws ShapeError where conditions differ
 * @remarks NaN where the model or a subject's RDM is constant, holds NaN or has fewer than 3 conditions; ties share their mean rank.
 * @source Cichy et al. 2019, arXiv:1905.05675
 */
export function scoreRdm(
  model: Rdm,
  target: RdmStack,
  { comparator = 'spearman' }: { comparator?: ComparatorName } = {},
): Score {
  assertSameConditions({ what: 'the model', ...model }, { what: 'the target', ...target });
  const { prepare, similarity } = COMPARATORS[comparator];
  const prepared = prepare(model.values);
  const rhoBySubject = Array.from({ length: target.nSubjects }, (_, subject) => {
    let sum = 0;
    for (let time = 0; time < target.nTimes; time++) {
      sum += similarity(prepared, prepare(rdmValuesAt(target, subject, time)));
    }
    return sum / target.nTimes;
  });
  return { ...agreementOf(rhoBySubject), rhoBySubject, rhoStandardError: standardError(rhoBySubject) };
}

/** 100 r2 / ceiling; null where there is no ceiling, or one that is not above 0. */
export function percentOfCeiling(r2: number, ceiling: number | null): number | null {
  return ceiling !== null && ceiling > 0 ? (100 * r2) / ceiling : null;
}

/** Score of a challenge track: its regions' or windows' mean r2 over the mean of their ceilings. */
export interface TrackScore {
  readonly r2: number;
  /** null where a region has no ceiling. */
  readonly percentOfCeiling: number | null;
}

/**
 * 100 mean(r2) / mean(ceiling), which is not the mean of the percentages.
 * @throws ShapeError where there are no regions
 */
export function trackScore(regions: readonly { r2: number; ceiling: number | null }[]): TrackScore {
  if (regions.length === 0) throw new ShapeError('trackScore: expected at least 1 region, got none');
  const r2 = regions.reduce((sum, region) => sum + region.r2, 0) / regions.length;
  if (regions.some(({ ceiling }) => ceiling === null)) return { r2, percentOfCeiling: null };
  const ceiling = regions.reduce((sum, region) => sum + region.ceiling!, 0) / regions.length;
  return { r2, percentOfCeiling: percentOfCeiling(r2, ceiling) };
}

function standardError(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return n < 2 ? Number.NaN : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n);
}
