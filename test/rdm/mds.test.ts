import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { condense, pairsOf } from '../../src/core/condensed.ts';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { seededRandom } from '../../src/core/random.ts';
import { classicalMap, metricMds } from '../../src/rdm/mds.ts';
import { procrustes } from '../../src/rdm/procrustes.ts';
import { symmetricEigen } from '../../src/rdm/symmetric-eigen.ts';
import golden from '../golden/mds/expected.json' with { type: 'json' };

const noise = (length: number, seed = 1) => {
  const random = seededRandom(seed);
  return Float64Array.from({ length }, () => 0.05 + random.uniform());
};

describe('symmetricEigen', () => {
  it.each(Object.entries(golden.eigen))(
    "gives numpy's eigenvalues and vectors of a %s matrix",
    (_, { matrix, ...wanted }) => {
      const { values, vectors } = symmetricEigen(Float64Array.from(matrix), wanted.values.length);
      const scale = Math.abs(wanted.values[0]);
      expectClose(values, wanted.values, 1e-12 * scale);
      expectClose(vectors, wanted.vectors, 1e-6);
    },
  );

  it('gives vectors that stand on each other and that the matrix only stretches, for equal values too', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 12 })
          .chain((n) =>
            fc.tuple(fc.constant(n), fc.array(fc.integer({ min: -3, max: 3 }), { minLength: n * n, maxLength: n * n })),
          ),
        ([n, entries]) => {
          const matrix = Float64Array.from(
            entries,
            (_, at) => entries[Math.min(at, (at % n) * n + Math.floor(at / n))],
          );
          const { values, vectors } = symmetricEigen(matrix, n);
          for (let a = 0; a < n; a++) {
            for (let row = 0; row < n; row++) {
              let stretched = 0;
              let product = 0;
              for (let k = 0; k < n; k++) {
                stretched += matrix[row * n + k] * vectors[a * n + k];
                product += vectors[a * n + k] * vectors[row * n + k];
              }
              expect(stretched).toBeCloseTo(values[a] * vectors[a * n + row], 9);
              expect(product).toBeCloseTo(a === row ? 1 : 0, 9);
            }
            if (a > 0) expect(values[a]).toBeLessThanOrEqual(values[a - 1]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('metricMds', () => {
  it.each(Object.entries(golden.scaling))(
    "starts at numpy's classical solution and comes to the minimum that scipy finds from there: %s",
    (_, { values, classical, stress, distances }) => {
      expectClose(classicalMap(Float64Array.from(values)), classical, 1e-9);
      const map = metricMds(Float64Array.from(values), { steps: 100_000, tolerance: 1e-14 });
      expect(map.stress).toBeCloseTo(stress, 5);
      expectClose(distancesOf(map.positions), distances, 1e-3);
    },
  );

  it('is within a hundredth of that minimum with its defaults', () => {
    for (const { values, stress } of Object.values(golden.scaling)) {
      expect(metricMds(Float64Array.from(values)).stress).toBeLessThan(1.01 * stress + 1e-6);
    }
  });

  it('never has more stress after more steps', () => {
    const values = noise(66);
    const stress = [0, 1, 2, 5, 20, 100].map((steps) => {
      const { positions } = metricMds(values, { steps, tolerance: 0 });
      return distancesOf(positions).reduce((sum, distance, k) => sum + (distance - values[k]) ** 2, 0);
    });
    expect(stress).toEqual([...stress].sort((a, b) => b - a));
    expect(stress.at(-1)!).toBeLessThan(stress[0]);
  });

  it('gives the same bytes for the same dissimilarities', () => {
    expect(metricMds(noise(66))).toEqual(metricMds(noise(66)));
  });

  it.each([
    ['one condition: a point', new Float64Array(0), [0, 0], 0],
    ['two conditions: as far apart as they are unlike', Float64Array.of(3), [1.5, 0, -1.5, 0], 0],
    ['all alike: one point', new Float64Array(3), [0, 0, 0, 0, 0, 0], 0],
  ])('%s', (_, values, positions, stress) => {
    const map = metricMds(values);
    expectClose(map.positions, positions, 1e-12);
    expect(map.stress).toBe(stress);
  });

  it('gives three equal dissimilarities as an even triangle, and more of them with some stress', () => {
    const triangle = metricMds(new Float64Array(3).fill(2));
    expectClose(distancesOf(triangle.positions), [2, 2, 2], 1e-9);
    expect(triangle.stress).toBeCloseTo(0, 9);
    const { positions, stress } = metricMds(new Float64Array(45).fill(2));
    expect(positions.every(Number.isFinite)).toBe(true);
    expect(stress).toBeGreaterThan(0.2);
  });

  it.each([1e-161, 1e-310, 1e200])('has the same map in any unit: %s', (unit) => {
    const values = noise(15);
    const { positions, stress } = metricMds(values.map((value) => value * unit));
    const plain = metricMds(values);
    expect(stress).toBeCloseTo(plain.stress, 9);
    expectClose(
      positions.map((position) => position / unit),
      plain.positions,
      1e-9,
    );
  });

  it('takes negative dissimilarities for 0', () => {
    expect(metricMds(Float64Array.of(-0.4, 1, 1))).toEqual(metricMds(Float64Array.of(0, 1, 1)));
  });

  it('refuses NaN and says where', () => {
    expect(() => metricMds(Float64Array.of(1, Number.NaN, 1))).toThrow(UsageError);
    expect(() => metricMds(Float64Array.of(1, Number.NaN, 1))).toThrow('got NaN for pair 2');
  });

  it('maps 118 images and 250 without being waited for', () => {
    const seconds = [118, 250].map((n) => {
      const start = performance.now();
      metricMds(noise((n * (n - 1)) / 2));
      return (performance.now() - start) / 1000;
    });
    // Ten times what it takes alone: other tests run beside it.
    expect(seconds[0]).toBeLessThan(1);
    expect(seconds[1]).toBeLessThan(4);
  });
});

describe('procrustes', () => {
  it.each(Object.entries(golden.procrustes))(
    "aligns points as scipy's: %s",
    (_, { reference, moving, aligned, disparity }) => {
      const found = procrustes(Float64Array.from(reference), Float64Array.from(moving));
      expect(found.disparity).toBeCloseTo(disparity, 10);
      expectClose(found.positions, aligned, 1e-10);
    },
  );

  test('points that were turned, mirrored, scaled and moved come back', () => {
    const reference = noise(20);
    const moved = reference.map((_, k) => (k % 2 === 0 ? 5 - 2 * reference[k + 1] : 7 - 2 * reference[k - 1]));
    const { positions, disparity } = procrustes(reference, moved);
    expectClose(positions, reference, 1e-12);
    expect(disparity).toBeCloseTo(0, 12);
  });

  test('points that are all one lie on the centre, and a reference of one point leaves no distances', () => {
    const reference = Float64Array.of(0, 0, 2, 0);
    expect(procrustes(reference, new Float64Array(4).fill(9))).toEqual({
      positions: Float64Array.of(1, 0, 1, 0),
      disparity: 1,
    });
    expect(procrustes(new Float64Array(4), reference)).toEqual({ positions: new Float64Array(4), disparity: 0 });
  });

  test('other numbers of points are refused', () => {
    expect(() => procrustes(new Float64Array(4), new Float64Array(6))).toThrow(ShapeError);
  });
});

function distancesOf(positions: Float64Array): Float64Array {
  const n = positions.length / 2;
  const square = new Float64Array(n * n);
  for (const [i, j] of pairsOf(n)) {
    square[i * n + j] = Math.hypot(positions[2 * i] - positions[2 * j], positions[2 * i + 1] - positions[2 * j + 1]);
  }
  return condense(square, n);
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  const worst = Array.from(wanted, (value, k) => Math.abs(found[k] - value));
  expect(Math.max(0, ...worst)).toBeLessThanOrEqual(tolerance);
}
