import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { countSwaps, drawSwaps, type Swap } from '../../../src/study/tuning/swaps.ts';

const reverse = (swap: Swap) => swap.map((exchanged) => !exchanged);

describe('swaps of subjects', () => {
  it('are as many as asked for or as there are, none of them the data as they are, another one or its reverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (n, nSwaps, seed) => {
        const swaps = drawSwaps(n, nSwaps, seededRandom(seed));
        expect(swaps).toHaveLength(Math.min(nSwaps, 2 ** (n - 1) - 1));
        const different = new Set(swaps.flatMap((swap) => [swap.join(), reverse(swap).join()]));
        expect(different.size).toBe(2 * swaps.length);
        expect(different).not.toContain(Array(n).fill(false).join());
        for (const swap of swaps) expect(swap).toHaveLength(n);
      }),
    );
  });

  it('of 15 subjects are drawn evenly: every subject in half of them, either way round', () => {
    const swaps = drawSwaps(15, 2000, seededRandom(1));
    for (let subject = 0; subject < 15; subject++) {
      const part = swaps.filter((swap) => swap[subject]).length / swaps.length;
      expect(Math.abs(part - 0.5), `subject ${subject}`).toBeLessThan(0.05); // 4.5 standard errors
    }
    expect(countSwaps(15)).toBe(2 ** 14 - 1);
  });

  it('are the same again for a seed, and other ones for another', () => {
    expect(drawSwaps(15, 5, seededRandom(3))).toEqual(drawSwaps(15, 5, seededRandom(3)));
    expect(drawSwaps(15, 5, seededRandom(3))).not.toEqual(drawSwaps(15, 5, seededRandom(4)));
  });

  it('of a single subject are none', () => {
    expect(drawSwaps(1, 5, seededRandom(0))).toEqual([]);
  });
});
