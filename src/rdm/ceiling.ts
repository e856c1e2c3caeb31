import { condensedLength } from '../core/condensed.ts';
import { UsageError } from '../core/errors.ts';
import { COMPARATORS, type ComparatorName } from './comparators.ts';
import { type RdmStack, rdmValuesAt } from './rdm.ts';

/** A similarity with subjects: its mean, and the mean of its squares (each subject's squared, then averaged). */
export interface Agreement {
  readonly rho: number;
  readonly r2: number;
}

/** What a perfect model could reach: `lower` with each subject held against the mean of the others, `upper` against the mean of all. */
export interface NoiseCeiling {
  readonly lower: Agreement;
  readonly upper: Agreement;
}

/**
 * How subjects are averaged: `raw` averages RDMs as they are (the 2019 challenge), `normalised` first lets the comparator bring each to
 * the same footing: ranks for spearman, unit deviations for pearson (rsatoolbox).
 */
export type CeilingAveraging = 'raw' | 'normalised';

/**
 * Noise ceiling of subjects' RDMs.
 *
 * upper.rho = mean_s mean_t c(D_st, mean_q D_qt), lower.rho the same with the mean over q other than s; r2 is the mean over subjects of
 * (mean_t c)^2.
 * @param stack at least 2 subjects
 * @param options how RDMs are compared and averaged
 * @param options.comparator c
 * @throws UsageError for a single subject
 * @remarks NaN where a subject's RDM holds NaN or is constant; ties share their mean rank.
 * @source Nili et al. 2014; Cichy et al. 2019 (raw); rsatoolbox boot_noise_ceiling (normalised)
 */
export function noiseCeiling(
  stack: RdmStack,
  { comparator = 'spearman', averaging = 'raw' }: { comparator?: ComparatorName; averaging?: CeilingAveraging } = {},
): NoiseCeiling {
  const { nSubjects, nTimes } = stack;
  if (nSubjects < 2) {
    throw new UsageError(`noiseCeiling: expected at least 2 subjects, got ${nSubjects}; pass one RDM a subject`);
  }
  const { prepare, similarity, normalise } = COMPARATORS[comparator];
  const nPairs = condensedLength(stack.nConditions);
  const lower = new Float64Array(nSubjects);
  const upper = new Float64Array(nSubjects);
  const mean = new Float64Array(nPairs);
  for (let time = 0; time < nTimes; time++) {
    const subjects = Array.from({ length: nSubjects }, (_, subject) => {
      const values = rdmValuesAt(stack, subject, time);
      return averaging === 'raw' ? values : normalise(values);
    });
    const prepared = subjects.map((_, subject) => prepare(rdmValuesAt(stack, subject, time)));
    meanOf(subjects, mean);
    const preparedMean = prepare(mean);
    for (let subject = 0; subject < nSubjects; subject++) {
      upper[subject] += similarity(prepared[subject], preparedMean) / nTimes;
      // Summed anew rather than taken off the mean, so that ties among the others stay ties.
      meanOf(subjects, mean, subject);
      lower[subject] += similarity(prepared[subject], prepare(mean)) / nTimes;
    }
  }
  return { lower: agreementOf(lower), upper: agreementOf(upper) };
}

/** Mean of similarities with subjects and of their squares; NaN where one is, or where there are none. */
export function agreementOf(bySubject: ArrayLike<number>): Agreement {
  let sum = 0;
  let squares = 0;
  for (let subject = 0; subject < bySubject.length; subject++) {
    sum += bySubject[subject];
    squares += bySubject[subject] ** 2;
  }
  return { rho: sum / bySubject.length, r2: squares / bySubject.length };
}

function meanOf(subjects: readonly Float64Array[], mean: Float64Array, without = -1): void {
  const n = without === -1 ? subjects.length : subjects.length - 1;
  mean.fill(0);
  subjects.forEach((values, subject) => {
    if (subject === without) return;
    for (let k = 0; k < mean.length; k++) mean[k] += values[k];
  });
  for (let k = 0; k < mean.length; k++) mean[k] /= n;
}
