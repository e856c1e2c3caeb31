import { describe, expect, it } from 'vitest';
import { pairTargets } from '../../src/training/targets.ts';

const stack = (nSubjects: number, nTimes: number, values: number[]) => ({
  nConditions: 3,
  conditions: null,
  nSubjects,
  nTimes,
  values: Float64Array.from(values),
});

describe('pairTargets', () => {
  it("puts a pair's values of all subjects side by side, with their mean and deviation", () => {
    const targets = pairTargets(stack(2, 1, [1, 2, 3, 5, 2, 1]), 'EVC');
    expect(Array.from(targets.values)).toEqual([1, 5, 2, 2, 3, 1]);
    expect(Array.from(targets.means)).toEqual([3, 2, 2]);
    expect(Array.from(targets.deviations)).toEqual([2, 0, 1]);
  });

  it("averages a subject's time points", () => {
    const targets = pairTargets(stack(1, 2, [1, 2, 3, 3, 4, 7]), 'MEG');
    expect(Array.from(targets.values)).toEqual([2, 3, 5]);
    expect(Array.from(targets.deviations)).toEqual([0, 0, 0]);
  });

  it.each([
    [0, 'row 1, column 2'],
    [1, 'row 1, column 3'],
    [2, 'row 2, column 3'],
  ])('names subject, row and column of a NaN at pair %i', (pair, place) => {
    const values = [1, 1, 1, 1, 1, 1];
    values[3 + pair] = Number.NaN;
    expect(() => pairTargets(stack(2, 1, values), 'EVC')).toThrow(
      `data set EVC, subject 2, ${place}: expected a finite dissimilarity, got NaN`,
    );
  });

  it('refuses a stack whose values do not fill its shape', () => {
    expect(() => pairTargets(stack(2, 1, [1, 2, 3]), 'EVC')).toThrow(/2 subjects x 3 pairs, got 3 values/);
  });
});
