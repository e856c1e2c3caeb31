import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.ts';
import { nonNegativeLeastSquares } from '../../../src/training/rivals/nnls.ts';
import golden from '../../golden/rivals/expected.json' with { type: 'json' };

describe('non-negative least squares', () => {
  it.each(golden.leastSquares)('equals scipy: $name', ({ columns, target, weights }) => {
    const found = nonNegativeLeastSquares(
      columns.map((column) => Float64Array.from(column)),
      Float64Array.from(target),
    );
    const largest = Math.max(1e-300, ...weights);
    weights.forEach((weight, k) => {
      const size = Math.hypot(...columns[k]) || 1;
      const largestPart = Math.max(...weights.map((each, j) => each * Math.hypot(...columns[j])), largest * 1e-12);
      expect(Math.abs(found[k] - weight) * size).toBeLessThan(1e-8 * largestPart + 1e-12);
    });
  });

  it('meets the conditions of a least value: no weight below 0, no gradient upwards, none at a weight above 0', () => {
    const value = fc.integer({ min: -8, max: 8 });
    const problem = fc
      .record({ nRows: fc.integer({ min: 1, max: 12 }), nColumns: fc.integer({ min: 1, max: 7 }) })
      .chain(({ nRows, nColumns }) =>
        fc.record({
          columns: fc.array(fc.array(value, { minLength: nRows, maxLength: nRows }), {
            minLength: nColumns,
            maxLength: nColumns,
          }),
          target: fc.array(value, { minLength: nRows, maxLength: nRows }),
        }),
      );
    fc.assert(
      fc.property(problem, ({ columns, target }) => {
        const weights = nonNegativeLeastSquares(
          columns.map((column) => Float64Array.from(column)),
          Float64Array.from(target),
        );
        const residual = target.map((each, row) => each - columns.reduce((sum, c, k) => sum + weights[k] * c[row], 0));
        columns.forEach((column, k) => {
          const gradient = column.reduce((sum, each, row) => sum + each * residual[row], 0);
          const rounding = 1e-7 * (1 + Math.hypot(...column)) * (1 + Math.hypot(...target));
          expect(weights[k]).toBeGreaterThanOrEqual(0);
          expect(gradient).toBeLessThan(rounding);
          if (weights[k] > 0) expect(gradient).toBeGreaterThan(-rounding);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('gives a column that comes twice one weight, and none where there are no columns', () => {
    const column = Float64Array.of(1, 2, 3);
    const [first, second] = nonNegativeLeastSquares([column, column], Float64Array.of(2, 4, 6));
    expect(first + second).toBeCloseTo(2, 12);
    expect(first * second).toBe(0);
    expect(nonNegativeLeastSquares([], column)).toEqual(new Float64Array());
  });

  it('refuses a column of another length', () => {
    expect(() => nonNegativeLeastSquares([Float64Array.of(1)], Float64Array.of(1, 2))).toThrow(ShapeError);
  });
});
