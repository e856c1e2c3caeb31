import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascendingOrder } from '../../src/core/order.ts';
import { averageRanks } from '../../src/core/ranks.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

describe('averageRanks', () => {
  for (const { name, values, expected } of golden.ranks) {
    it(`equals scipy's rankdata: ${name}`, () => {
      expect([...averageRanks(values.map(pythonFloat))]).toEqual(expected);
    });
  }

  it('gives NaN throughout where one value is NaN', () => {
    expect([...averageRanks([1, Number.NaN, 0])]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('leaves its input as it was', () => {
    const values = new Float64Array([3, 1, 2]);
    averageRanks(values);
    expect([...values]).toEqual([3, 1, 2]);
  });

  it('gives ranks that sum to n (n + 1) / 2, order as the values do and are shared by equal values', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const ranks = averageRanks(values);
        expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo((values.length * (values.length + 1)) / 2, 6);
        for (let k = 1; k < values.length; k++) {
          expect(Math.sign(ranks[k] - ranks[k - 1])).toBe(Math.sign(compareNumbers(values[k], values[k - 1])));
        }
      }),
    );
  });
});

describe('ascendingOrder', () => {
  it('sorts as comparing does and keeps the order of equal values, for short and long arrays alike', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const expected = values.map((_, k) => k).sort((a, b) => compareNumbers(values[a], values[b]) || a - b);
        expect([...ascendingOrder(Float64Array.from(values))]).toEqual(expected);
      }),
    );
  });

  it('sorts long arrays that hold every kind of number: subnormal, infinite, zeros of both signs', () => {
    const kinds = [
      0,
      -0,
      5e-324,
      -5e-324,
      1e-310,
      1,
      -1,
      Number.MAX_VALUE,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ];
    const values = Array.from({ length: 1000 }, (_, k) => kinds[(k * 7919) % kinds.length]);
    const expected = values.map((_, k) => k).sort((a, b) => compareNumbers(values[a], values[b]) || a - b);
    expect([...ascendingOrder(Float64Array.from(values))]).toEqual(expected);
  });
});

// Lengths on both sides of where the method of sorting changes; a small range of whole numbers among them, so that there are ties.
const value = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }));
const numbers = fc.oneof(fc.array(value, { maxLength: 30 }), fc.array(value, { minLength: 250, maxLength: 300 }));

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pythonFloat(text: string): number {
  return Number(text.replace('inf', 'Infinity'));
}
