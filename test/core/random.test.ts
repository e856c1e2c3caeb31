import { describe, expect, test } from 'vitest';
import { type Random, restoreRandom, seededRandom } from '../../src/core/random.ts';

const SEEDS = Array.from({ length: 2000 }, (_, seed) => seed);
const firstDraws: Record<string, (seed: number) => Random> = {
  'seeds that follow each other': (seed) => seededRandom(seed),
  'purposes that differ in their last character': (seed) => seededRandom(0).derive(`stimulus/${seed}`),
};

describe.each(Object.entries(firstDraws))('the first draws of %s', (_, stream) => {
  test('are spread evenly over [0, 1)', () => {
    const counts = new Array(10).fill(0);
    for (const seed of SEEDS) counts[Math.floor(10 * stream(seed).uniform())]++;
    // 99.99 % point of chi-square with 9 degrees of freedom, scipy.stats.chi2.ppf(0.9999, 9)
    expect(counts.reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0)).toBeLessThan(33.72);
  });

  test('do not resemble those of the stream before', () => {
    const draws = SEEDS.map((seed) => stream(seed).normal());
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const lagged = draws.slice(1).reduce((sum, v, k) => sum + (v - mean) * (draws[k] - mean), 0);
    expect(Math.abs(lagged / variance)).toBeLessThan(4 / Math.sqrt(draws.length));
  });
});

test('the same seed and purpose give the same numbers, and a restored stream goes on from where it was', () => {
  const numbers = (random: Random) => Array.from({ length: 5 }, () => random.normal());
  expect(numbers(seededRandom(7).derive('a'))).toEqual(numbers(seededRandom(7).derive('a')));
  expect(numbers(seededRandom(7).derive('a'))).not.toEqual(numbers(seededRandom(7).derive('b')));
  const random = seededRandom(7);
  random.permutation(10);
  const restored = restoreRandom(random.state());
  expect(numbers(restored)).toEqual(numbers(random));
  expect(restored.derive('b').uniform()).toBe(random.derive('b').uniform());
});

test.each([-1, 0.5, 2 ** 32, Number.NaN])('%s is no seed', (seed) => {
  expect(() => seededRandom(seed)).toThrow('whole number');
});
