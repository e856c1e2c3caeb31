import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedCeiling, noiseForCeiling } from '../../src/simulation/noise.ts';

describe('the noise ceiling that noise leads to', () => {
  test('equals the correlations worked out by hand for two subjects whose noise is as large as the signal', () => {
    const { lower, upper } = expectedCeiling({ measurement: 0.6, individual: 0.8 }, 2);
    expect(lower).toBeCloseTo(1 / 2, 12); // 1 / sqrt(2 * 2)
    expect(upper).toBeCloseTo(Math.sqrt(3) / 2, 12); // sqrt(1.5 / 2)
  });

  test('is 1 without noise', () => {
    expect(expectedCeiling({ measurement: 0, individual: 0 }, 15)).toEqual({ lower: 1, upper: 1 });
    expect(noiseForCeiling(1)).toEqual({ measurement: 0, individual: 0 });
  });

  test('noiseForCeiling is its inverse, and shares the variance out as asked', () => {
    const ceiling = fc.double({ min: 0.02, max: 1, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(ceiling, fc.integer({ min: 2, max: 100 }), share, (lower, nSubjects, individual) => {
        const noise = noiseForCeiling(lower, { nSubjects, individual });
        expect(expectedCeiling(noise, nSubjects).lower).toBeCloseTo(lower, 9);
        const total = noise.individual ** 2 + noise.measurement ** 2;
        expect(noise.individual ** 2).toBeCloseTo(individual * total, 9);
      }),
    );
  });

  test.each([0, -0.1, 1.1, Number.NaN])('a ceiling of %s has no noise', (lower) => {
    expect(() => noiseForCeiling(lower)).toThrow('lower ceiling');
  });

  test('a single subject and negative levels are refused', () => {
    expect(() => expectedCeiling({ measurement: 1, individual: 0 }, 1)).toThrow('nSubjects');
    expect(() => expectedCeiling({ measurement: -1, individual: 0 }, 3)).toThrow('noise.measurement');
    expect(() => noiseForCeiling(0.5, { individual: 2 })).toThrow('individual');
  });
});
