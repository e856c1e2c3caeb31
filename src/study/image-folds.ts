import type { Random } from '../core/random.ts';
import type { UnseenSet } from '../training/split.ts';

/**
 * Deals the images of data sets into folds of nearly equal size. Sets of one image set put an image into the same fold, whatever the order
 * of their rows.
 * @returns for each set its folds, each the rows of its images, ascending
 */
export function dealImages(sets: readonly UnseenSet[], nFolds: number, random: Random): number[][][] {
  const foldOf = new Map<string, Map<string, number>>();
  for (const { imageSet } of sets) {
    if (foldOf.has(imageSet)) continue;
    const ofThese = sets.filter((set) => set.imageSet === imageSet);
    const names = new Set(ofThese.flatMap(({ statistics }) => statistics.conditions));
    foldOf.set(imageSet, dealNames([...names], nFolds, random));
  }
  return sets.map(({ imageSet, statistics: { conditions } }) =>
    Array.from({ length: nFolds }, (_, fold) =>
      [...conditions.keys()].filter((row) => foldOf.get(imageSet)!.get(conditions[row]) === fold),
    ),
  );
}

/** Deals shuffled items into folds of nearly equal size, each in ascending order. */
export function deal(shuffled: Uint32Array, nFolds: number): number[][] {
  return Array.from({ length: nFolds }, (_, fold) =>
    [...shuffled].filter((_, k) => k % nFolds === fold).sort((a, b) => a - b),
  );
}

/** Each name's fold; the same whatever the order of the names. */
function dealNames(names: readonly string[], nFolds: number, random: Random): Map<string, number> {
  const sorted = [...names].sort();
  return new Map(
    deal(random.permutation(sorted.length), nFolds).flatMap((items, fold) => items.map((k) => [sorted[k], fold])),
  );
}
