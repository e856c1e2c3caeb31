import type { Task } from '../core/parallel.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { agreementOf, meanOfSubjects, meansOfOthers } from '../rdm/ceiling.ts';
import { COMPARATORS } from '../rdm/comparators.ts';
import { makeRdmStack, type RdmStack, rdmValuesAt } from '../rdm/rdm.ts';
import { relabelledPairs } from './compared-rdms.ts';

/** A block of shuffles: its draws depend on the seed and `first` alone. */
export interface ShuffleBlock {
  readonly target: RdmStack;
  readonly seed: number;
  readonly first: number;
  readonly length: number;
}

/** Noise ceilings of subjects by Spearman's correlation and raw means. */
export interface ShuffledCeilings {
  /** Mean over subjects of the similarity with the mean of the others. */
  readonly lower: number;
  /** Mean over subjects of the squared similarity with the mean of all. */
  readonly upperR2: number;
}

/** Noise ceilings of subjects with their labels shuffled, each subject's by its own permutation, at all times alike. */
export function shuffledCeilings(target: RdmStack, shuffles: Iterable<readonly Uint32Array[]>): ShuffledCeilings[] {
  const { nConditions, nSubjects, nTimes } = target;
  const { prepare, relabel, similarity } = COMPARATORS.spearman;
  const subjects = [...Array(nSubjects).keys()];
  const prepared = subjects.map((subject) =>
    Array.from({ length: nTimes }, (_, time) => prepare(rdmValuesAt(target, subject, time))),
  );
  const ceilings: ShuffledCeilings[] = [];
  for (const permutations of shuffles) {
    const from = permutations.map((permutation) => relabelledPairs(permutation, nConditions));
    const lower = new Float64Array(nSubjects);
    const upper = new Float64Array(nSubjects);
    for (let time = 0; time < nTimes; time++) {
      const shuffled = shuffledAt(target, time, from);
      const others = meansOfOthers(shuffled, 0);
      const all = prepare(meanOfSubjects(shuffled, 0));
      for (const subject of subjects) {
        const own = relabel(prepared[subject][time], from[subject]);
        lower[subject] += similarity(own, prepare(others[subject])) / nTimes;
        upper[subject] += similarity(own, all) / nTimes;
      }
    }
    ceilings.push({ lower: agreementOf(lower).rho, upperR2: agreementOf(upper).r2 });
  }
  return ceilings;
}

/** Works a block off. */
export function shuffle({ target, seed, first, length }: ShuffleBlock): ShuffledCeilings[] {
  return shuffledCeilings(target, permutationsApart(target, length, seededRandom(seed).derive(`shuffle/${first}`)));
}

function* permutationsApart(
  { nConditions, nSubjects }: RdmStack,
  length: number,
  random: Random,
): Generator<Uint32Array[]> {
  for (let k = 0; k < length; k++) yield Array.from({ length: nSubjects }, () => random.permutation(nConditions));
}

function shuffledAt(target: RdmStack, time: number, from: readonly Uint32Array[]): RdmStack {
  const { nSubjects } = target;
  const nPairs = from[0].length;
  const values = new Float64Array(nSubjects * nPairs);
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = rdmValuesAt(target, subject, time);
    for (let k = 0; k < nPairs; k++) values[subject * nPairs + k] = own[from[subject][k]];
  }
  return makeRdmStack(values, { nSubjects });
}

/** The block as a task for a worker thread, which loads this module and calls its default export. */
export const shuffleTask: Task<ShuffleBlock, ShuffledCeilings[]> = { module: new URL(import.meta.url), run: shuffle };

export default shuffle;
