import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { COMPARATORS, type ComparatorName, compare } from '../../src/rdm/comparators.ts';

// A comparator joins by being in the table.
describe.each(Object.keys(COMPARATORS) as ComparatorName[])('the comparator %s', (name) => {
  const { range, invariance, prepare, similarity, normalise } = COMPARATORS[name];

  it('is symmetric', () => {
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        expect(compare(a, b, name)).toBeCloseTo(compare(b, a, name), 12);
      }),
    );
  });

  it('is 1 of an RDM with itself', () => {
    fc.assert(
      fc.property(vectors, (a) => {
        expect(compare(a, a, name)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('stays in its range, its ends included', () => {
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        const value = compare(a, b, name);
        expect(value).toBeGreaterThanOrEqual(range[0]);
        expect(value).toBeLessThanOrEqual(range[1]);
      }),
    );
  });

  it(`is left as it is by ${invariance} changes of either RDM`, () => {
    const change = {
      affine: (value: number) => 3 * value - 7,
      increasing: (value: number) => value ** 3 / 1000 + Math.atan(value),
    }[invariance];
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        expect(compare(a.map(change), b, name)).toBeCloseTo(compare(a, b, name), 10);
        expect(compare(a, b.map(change), name)).toBeCloseTo(compare(a, b, name), 10);
      }),
    );
  });

  it('does not depend on the order of pairs', () => {
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        expect(compare([...a].reverse(), [...b].reverse(), name)).toBeCloseTo(compare(a, b, name), 12);
      }),
    );
  });

  it('is NaN where either RDM holds NaN, is constant, has one value or none', () => {
    const plain = [1, 2, 3, 4];
    for (const odd of [
      [1, Number.NaN, 3, 4],
      [2, 2, 2, 2],
      [0.1, 0.1, 0.1, 0.1],
    ]) {
      expect(compare(odd, plain, name)).toBeNaN();
      expect(compare(plain, odd, name)).toBeNaN();
    }
    expect(compare([1], [2], name)).toBeNaN();
    expect(compare([], [], name)).toBeNaN();
  });

  it('takes ties', () => {
    expect(compare([1, 1, 2, 2], [1, 1, 2, 2], name)).toBeCloseTo(1, 12);
  });

  it('refuses RDMs of different sizes', () => {
    expect(() => compare([1, 2, 3], [1, 2], name)).toThrow(ShapeError);
  });

  it('leaves its inputs as they were, and prepares and normalises into arrays of the same length', () => {
    const values = new Float64Array([3, 1, 2]);
    expect(prepare(values)).toHaveLength(3);
    expect(normalise(values)).toHaveLength(3);
    expect([...values]).toEqual([3, 1, 2]);
  });

  it('finds an RDM and its normalised form the same', () => {
    fc.assert(
      fc.property(vectors, (values) => {
        const a = Float64Array.from(values);
        expect(similarity(prepare(normalise(a)), prepare(a))).toBeCloseTo(1, 10);
      }),
    );
  });
});

// Whole numbers: enough ties, and no difference so small that a change of scale swallows it.
const notConstant = (values: readonly number[]) => values.some((value) => value !== values[0]);
const whole = fc.integer({ min: -20, max: 20 });
const vectors = fc.array(whole, { minLength: 3, maxLength: 30 }).filter(notConstant);
const pairsOfVectors = fc.integer({ min: 3, max: 30 }).chain((length) => {
  const vector = fc.array(whole, { minLength: length, maxLength: length }).filter(notConstant);
  return fc.tuple(vector, vector);
});
