import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { crossnobisRdm } from '../../src/rdm/crossnobis.ts';
import { rdmOf } from '../../src/rdm/distances.ts';
import { mahalanobisRdm } from '../../src/rdm/mahalanobis.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

const {
  measurements,
  condition,
  fold,
  mahalanobis,
  crossnobis,
  crossnobis_identity: identity,
} = golden.rsatoolbox.repeats;
const d = measurements[0].length;
const precision = Float64Array.from(golden.rsatoolbox.repeats.precision.flat());
const rows = Float64Array.from(measurements.flat());
const conditions = condition.map((number) => `condition ${number}`);

describe('mahalanobisRdm', () => {
  const means = Float64Array.from({ length: 6 * d }, (_, k) => {
    const of = measurements.filter((_, m) => condition[m] === Math.floor(k / d));
    return of.reduce((sum, row) => sum + row[k % d], 0) / of.length;
  });

  it("squared and over the number of columns is rsatoolbox's to 1e-10", () => {
    const { values } = mahalanobisRdm(means, 6, d, { precision });
    expectClose(
      values.map((value) => value ** 2 / d),
      mahalanobis,
    );
  });

  it('is Euclidean under the identity', async () => {
    const { values } = mahalanobisRdm(means, 6, d, { precision: identityMatrix(d) });
    expectClose(values, (await rdmOf(means, 6, d, { metric: 'euclidean' })).values);
  });

  it('is 0 exactly between rows that are the same, also under a precision with directions of no weight', () => {
    expect([
      ...mahalanobisRdm(new Float64Array([1, 2, 1, 2, 3, 5]), 3, 2, { precision: diagonal(1, 0) }).values,
    ]).toEqual([0, 2, 2]);
  });

  it('refuses what is no precision', () => {
    const two = new Float64Array([1, 2, 3, 4]);
    const refuse = (values: number[]) => () => mahalanobisRdm(two, 2, 2, { precision: Float64Array.from(values) });
    expect(refuse([1, 0, 0])).toThrow(ShapeError);
    expect(refuse([1, 2, 0, 1])).toThrow(/symmetric precision, got 0 in row 2, column 1 and 2 across/);
    expect(refuse([1, 0, 0, Number.NaN])).toThrow(/precision, row 2, column 2 \(counting from 1\) is NaN/);
    expect(refuse([-1, 0, 0, -1])).toThrow(/without negative directions/);
  });
});

describe('crossnobisRdm', () => {
  it("is rsatoolbox's to 1e-10, with a noise precision and without", () => {
    expectClose(crossnobisRdm(rows, d, { conditions, folds: fold, precision }).values, crossnobis);
    expectClose(crossnobisRdm(rows, d, { conditions, folds: fold }).values, identity);
  });

  it('names its conditions as they first occur, wherever their measurements stand', () => {
    const order = [...condition.keys()].reverse();
    const turned = crossnobisRdm(Float64Array.from(order.flatMap((m) => measurements[m])), d, {
      conditions: order.map((m) => conditions[m]),
      folds: order.map((m) => fold[m]),
    });
    expect(turned.conditions).toEqual([...new Set(conditions)].reverse());
    expect(turned.values.at(-1)).toBeCloseTo(identity[0], 12);
  });

  it('has 0 to expect of conditions that do not differ, where plain distances have their noise', () => {
    const noise = Float64Array.from({ length: 2 * 400 * 2 }, (_, k) => Math.sin(k * k + 1));
    const options = { conditions: ['a', 'b', 'a', 'b'], folds: [1, 1, 2, 2] };
    expect(Math.abs(crossnobisRdm(noise, 400, options).values[0])).toBeLessThan(0.15);
    expect(
      mahalanobisRdm(noise.subarray(0, 800), 2, 400, { precision: identityMatrix(400) }).values[0] ** 2 / 400,
    ).toBeGreaterThan(0.9);
  });

  it('refuses one fold, a fold without some condition, and numbers that do not fit', () => {
    const four = new Float64Array(8);
    const options = { conditions: ['a', 'b', 'a', 'b'], folds: [1, 1, 2, 2] };
    expect(() => crossnobisRdm(four, 2, { ...options, folds: [1, 1, 1, 1] })).toThrow(/at least 2 folds, got 1/);
    expect(() => crossnobisRdm(four, 2, { ...options, conditions: ['a', 'b', 'a', 'a'] })).toThrow(
      new UsageError(
        'crossnobisRdm: expected a measurement of every condition in fold 2, got none of "b"; leave that condition or fold out',
      ),
    );
    expect(() => crossnobisRdm(four, 2, { ...options, folds: [1, 2] })).toThrow(ShapeError);
    expect(() => crossnobisRdm(four, 3, options)).toThrow(ShapeError);
    expect(() => crossnobisRdm(four.fill(Number.NaN), 2, options)).toThrow(/row 1, column 1 .* is NaN/);
  });
});

function identityMatrix(n: number): Float64Array {
  return diagonal(...new Array<number>(n).fill(1));
}

function diagonal(...values: number[]): Float64Array {
  const matrix = new Float64Array(values.length ** 2);
  values.forEach((value, k) => {
    matrix[k * (values.length + 1)] = value;
  });
  return matrix;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) expect(Math.abs(actual[k] - expected[k])).toBeLessThanOrEqual(1e-10);
}
