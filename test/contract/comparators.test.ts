import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condensedLength, conditionsOfCondensed } from '../../src/core/condensed.ts';
import { ShapeError } from '../../src/core/errors.ts';
import { sortRdm } from '../../src/rdm/comparators/comparator.ts';
import { COMPARATORS, type ComparatorName, compare } from '../../src/rdm/comparators.ts';
import { everyPair, samplePairs } from '../../src/rdm/pair-sample.ts';
import { permuteLabels } from '../../src/rdm/permuted-labels.ts';
import { makeRdmStack } from '../../src/rdm/rdm.ts';

// A comparator joins by being in the table.
describe.each(Object.keys(COMPARATORS) as ComparatorName[])('the comparator %s', (name) => {
  const { range, invariance, identity, constant, compares, normalise } = COMPARATORS[name];
  const { prepare, prepareSample, similarity, relabel, meanPrepared } = COMPARATORS[name];
  const lengths = compares === 'values' ? anyLength : rdmLengths;
  const vectors = lengths.chain(vectorOf);
  const pairsOfVectors = lengths.chain((length) => fc.tuple(vectorOf(length), vectorOf(length)));
  const identical = identity === 'always' ? vectors : lengths.chain(vectorWithoutTies);

  if (meanPrepared !== undefined) {
    it.runIf(meanPrepared !== undefined)(
      'compares the mean of prepared RDMs as the mean of what these are compared to',
      () => {
        const triples = lengths.chain((length) => fc.tuple(vectorOf(length), vectorOf(length), vectorOf(length)));
        fc.assert(
          fc.property(triples, (vectors) => {
            const [a, b, c] = vectors.map((values) => prepare(Float64Array.from(values)));
            expect(similarity(meanPrepared([a, b]), c)).toBeCloseTo((similarity(a, c) + similarity(b, c)) / 2, 12);
            expect(similarity(c, meanPrepared([a, b]))).toBeCloseTo((similarity(a, c) + similarity(b, c)) / 2, 12);
          }),
        );
      },
    );
  }

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
    const ties = compare([1, 1, 2], [1, 1, 2], name);
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

  it(`does not depend on the order of ${compares === 'values' ? 'pairs' : 'conditions'}`, () => {
    fc.assert(
      fc.property(pairsOfVectors, ([a, b]) => {
        const from = [...a.keys()].reverse();
        const order = (values: number[]) =>
          compares === 'values' ? from.map((k) => values[k]) : relabelled(values, reversal(values.length));
        expect(compare(order(a), order(b), name)).toBeCloseTo(compare(a, b, name), 10);
      }),
    );
  });

  it('is NaN where either RDM holds NaN, or there are no values', () => {
    const withNaN = [1, Number.NaN, 3];
    expect(compare(withNaN, [1, 2, 3], name)).toBeNaN();
    expect(compare([1, 2, 3], withNaN, name)).toBeNaN();
    expect(compare([], [], name)).toBeNaN();
  });

  it(`of a constant RDM is ${constant}`, () => {
    for (const value of [2, 0.1]) {
      const same = new Array<number>(6).fill(value);
      const others = [1, 2, 3, 4, 5, 7];
      for (const similarity of [compare(same, others, name), compare(others, same, name)]) {
        expect(Number.isNaN(similarity)).toBe(constant === 'NaN');
      }
    }
    if (constant === 'NaN') expect(compare([1], [2], name)).toBeNaN();
  });

  it('refuses RDMs of different sizes', () => {
    expect(() => compare([1, 2, 3], [1, 2], name)).toThrow(ShapeError);
  });

  it('leaves its inputs as they were, and normalises into an array of the same length', () => {
    const values = new Float64Array([3, 1, 2]);
    const sorted = sortRdm(values);
    prepare(values);
    prepareSample(sorted, samplePairs([1, 2, 1]));
    relabel(prepare(values), new Uint32Array([2, 0, 1]));
    expect(normalise(values)).toHaveLength(3);
    expect([...values]).toEqual([3, 1, 2]);
    expect([...sorted.order]).toEqual([1, 2, 0]);
  });

  it('prepares a sample of every pair once as it does the RDM', () => {
    fc.assert(
      fc.property(
        rdmLengths.chain((length) => fc.tuple(vectorOf(length), vectorOf(length))),
        ([a, b]) => {
          const sample = everyPair(conditionsOfCondensed(a.length));
          const [x, y] = [a, b].map((values) => prepareSample(sortRdm(Float64Array.from(values)), sample));
          expect(similarity(x, y, sample)).toBeCloseTo(compare(a, b, name), 10);
        },
      ),
    );
  });

  it('relabels what it has prepared as it would prepare what is relabelled', () => {
    fc.assert(
      fc.property(
        rdmLengths.chain((length) => fc.tuple(vectorOf(length), vectorOf(length))),
        ([a, b]) => {
          const from = Uint32Array.from(relabelled([...a.keys()], reversal(a.length)));
          const turned = relabel(prepare(Float64Array.from(a)), from);
          const expected = compare(relabelled(a, reversal(a.length)), b, name);
          expect(similarity(turned, prepare(Float64Array.from(b)))).toBeCloseTo(expected, 10);
          expect(similarity(prepare(Float64Array.from(b)), turned)).toBeCloseTo(expected, 10);
        },
      ),
    );
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
const vectorOf = (length: number) => fc.array(whole, { minLength: length, maxLength: length }).filter(notConstant);
const vectorWithoutTies = (length: number) => fc.uniqueArray(whole, { minLength: length, maxLength: length });
const anyLength = fc.integer({ min: 3, max: 30 });
const rdmLengths = fc.integer({ min: 3, max: 8 }).map(condensedLength);

const reversal = (length: number) => [...new Array(conditionsOfCondensed(length)).keys()].reverse();

function relabelled(values: readonly number[], permutation: readonly number[]): number[] {
  return [...permuteLabels(makeRdmStack(Float64Array.from(values), { nSubjects: 1 }), permutation).values];
}
