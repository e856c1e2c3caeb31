import { condensedLength } from '../core/condensed.ts';
import { type CeilingAveraging, meansOfOthers } from '../rdm/ceiling.ts';
import { type Prepared, sortRdm } from '../rdm/comparators/comparator.ts';
import { COMPARATORS, type ComparatorName, type SortedRdm } from '../rdm/comparators.ts';
import type { PairSample } from '../rdm/pair-sample.ts';
import { type Rdm, type RdmStack, rdmValuesAt } from '../rdm/rdm.ts';

/** All RDMs that inference compares, structured-clonable: a worker thread can take it. */
export interface ComparedRdms {
  readonly comparator: ComparatorName;
  readonly nConditions: number;
  readonly nSubjects: number;
  readonly nTimes: number;
  readonly models: readonly SortedRdm[];
  /** Subjects' own, nSubjects x nTimes. */
  readonly subjects: readonly SortedRdm[];
  /** What the lower noise ceiling takes for a model of each of `subjects`; empty where there is none. */
  readonly others: readonly SortedRdm[];
}

/** Models and subjects as they are compared, `withCeiling` beside the means of other subjects. */
export function comparedRdms(
  models: readonly { readonly rdm: Rdm }[],
  target: RdmStack,
  by: { comparator: ComparatorName; averaging: CeilingAveraging; withCeiling: boolean },
): ComparedRdms {
  const { nConditions, nSubjects, nTimes } = target;
  const times = [...Array(nTimes).keys()];
  const others = by.withCeiling ? times.map((time) => meansOfOthers(target, time, by)) : [];
  const bySubject = <T>(at: (subject: number, time: number) => T) =>
    [...Array(nSubjects).keys()].flatMap((subject) => times.map((time) => at(subject, time)));
  return {
    ...{ comparator: by.comparator, nConditions, nSubjects, nTimes },
    models: models.map(({ rdm }) => shared(sortRdm(rdm.values))),
    subjects: bySubject((subject, time) => shared(sortRdm(rdmValuesAt(target, subject, time)))),
    others: by.withCeiling ? bySubject((subject, time) => shared(sortRdm(others[time][subject]))) : [],
  };
}

/** Rows of a table of scores: the models, then, where there is one, the lower noise ceiling. */
export function nRows({ models, others }: ComparedRdms): number {
  return models.length + (others.length > 0 ? 1 : 0);
}

/**
 * Scores on a sample of conditions: each model's similarity with each subject, and each subject's with the mean of the others, averaged over
 * times.
 * @returns nRows x nSubjects; NaN where a similarity has no value
 */
export function scoreSample(rdms: ComparedRdms, sample: PairSample): Float64Array {
  const { models, subjects, others, nSubjects, nTimes } = rdms;
  const { prepareSample, similarity } = COMPARATORS[rdms.comparator];
  const prepared = models.map((model) => prepareSample(model, sample));
  const scores = new Float64Array(nRows(rdms) * nSubjects);
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = Array.from({ length: nTimes }, (_, time) => prepareSample(subjects[subject * nTimes + time], sample));
    const together = overTimes(own, rdms.comparator);
    prepared.forEach((model, row) => {
      scores[row * nSubjects + subject] = meanSimilarity(together, (at) => similarity(at, model, sample));
    });
    if (others.length > 0) {
      const ceiling = meanSimilarity(own, (at, time) =>
        similarity(at, prepareSample(others[subject * nTimes + time], sample), sample),
      );
      scores[models.length * nSubjects + subject] = ceiling;
    }
  }
  return scores;
}

/**
 * Each model's score with each subject under a relabelling of its conditions, averaged over times, for each of several permutations.
 * @returns nPermutations x nModels x nSubjects
 */
export function permutedScores(rdms: ComparedRdms, permutations: Iterable<Uint32Array>): Float64Array {
  const { models, subjects, nConditions, nSubjects, nTimes } = rdms;
  const { prepare, relabel, similarity } = COMPARATORS[rdms.comparator];
  const preparedModels = models.map(({ values }) => prepare(values));
  const preparedSubjects = Array.from({ length: nSubjects }, (_, subject) => {
    const own = subjects.slice(subject * nTimes, (subject + 1) * nTimes);
    return overTimes(
      own.map(({ values }) => prepare(values)),
      rdms.comparator,
    );
  });
  const scores: number[] = [];
  for (const permutation of permutations) {
    const from = relabelledPairs(permutation, nConditions);
    for (const model of preparedModels) {
      const relabelled = relabel(model, from);
      for (const subject of preparedSubjects) scores.push(meanSimilarity(subject, (at) => similarity(at, relabelled)));
    }
  }
  return Float64Array.from(scores);
}

/** A subject's RDMs over times as few as their mean similarity with a model takes: one where that is an inner product. */
function overTimes(prepared: readonly Prepared[], comparator: ComparatorName): readonly Prepared[] {
  const { meanPrepared } = COMPARATORS[comparator];
  return prepared.length === 1 || meanPrepared === undefined ? prepared : [meanPrepared(prepared)];
}

function meanSimilarity(times: readonly Prepared[], similarity: (at: Prepared, time: number) => number): number {
  let sum = 0;
  for (let time = 0; time < times.length; time++) sum += similarity(times[time], time);
  return sum / times.length;
}

/** Over memory that threads share, where there is such, so that blocks of work bring no copies. */
function shared({ values, order, ascending }: SortedRdm): SortedRdm {
  if (typeof SharedArrayBuffer === 'undefined') return { values, order, ascending };
  const copies = {
    values: new Float64Array(new SharedArrayBuffer(values.byteLength)),
    order: new Uint32Array(new SharedArrayBuffer(order.byteLength)),
    ascending: new Float64Array(new SharedArrayBuffer(ascending.byteLength)),
  };
  copies.values.set(values);
  copies.order.set(order);
  copies.ascending.set(ascending);
  return copies;
}

/** For each pair of conditions the pair that takes its place where condition i takes that of permutation[i]. */
export function relabelledPairs(permutation: Uint32Array, n: number): Uint32Array {
  const from = new Uint32Array(condensedLength(n));
  // Position of pair (i, j), i < j, is starts[i] + j.
  const starts = Float64Array.from({ length: n }, (_, i) => i * n - (i * (i + 1)) / 2 - i - 1);
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const [a, b] = [permutation[i], permutation[j]];
      from[pair] = a < b ? starts[a] + b : starts[b] + a;
    }
  }
  return from;
}
