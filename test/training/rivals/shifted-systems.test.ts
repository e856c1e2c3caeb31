import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveShifted } from '../../../src/training/rivals/shifted-systems.ts';

/** Multiplies by H D H, H the reflection about the vector of ones and D diagonal, and counts how often. */
function reflected(eigenvalues: readonly number[]) {
  const n = eigenvalues.length;
  const reflect = (vector: Float64Array) => {
    const mean = vector.reduce((sum, value) => sum + value, 0) / n;
    return vector.map((value) => value - 2 * mean);
  };
  const count = { nProducts: 0 };
  const multiply = (vector: Float64Array) => {
    count.nProducts++;
    return reflect(reflect(vector).map((value, k) => value * eigenvalues[k]));
  };
  return { multiply, count };
}

describe('shifted systems', () => {
  it('are solved for every shift to a billionth: A x + shift x = right', () => {
    const size = fc.integer({ min: 1, max: 30 });
    const system = size.chain((n) =>
      fc.record({
        eigenvalues: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: n, maxLength: n }),
        right: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }),
        shifts: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(system, ({ eigenvalues, right, shifts }) => {
        const { multiply } = reflected(eigenvalues);
        const length = Math.hypot(...right);
        solveShifted(multiply, Float64Array.from(right), shifts).forEach((x, k) => {
          const left = multiply(x).map((value, at) => right[at] - value - shifts[k] * x[at]);
          expect(Math.hypot(...left)).toBeLessThanOrEqual(1.01e-9 * length);
        });
      }),
    );
  });

  it('take as many products as A has different eigenvalues', () => {
    const { multiply, count } = reflected(Array.from({ length: 200 }, (_, k) => 1 + (k % 3)));
    solveShifted(
      multiply,
      Float64Array.from({ length: 200 }, (_, k) => k - 50),
      [1e-9, 1],
      { tolerance: 0 },
    );
    expect(count.nProducts).toBe(3);
  });

  it('take fewer the larger the shift and the residual that is allowed', () => {
    const eigenvalues = Array.from({ length: 200 }, (_, k) => (k + 1) ** 2);
    const right = Float64Array.from(eigenvalues, (_, k) => Math.sin(k));
    const nProducts = (shift: number, tolerance: number) => {
      const { multiply, count } = reflected(eigenvalues);
      solveShifted(multiply, right, [shift], { tolerance });
      return count.nProducts;
    };
    expect(nProducts(1000, 1e-4)).toBeLessThan(nProducts(1000, 1e-9));
    expect(nProducts(1000, 1e-4)).toBeLessThan(nProducts(10, 1e-4));
  });

  it('have the solution 0 where the right side is 0', () => {
    expect(solveShifted(reflected([1, 2]).multiply, new Float64Array(2), [1])).toEqual([new Float64Array(2)]);
  });
});
