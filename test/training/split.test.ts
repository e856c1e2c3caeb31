import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condensedLength, pairsOf } from '../../src/core/condensed.ts';
import { seededRandom } from '../../src/core/random.ts';
import { splitPairs } from '../../src/training/split.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const statistics = drawnStatistics(10);
const set = drawnSet(statistics);
const pairs = [...pairsOf(10)];
const split = (sets: Parameters<typeof splitPairs>[0], holdout?: Parameters<typeof splitPairs>[1], seed = 0) =>
  splitPairs(sets, holdout, seededRandom(seed));
const everyPair = Array.from({ length: 45 }, (_, k) => k);

describe('splitPairs', () => {
  it('trains on all pairs where nothing is held out', () => {
    const [{ trainingImages, trainingPairs, validationPairs }] = split([set]);
    expect(trainingPairs).toEqual(everyPair);
    expect(trainingImages).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(validationPairs).toEqual({ newNew: [], newOld: [], pair: [] });
  });

  it('by image: puts every pair in one part, by how many of its images were trained on', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.7, noNaN: true }),
        fc.integer({ min: 0, max: 999 }),
        (fraction, seed) => {
          const [{ trainingImages, trainingPairs, validationPairs }] = split([set], { by: 'image', fraction }, seed);
          expect(trainingImages).toHaveLength(10 - Math.max(1, Math.round(10 * fraction)));
          const nTrained = (pair: number) => pairs[pair].filter((image) => trainingImages.includes(image)).length;
          for (const pair of trainingPairs) expect(nTrained(pair)).toBe(2);
          for (const pair of validationPairs.newOld) expect(nTrained(pair)).toBe(1);
          for (const pair of validationPairs.newNew) expect(nTrained(pair)).toBe(0);
          const all = [...trainingPairs, ...validationPairs.newOld, ...validationPairs.newNew];
          expect(all.sort((a, b) => a - b)).toEqual(everyPair);
          expect(validationPairs.pair).toEqual([]);
        },
      ),
    );
  });

  it('by pair: holds out that part of the pairs and no image', () => {
    const [{ trainingImages, trainingPairs, validationPairs }] = split([set], { by: 'pair', fraction: 0.2 });
    expect(trainingImages).toHaveLength(10);
    expect(validationPairs.pair).toHaveLength(9);
    expect([...trainingPairs, ...validationPairs.pair].sort((a, b) => a - b)).toEqual(everyPair);
    expect([...validationPairs.newNew, ...validationPairs.newOld]).toEqual([]);
  });

  it.each(['image', 'pair'] as const)(
    'by %s: sets of one image set hold out the same, whatever the order of their rows',
    (by) => {
      const order = [9, 3, 0, 7, 1, 2, 8, 4, 6, 5];
      const shuffled = { ...statistics, conditions: order.map((k) => statistics.conditions[k]) };
      const other = { ...drawnSet(statistics, { name: 'MEG' }), statistics: shuffled };
      const [a, b] = split([set, other], { by, fraction: 0.3 });
      const names = ({ conditions }: typeof statistics, list: readonly number[]) =>
        list
          .map((pair) =>
            pairs[pair]
              .map((image) => conditions[image])
              .sort()
              .join(),
          )
          .sort();
      expect(names(shuffled, b.trainingPairs)).toEqual(names(statistics, a.trainingPairs));
      expect(names(shuffled, b.validationPairs.pair)).toEqual(names(statistics, a.validationPairs.pair));
    },
  );

  it('an image set more changes nothing for the others', () => {
    const other = drawnSet(drawnStatistics(6, 3, 'other'), { name: 'B', imageSet: 'other' });
    const holdout = { by: 'image', fraction: 0.3 } as const;
    expect(split([other, set], holdout)[1]).toEqual(split([set], holdout)[0]);
  });

  it('validates on what trainingImages leaves out where there is no holdout', () => {
    const [{ trainingImages, trainingPairs, validationPairs }] = split([{ ...set, trainingImages: [7, 1, 4] }]);
    expect(trainingImages).toEqual([1, 4, 7]);
    expect(trainingPairs).toHaveLength(3);
    expect(validationPairs.newOld).toHaveLength(3 * 7);
    expect(validationPairs.newNew).toHaveLength(condensedLength(7));
  });

  it.each(['image', 'pair'] as const)('never lets a holdout by %s see what trainingImages leaves out', (by) => {
    const allowed = [0, 2, 4, 6, 8];
    const [{ trainingPairs, validationPairs }] = split([{ ...set, trainingImages: allowed }], { by, fraction: 0.4 });
    const used = [...trainingPairs, ...Object.values(validationPairs).flat()];
    expect(used).toHaveLength(condensedLength(5));
    for (const pair of used) for (const image of pairs[pair]) expect(allowed).toContain(image);
  });

  const two = drawnSet(drawnStatistics(2));
  it.each([
    [
      'two images held out by image',
      [two],
      { by: 'image', fraction: 0.5 },
      /EVC: .*none of its 2 images once training\.holdout by image .* hold out less than 0\.5/,
    ],
    ['the only pair held out', [two], { by: 'pair', fraction: 0.1 }, /at least one pair .*holdout by pair/],
    ['a single image', [drawnSet(drawnStatistics(1))], undefined, /none of its 1 images; pass more images/],
    ['a fraction of 1', [set], { by: 'image', fraction: 1 }, /fraction: expected a number between 0 and 1, got 1/],
    ['a fraction of 0', [set], { by: 'pair', fraction: 0 }, /leave out holdout/],
    ['a row that is not there', [{ ...set, trainingImages: [1, 10] }], undefined, /rows from 0 to 9, got 10/],
    ['a row twice', [{ ...set, trainingImages: [1, 1] }], undefined, /one of them twice/],
  ] as [string, Parameters<typeof splitPairs>[0], Parameters<typeof splitPairs>[1], RegExp][])(
    'refuses %s',
    (_, sets, holdout, message) => {
      expect(() => split(sets, holdout)).toThrow(message);
    },
  );

  it('two images are one pair to train on', () => {
    expect(split([two])[0].trainingPairs).toEqual([0]);
  });
});
