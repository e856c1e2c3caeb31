import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condensedIndex, condensedSubset } from '../../src/core/condensed.ts';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { plainGram } from '../../src/core/gram.ts';
import { DISTANCE_METRICS, type DistanceMetric, rdmOf } from '../../src/rdm/distances.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

describe.each(DISTANCE_METRICS)('rdmOf with metric %s', (metric) => {
  it.each(golden.distances)("equals scipy's pdist to 1e-10: $name", async ({ rows, expected }) => {
    const { values } = await rdmOf(Float64Array.from(rows.flat()), rows.length, rows[0].length, { metric });
    expectClose(values, expected[metric]);
  });

  it('does not depend on the order of rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        matrices.chain((matrix) =>
          fc.tuple(fc.constant(matrix), fc.shuffledSubarray([...matrix.keys()], { minLength: matrix.length })),
        ),
        async ([matrix, order]) => {
          const straight = await distances(matrix, metric);
          const shuffled = await distances(
            order.map((row) => matrix[row]),
            metric,
          );
          expectClose(shuffled, condensedSubset(straight, matrix.length, order));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is never negative, and 0 exactly between rows that are the same', async () => {
    await fc.assert(
      fc.asyncProperty(matrices, fc.nat(), async (matrix, pick) => {
        const copied = pick % matrix.length;
        const values = await distances([...matrix, [...matrix[copied]]], metric);
        const same = values[condensedIndex(copied, matrix.length, matrix.length + 1)];
        expect(Number.isNaN(same) || same === 0).toBe(true);
        expect(values.every((value) => Number.isNaN(value) || value >= 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('answers to scaling all rows as its name says', async () => {
    const power = { correlation: 0, cosine: 0, euclidean: 1, sqeuclidean: 2, cityblock: 1 }[metric];
    await fc.assert(
      fc.asyncProperty(matrices, fc.double({ min: 0.01, max: 100, noNaN: true }), async (matrix, factor) => {
        const scaled = await distances(
          matrix.map((row) => row.map((value) => factor * value)),
          metric,
        );
        const expected = (await distances(matrix, metric)).map((value) => value * factor ** power);
        expectClose(scaled, expected, 1e-8);
      }),
      { numRuns: 30 },
    );
  });

  it('has no pairs for a single row', async () => {
    expect(await rdmOf(new Float64Array([1, 2]), 1, 2, { metric })).toEqual({
      nConditions: 1,
      conditions: null,
      values: new Float64Array(0),
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s, naming row, condition and column',
    async (bad) => {
      const rows = new Float32Array([1, 2, 3, 4, bad, 6]);
      await expect(rdmOf(rows, 2, 3, { metric, conditions: ['cat', 'dog'] })).rejects.toThrow(
        new UsageError(`rdmOf: row 2 ("dog"), column 2 (counting from 1) is ${bad}; leave that row or column out`),
      );
    },
  );

  it('is the same over many bands of columns as over one', async () => {
    const n = 5;
    const d = 10_001;
    const rows = new Float32Array(n * d).map((_, k) => Math.sin(k * k));
    const { values } = await rdmOf(rows, n, d, { metric });
    expectClose(values, literal(rows, n, d, metric), 1e-11);
  });
});

describe('rdmOf', () => {
  it('names its conditions', async () => {
    const { conditions } = await rdmOf(new Float64Array([1, 2, 2, 1]), 2, 2, { conditions: ['a', 'b'] });
    expect(conditions).toEqual(['a', 'b']);
  });

  it('refuses names of another number, empty matrices and numbers that do not fill n x d', async () => {
    await expect(rdmOf(new Float64Array(4), 2, 2, { conditions: ['a'] })).rejects.toThrow(ShapeError);
    await expect(rdmOf(new Float64Array(0), 0, 3)).rejects.toThrow(ShapeError);
    await expect(rdmOf(new Float64Array(0), 3, 0)).rejects.toThrow(ShapeError);
    await expect(rdmOf(new Float64Array(5), 2, 3)).rejects.toThrow(ShapeError);
  });

  it('takes correlation distances as 1 - r also where rows have a mean a million times their spread', async () => {
    const small = [
      [1, 2, 4, 8],
      [3, 1, 4, 1],
    ];
    const shifted = small.map((row) => row.map((value) => value + 2 ** 20));
    expectClose(await distances(shifted, 'correlation'), await distances(small, 'correlation'));
  });

  it('keeps its digits for rows that are very long or very short', async () => {
    const rows = golden.distances[0].rows;
    for (const factor of [1e200, 1e-200]) {
      const scaled = rows.map((row) => row.map((value) => value * factor));
      expectClose(await distances(scaled, 'correlation'), golden.distances[0].expected.correlation);
      expectClose(await distances(scaled, 'cosine'), golden.distances[0].expected.cosine);
    }
  });

  it('never multiplies what is not centred: a product in float32 keeps 1e-6 beside an offset of 1000', async () => {
    const { rows, expected } = golden.distances[1];
    const { values } = await rdmOf(Float64Array.from(rows.flat()), 6, 9, {
      gram: (r, n, d) => plainGram(Float32Array.from(r), n, d),
    });
    expectClose(values, expected.correlation, 1e-6);
  });

  it('is a row of NaN for a constant row with any product, even one that would turn it into zeros', async () => {
    const { values } = await rdmOf(new Float64Array([7, 7, 1, 2, 2, 1]), 3, 2);
    expectClose(values, [null, null, 2]);
  });
});

describe('distances of rsatoolbox', () => {
  const { measurements, distances: theirs } = golden.rsatoolbox;

  it('are ours: correlation', async () => {
    expectClose(await distances(measurements, 'correlation'), theirs.correlation);
  });

  it('are ours: its euclidean is the mean of squares, sqeuclidean over the number of columns', async () => {
    const perColumn = (await distances(measurements, 'sqeuclidean')).map((value) => value / measurements[0].length);
    expectClose(perColumn, theirs.euclidean);
  });
});

const matrices = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 7 })).chain(([n, d]) =>
  fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: d, maxLength: d }), {
    minLength: n,
    maxLength: n,
  }),
);

async function distances(matrix: readonly (readonly number[])[], metric: DistanceMetric): Promise<Float64Array> {
  return (await rdmOf(Float64Array.from(matrix.flat()), matrix.length, matrix[0].length, { metric })).values;
}

/** NaN where the oracle has null, else relative to the larger of 1 and the value. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number | null>, tolerance = 1e-10): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) {
    const value = expected[k] ?? Number.NaN;
    if (Number.isNaN(value)) expect(actual[k], `pair ${k}`).toBeNaN();
    else
      expect(Math.abs(actual[k] - value), `pair ${k}: ${actual[k]}, ${value}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(value)),
      );
  }
}

/** The definitions, pair by pair. */
function literal(rows: Float32Array, n: number, d: number, metric: DistanceMetric): number[] {
  const result: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const u = [...rows.subarray(i * d, (i + 1) * d)];
      const v = [...rows.subarray(j * d, (j + 1) * d)];
      const sum = (f: (k: number) => number) => u.reduce((total, _, k) => total + f(k), 0);
      const cosine = (a: number[], b: number[]) =>
        1 - sum((k) => a[k] * b[k]) / Math.sqrt(sum((k) => a[k] ** 2) * sum((k) => b[k] ** 2));
      const centre = (a: number[]) => {
        const mean = a.reduce((total, value) => total + value, 0) / d;
        return a.map((value) => value - mean);
      };
      result.push(
        {
          correlation: () => cosine(centre(u), centre(v)),
          cosine: () => cosine(u, v),
          euclidean: () => Math.sqrt(sum((k) => (u[k] - v[k]) ** 2)),
          sqeuclidean: () => sum((k) => (u[k] - v[k]) ** 2),
          cityblock: () => sum((k) => Math.abs(u[k] - v[k])),
        }[metric](),
      );
    }
  }
  return result;
}
