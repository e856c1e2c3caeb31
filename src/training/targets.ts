import { condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { averageTimes, type RdmStack } from '../rdm/rdm.ts';
import { type DrawValues, type TimeWindow, timeDraws } from './time-window.ts';

/** What the subjects' RDMs say of every pair of images, with a pair's values side by side. */
export interface PairTargets {
  readonly nPairs: number;
  readonly nSubjects: number;
  /** nPairs x nSubjects; a subject's time points are averaged. */
  readonly values: Float64Array;
  /** Mean over subjects, one a pair. */
  readonly means: Float64Array;
  /** Standard deviation over subjects (divided by nSubjects), one a pair: N of the reliability weights. */
  readonly deviations: Float64Array;
  /** Draws the time point of each value; null where the mean over times is meant or there is a single one. */
  readonly draw: DrawValues | null;
}

/**
 * Subjects' RDMs as a fit takes them.
 * @param stack nSubjects RDMs; of several time points the mean is taken
 * @param name the data set, for messages
 * @param time where values are drawn from each time a pair is met; what else is given here rests on the mean either way
 * @throws UsageError naming subject, row and column of a value that is not finite
 * @throws ShapeError where the stack's values do not fill its declared shape
 */
export function pairTargets(stack: RdmStack, name: string, time: 'mean' | TimeWindow = 'mean'): PairTargets {
  const { nSubjects, nConditions } = stack;
  const nPairs = condensedLength(nConditions);
  const bySubject = averageTimes(stack).values;
  if (bySubject.length !== nSubjects * nPairs || nSubjects < 1) {
    throw new ShapeError(
      `data set ${name}: expected ${nSubjects} subjects x ${nPairs} pairs, got ${bySubject.length} values`,
    );
  }
  const values = new Float64Array(nPairs * nSubjects);
  for (let subject = 0; subject < nSubjects; subject++) {
    for (let pair = 0; pair < nPairs; pair++) values[pair * nSubjects + subject] = bySubject[subject * nPairs + pair];
  }
  const means = new Float64Array(nPairs);
  const deviations = new Float64Array(nPairs);
  for (let pair = 0; pair < nPairs; pair++) {
    let sum = 0;
    for (let k = pair * nSubjects; k < (pair + 1) * nSubjects; k++) {
      if (!Number.isFinite(values[k])) throw notFinite(name, values[k], k - pair * nSubjects, pair, nConditions);
      sum += values[k];
    }
    means[pair] = sum / nSubjects;
    let squares = 0;
    for (let k = pair * nSubjects; k < (pair + 1) * nSubjects; k++) squares += (values[k] - means[pair]) ** 2;
    deviations[pair] = Math.sqrt(squares / nSubjects);
  }
  const draw = time === 'mean' || stack.nTimes === 1 ? null : timeDraws(stack, time);
  return { nPairs, nSubjects, values, means, deviations, draw };
}

function notFinite(name: string, value: number, subject: number, pair: number, n: number): UsageError {
  let row = 0;
  while (pair >= n - 1 - row) pair -= n - 1 - row++;
  return new UsageError(
    `data set ${name}, subject ${subject + 1}, row ${row + 1}, column ${row + pair + 2}: expected a finite dissimilarity, got ${value}; leave the image or the subject out`,
  );
}
