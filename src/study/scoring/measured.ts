import { averageTimes, type RdmStack, rdmValuesAt } from '../../rdm/rdm.ts';
import type { ScoredSet } from './scored-set.ts';

/** Mean and sample standard deviation over subjects of each pair's dissimilarity, which is its mean over times. */
export function measuredSpread(stack: RdmStack): ScoredSet['measured'] {
  const averaged = averageTimes(stack);
  const { nSubjects } = averaged;
  const subjects = Array.from({ length: nSubjects }, (_, subject) => rdmValuesAt(averaged, subject));
  const mean = subjects[0].map((_, pair) => subjects.reduce((sum, values) => sum + values[pair], 0) / nSubjects);
  if (nSubjects < 2) return { mean, sd: null };
  const sd = mean.map((centre, pair) =>
    Math.sqrt(subjects.reduce((sum, values) => sum + (values[pair] - centre) ** 2, 0) / (nSubjects - 1)),
  );
  return { mean, sd };
}
