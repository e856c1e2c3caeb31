import { UsageError } from '../core/errors.ts';

/**
 * What stands between a subject's RDM and the true one, as standard deviations over pairs in units of the true RDM's own: a `measurement` of
 * 2 is noise with four times the variance of the signal.
 */
export interface SubjectNoise {
  /** Independent over pairs and subjects, normal. */
  readonly measurement: number;
  /** What is particular to a subject and would come again if it were measured again: its own weighing of the stages and channels. */
  readonly individual: number;
}

/** Correlations a perfect model would reach: with each subject held against the others' mean, and against the mean of all. */
export interface ExpectedCeiling {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The noise ceiling that noise leads to, before sampling: with t = measurement^2 + individual^2 and N subjects
 *
 * lower = 1 / sqrt((1 + t) (1 + t / (N - 1))), upper = sqrt((1 + t / N) / (1 + t)).
 *
 * Pearson correlations; Spearman's are a few hundredths lower. The true RDM itself reaches 1 / sqrt(1 + t).
 * @throws UsageError for fewer than 2 subjects or a negative level
 */
export function expectedCeiling(noise: SubjectNoise, nSubjects: number): ExpectedCeiling {
  checkSubjects(nSubjects);
  checkNoise(noise);
  const total = noise.measurement ** 2 + noise.individual ** 2;
  return {
    lower: 1 / Math.sqrt((1 + total) * (1 + total / (nSubjects - 1))),
    upper: Math.sqrt((1 + total / nSubjects) / (1 + total)),
  };
}

/**
 * The noise that leads to a lower noise ceiling as high as one's own data has: the inverse of `expectedCeiling`.
 * @param lower correlation, between 0 and 1
 * @param options of the subjects
 * @param options.individual share of the noise's variance that is individual
 * @throws UsageError where no noise leads there
 */
export function noiseForCeiling(
  lower: number,
  { nSubjects = 15, individual = 0.1 }: { readonly nSubjects?: number; readonly individual?: number } = {},
): SubjectNoise {
  checkSubjects(nSubjects);
  if (!(lower > 0 && lower <= 1)) {
    throw new UsageError(`lower ceiling: expected a correlation above 0 and up to 1, got ${lower}`);
  }
  if (!(individual >= 0 && individual <= 1)) {
    throw new UsageError(`individual: expected a share of the noise's variance from 0 to 1, got ${individual}`);
  }
  // (1 + t) (1 + t / (N - 1)) = 1 / lower^2, solved for t.
  const others = nSubjects - 1;
  const total = (Math.sqrt((others + 1) ** 2 + 4 * others * (1 / lower ** 2 - 1)) - (others + 1)) / 2;
  return { measurement: Math.sqrt((1 - individual) * total), individual: Math.sqrt(individual * total) };
}

/** @throws UsageError where a level is negative or not finite */
export function checkNoise(noise: SubjectNoise): void {
  for (const kind of ['measurement', 'individual'] as const) {
    if (!(noise[kind] >= 0 && noise[kind] < Number.POSITIVE_INFINITY)) {
      throw new UsageError(`noise.${kind}: expected a standard deviation of at least 0, got ${noise[kind]}`);
    }
  }
}

function checkSubjects(nSubjects: number): void {
  if (!Number.isInteger(nSubjects) || nSubjects < 2) {
    throw new UsageError(`nSubjects: expected a whole number from 2, got ${nSubjects}`);
  }
}
