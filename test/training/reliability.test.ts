import { describe, expect, it } from 'vitest';
import { reliabilityWeights } from '../../src/training/reliability.ts';
import { pairTargets } from '../../src/training/targets.ts';
import { golden, goldenSets } from './golden.ts';

const [set] = goldenSets();
const targets = pairTargets(set.targets, set.name);
const all = Array.from({ length: targets.nPairs }, (_, k) => k);
const ofValues = (values: number[], nSubjects: number) =>
  pairTargets({ nConditions: 3, conditions: null, nSubjects, nTimes: 1, values: Float64Array.from(values) }, 'EVC');

describe('reliabilityWeights', () => {
  it.each(golden.reliability)(
    "equal numpy's (1 / (N + alpha mean(N)))^beta over its mean, alpha $alpha, beta $beta",
    ({ alpha, beta, weights }) => {
      const got = reliabilityWeights(targets, all, { alpha, beta }, 'EVC');
      for (const [pair, weight] of weights.entries()) expect(got[pair]).toBeCloseTo(weight, 12);
    },
  );

  it('have mean 1 over the pairs learnt from and do not know the others', () => {
    const training = [0, 2, 5];
    const got = reliabilityWeights(targets, training, { alpha: 0.25, beta: 1 }, 'EVC');
    expect(training.reduce((sum, pair) => sum + got[pair], 0) / 3).toBeCloseTo(1, 12);
    const deviations = targets.deviations.map((value, pair) => (training.includes(pair) ? value : 5 * value + 1));
    const other = reliabilityWeights({ ...targets, deviations }, training, { alpha: 0.25, beta: 1 }, 'EVC');
    for (const pair of training) expect(other[pair]).toBe(got[pair]);
  });

  it('do not depend on the unit of the values', () => {
    const got = reliabilityWeights(targets, all, { alpha: 0.25, beta: 1 }, 'EVC');
    const inPercent = { ...targets, deviations: targets.deviations.map((value) => 100 * value) };
    const percent = reliabilityWeights(inPercent, all, { alpha: 0.25, beta: 1 }, 'EVC');
    for (const pair of all) expect(percent[pair]).toBeCloseTo(got[pair], 12);
  });

  it('are 1 for none, and for beta 0', () => {
    expect(new Set(reliabilityWeights(targets, all, 'none', 'EVC'))).toEqual(new Set([1]));
    expect(new Set(reliabilityWeights(targets, all, { alpha: 0.25, beta: 0 }, 'EVC'))).toEqual(new Set([1]));
  });

  it.each([
    ['a single subject', ofValues([1, 2, 3], 1), /EVC has a single subject/],
    ['subjects that agree exactly', ofValues([1, 2, 3, 1, 2, 3], 2), /all subjects have the same values/],
  ])('are 1 for %s, and a notice says so', (_, alike, message) => {
    const notices: string[] = [];
    const got = reliabilityWeights(alike, [0, 1, 2], { alpha: 0.25, beta: 1 }, 'EVC', (notice) => notices.push(notice));
    expect(Array.from(got)).toEqual([1, 1, 1]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(message);
  });

  it('refuse alpha 0 where subjects agree on one pair', () => {
    const one = ofValues([1, 2, 3, 1, 3, 4], 2);
    expect(() => reliabilityWeights(one, [0, 1, 2], { alpha: 0, beta: 1 }, 'EVC')).toThrow(/alpha above 0/);
    expect(reliabilityWeights(one, [0, 1, 2], { alpha: 0.25, beta: 1 }, 'EVC')[0]).toBeGreaterThan(1);
  });
});
