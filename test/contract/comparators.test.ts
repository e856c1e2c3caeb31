import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { COMPARATORS, type ComparatorName, compare } from '../../src/rdm/comparators.ts';

// A comparator joins by being in the table.
describe.each(Object.keys(COMPARATORS) as ComparatorName[])('the comparator %s', (name) => {
  const { range, invariance, identity, constant, prepare, similarity, normalise } = COMPARATORS[name];
  const identical = identity === 'always' ? vectors : vectorsWithoutTies;

  it('is symmetric', () => {
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        expect(compare(a, b, name)).toBeCloseTo(compare(b, a, name), 12);
      }),
    );
  });

  it(`is at the end of its range of an RDM with itself, ${identity}`, () => {
    fc.assert(
      fc.property(identical, (a) => {
        expect(compare(a, a, name)).toBeCloseTo(range[1], 12);
      }),
    );
    const ties = compare([1, 1, 2, 2], [1, 1, 2, 2], name);
    if (identity === 'always') expect(ties).toBeCloseTo(range[1], 12);
    else expect(ties).toBeLessThan(range[1]);
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
      scale: (value: number) => 3 * value,
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

  it('is NaN where either RDM holds NaN, or there are no values', () => {
    const withNaN = [1, Number.NaN, 3, 4];
    expect(compare(withNaN, [1, 2, 3, 4], name)).toBeNaN();
    expect(compare([1, 2, 3, 4], withNaN, name)).toBeNaN();
    expect(compare([], [], name)).toBeNaN();
  });

  it(`of a constant RDM is ${constant}`, () => {
    for (const value of [2, 0.1]) {
      const same = new Array<number>(4).fill(value);
      for (const similarity of [compare(same, [1, 2, 3, 4], name), compare([1, 2, 3, 4], same, name)]) {
        expect(Number.isNaN(similarity)).toBe(constant === 'NaN');
      }
    }
    if (constant === 'NaN') expect(compare([1], [2], name)).toBeNaN();
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
      fc.property(identical, (values) => {
        const a = Float64Array.from(values);
        expect(similarity(prepare(normalise(a)), prepare(a))).toBeCloseTo(range[1], 10);
      }),
    );
  });
});

// Whole numbers: enough ties, and no difference so small that a change of scale swallows it.
const notConstant = (values: readonly number[]) => values.some((value) => value !== values[0]);
const whole = fc.integer({ min: -20, max: 20 });
const vectors = fc.array(whole, { minLength: 3, maxLength: 30 }).filter(notConstant);
const vectorsWithoutTies = fc.uniqueArray(whole, { minLength: 3, maxLength: 30 });
const pairsOfVectors = fc.integer({ min: 3, max: 30 }).chain((length) => {
  const vector = fc.array(whole, { minLength: length, maxLength: length }).filter(notConstant);
  return fc.tuple(vector, vector);
});
