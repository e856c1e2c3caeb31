import type { Random } from '../../core/random.ts';

/** For each subject whether its two regions' RDMs are exchanged. */
export type Swap = readonly boolean[];

/**
 * Swaps that differ from the data as they are, from each other's reverse (all subjects exchanged is the same comparison with its sign
 * turned) and from each other: 2^(nSubjects - 1) - 1.
 */
export function countSwaps(nSubjects: number): number {
  return 2 ** (nSubjects - 1) - 1;
}

/**
 * Different swaps, drawn at random, each way round as likely; all there are where fewer are than asked for.
 * @param nSubjects whose RDMs are exchanged or not
 * @param nSwaps how many are wanted
 */
export function drawSwaps(nSubjects: number, nSwaps: number, random: Random): Swap[] {
  const eitherWay = (swap: boolean[]) => (random.uniform() < 0.5 ? swap : swap.map((exchanged) => !exchanged));
  if (countSwaps(nSubjects) <= nSwaps) {
    return Array.from({ length: countSwaps(nSubjects) }, (_, k) =>
      eitherWay(Array.from({ length: nSubjects }, (__, subject) => Math.floor((k + 1) / 2 ** subject) % 2 === 1)),
    );
  }
  const drawn = new Map<string, boolean[]>();
  while (drawn.size < nSwaps) {
    // The first subject stays, so that no swap is another's reverse.
    const swap = Array.from({ length: nSubjects }, (_, subject) => subject > 0 && random.uniform() < 0.5);
    if (swap.includes(true)) drawn.set(swap.join(), swap);
  }
  return [...drawn.values()].map(eitherWay);
}
