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
 * the same footing: ranks for spearman, rho-a and the taus, unit deviations for the correlations, unit length for the cosines (rsatoolbox).
 */
export type CeilingAveraging = 'raw' | 'normalised';

/** How RDMs are compared with, and averaged over, subjects. */
export interface CeilingOptions {
  readonly comparator?: ComparatorName;
  readonly averaging?: CeilingAveraging;
}

/**
 * Noise ceiling of subjects' RDMs.
 *
 * upper.rho = mean_s mean_t c(D_st, mean_q D_qt), lower.rho the same with the mean over q other than s; r2 is the mean over subjects of
 * (mean_t c)^2.
 * @param stack at least 2 subjects
 * @param options how RDMs are compared and averaged
 * @param options.comparator c
 * @throws UsageError for a single subject
 * @remarks NaN where a subject's RDM holds NaN, and where the comparator has no value for it, as most have none for a constant one.
 * @source Nili et al. 2014; Cichy et al. 2019 (raw); rsatoolbox boot_noise_ceiling (normalised)
 */
export function noiseCeiling(stack: RdmStack, options: CeilingOptions = {}): NoiseCeiling {
  const { nSubjects, nTimes } = stack;
  if (nSubjects < 2) {
    throw new UsageError(`noiseCeiling: expected at least 2 subjects, got ${nSubjects}; pass one RDM a subject`);
  }
  const { prepare, similarity } = COMPARATORS[options.comparator ?? 'spearman'];
  const lower = new Float64Array(nSubjects);
  const upper = new Float64Array(nSubjects);
  for (let time = 0; time < nTimes; time++) {
    const footing = onOneFooting(stack, time, options);
    const all = prepare(meanOf(footing));
    for (let subject = 0; subject < nSubjects; subject++) {
      const own = prepare(rdmValuesAt(stack, subject, time));
      upper[subject] += similarity(own, all) / nTimes;
      lower[subject] += similarity(own, prepare(meanOf(footing, subject))) / nTimes;
    }
  }
  return { lower: agreementOf(lower), upper: agreementOf(upper) };
}

/**
 * The lower noise ceiling's rho without each subject in turn: what `noiseCeiling` gives for the others.
 * @param stack at least 3 subjects
 * @param options how RDMs are compared and averaged
 */
export function lowerCeilingsWithout(stack: RdmStack, options: CeilingOptions = {}): Float64Array {
  const { nSubjects, nTimes } = stack;
  const { prepare, similarity } = COMPARATORS[options.comparator ?? 'spearman'];
  const without = new Float64Array(nSubjects);
  for (let time = 0; time < nTimes; time++) {
    const footing = onOneFooting(stack, time, options);
    const own = footing.map((_, subject) => prepare(rdmValuesAt(stack, subject, time)));
    for (let out = 0; out < nSubjects; out++) {
      own.forEach((prepared, subject) => {
        if (subject === out) return;
        without[out] += similarity(prepared, prepare(meanOf(footing, subject, out))) / nTimes / (nSubjects - 1);
      });
    }
  }
  return without;
}

/** For each subject at one time the mean RDM of the others, which the lower noise ceiling takes for a model of that subject. */
export function meansOfOthers(stack: RdmStack, time: number, options: CeilingOptions = {}): Float64Array[] {
  const footing = onOneFooting(stack, time, options);
  return footing.map((_, subject) => meanOf(footing, subject));
}

/** The mean RDM of all subjects at one time, which the upper noise ceiling takes for a model of each. */
export function meanOfSubjects(stack: RdmStack, time: number, options: CeilingOptions = {}): Float64Array {
  return meanOf(onOneFooting(stack, time, options));
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

function onOneFooting(
  stack: RdmStack,
  time: number,
  { comparator = 'spearman', averaging = 'raw' }: CeilingOptions,
): Float64Array[] {
  const { normalise } = COMPARATORS[comparator];
  return Array.from({ length: stack.nSubjects }, (_, subject) => {
    const values = rdmValuesAt(stack, subject, time);
    return averaging === 'raw' ? values : normalise(values);
  });
}

/** Summed anew for each subject left out rather than taken off the sum of all, so that ties among the others stay ties. */
function meanOf(subjects: readonly Float64Array[], ...without: readonly number[]): Float64Array {
  const n = subjects.length - without.length;
  const mean = new Float64Array(subjects[0].length);
  subjects.forEach((values, subject) => {
    if (without.includes(subject)) return;
    for (let k = 0; k < mean.length; k++) mean[k] += values[k];
  });
  return mean.map((sum) => sum / n);
}
