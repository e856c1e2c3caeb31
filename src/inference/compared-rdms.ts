import { condensedLength } from '../core/condensed.ts';
import { COMPARATORS, type ComparatorName, type SortedRdm } from '../rdm/comparators.ts';
import type { PairSample } from '../rdm/pair-sample.ts';

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
  subjects.forEach((subject, k) => {
    const own = prepareSample(subject, sample);
    const column = Math.floor(k / nTimes);
    prepared.forEach((model, row) => {
      scores[row * nSubjects + column] += similarity(own, model, sample) / nTimes;
    });
    if (others.length > 0) {
      const ceiling = similarity(own, prepareSample(others[k], sample), sample);
      scores[models.length * nSubjects + column] += ceiling / nTimes;
    }
  });
  return scores;
}

/** Each model's mean score under a relabelling of its conditions, for each of several permutations: nPermutations x nModels. */
export function permutedScores(rdms: ComparedRdms, permutations: Iterable<Uint32Array>): Float64Array {
  const { models, subjects, nConditions } = rdms;
  const { prepare, relabel, similarity } = COMPARATORS[rdms.comparator];
  const preparedModels = models.map(({ values }) => prepare(values));
  const preparedSubjects = subjects.map(({ values }) => prepare(values));
  const means: number[] = [];
  for (const permutation of permutations) {
    const from = relabelledPairs(permutation, nConditions);
    for (const model of preparedModels) {
      const relabelled = relabel(model, from);
      let sum = 0;
      for (const subject of preparedSubjects) sum += similarity(subject, relabelled);
      means.push(sum / subjects.length);
    }
  }
  return Float64Array.from(means);
}

/** For each pair of conditions the pair that takes its place where condition i takes that of permutation[i]. */
function relabelledPairs(permutation: Uint32Array, n: number): Uint32Array {
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
