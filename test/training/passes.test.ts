import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { passesOf } from '../../src/training/network/passes.ts';
import { pairList } from '../../src/training/pair-list.ts';

const pairs = pairList([7, 5], [[[...Array(21).keys()], [...Array(10).keys()]]]);

it.each(['pair', 'image'] as const)(
  'every pair is in one pass of its set, which is no larger than asked for: each %s',
  (each) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 31 }),
        (seed, nSlots, size) => {
          const batch = seededRandom(seed).permutation(pairs.length).slice(0, size);
          const passes = passesOf(batch, pairs, { each, nSlots });
          expect(passes.flatMap(({ places }) => places).sort((a, b) => a - b)).toEqual([...batch.keys()]);
          for (const { set, images, places, slots } of passes) {
            expect(images.length).toBeLessThanOrEqual(nSlots);
            if (each === 'pair') expect(images).toHaveLength(2 * places.length);
            else expect(new Set(images).size).toBe(images.length);
            for (const [k, place] of places.entries()) {
              expect([set, images[slots[k][0]], images[slots[k][1]]]).toEqual([
                pairs.set[batch[place]],
                pairs.i[batch[place]],
                pairs.j[batch[place]],
              ]);
            }
          }
        },
      ),
    );
  },
);

it('a clique is one pass of its images', () => {
  const clique = Uint32Array.from([...Array(pairs.length).keys()].filter((k) => pairs.set[k] === 0 && pairs.i[k] > 1));
  const passes = passesOf(clique, pairs, { each: 'image', nSlots: 5 });
  expect(passes.map(({ images }) => [...images].sort())).toEqual([[2, 3, 4, 5, 6]]);
});
