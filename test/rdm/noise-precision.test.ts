import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { seededRandom } from '../../src/core/random.ts';
import { noisePrecision } from '../../src/rdm/noise-precision.ts';
import golden from '../golden/noise-precision/expected.json' with { type: 'json' };

describe('noisePrecision', () => {
  it.each(golden.cases)("is numpy's inverse of the covariance shrunk by the definition: $n x $d", (expected) => {
    const { n, d, degrees } = expected;
    const { precision, shrinkage } = noisePrecision(Float64Array.from(expected.residuals.flat()), n, d, degrees);
    expect(shrinkage).toBeCloseTo(expected.shrinkage, 10);
    const size = Math.max(...expected.precision.flat().map(Math.abs));
    expected.precision.flat().forEach((value, k) => {
      expect(Math.abs(precision[k] - value)).toBeLessThanOrEqual(1e-9 * size);
    });
  });

  it('is symmetric, and one over the variance of a single column', () => {
    const random = seededRandom(1);
    const residuals = Float64Array.from({ length: 60 }, () => random.normal());
    const { precision } = noisePrecision(residuals, 10, 6);
    for (let k = 0; k < 36; k++) expect(precision[k]).toBeCloseTo(precision[(k % 6) * 6 + Math.floor(k / 6)], 12);
    expect(noisePrecision(Float64Array.of(-1, 1), 2, 1).precision[0]).toBeCloseTo(0.5, 12);
  });

  it('refuses residuals of another size, with NaN, without freedom, without noise, and such as have no inverse', () => {
    const two = Float64Array.of(1, 2, -1, -2);
    expect(() => noisePrecision(two, 3, 2)).toThrow(ShapeError);
    expect(() => noisePrecision(Float64Array.of(1, Number.NaN), 2, 1)).toThrow(/row 2, column 1/);
    expect(() => noisePrecision(two, 2, 2, 0)).toThrow(UsageError);
    expect(() => noisePrecision(two.subarray(0, 2), 1, 2)).toThrow(/at least 2 rows/);
    expect(() => noisePrecision(Float64Array.of(1, 0, -1, 0), 2, 2)).toThrow(/column 2 .* does not vary/);
    const same = Float64Array.from({ length: 40 }, (_, k) => (Math.floor(k / 2) % 2) * 2 - 1);
    expect(() => noisePrecision(same, 20, 2)).toThrow(/column 2, counting from 1, follows from those before/);
  });
});
