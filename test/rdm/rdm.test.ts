import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import {
  averageTimes,
  makeRdm,
  makeRdmStack,
  rdmValuesAt,
  squareOf,
  stackRdms,
  subsetStack,
  subsetSubjects,
} from '../../src/rdm/rdm.ts';

const numbers = (length: number) => Float64Array.from({ length }, (_, k) => k);

describe('makeRdm and makeRdmStack', () => {
  it('tell the number of conditions from the number of values', () => {
    expect(makeRdm(numbers(6)).nConditions).toBe(4);
    expect(makeRdmStack(numbers(36), { nSubjects: 3, nTimes: 2 }).nConditions).toBe(4);
  });

  it('refuse numbers of values that are no triangle, and names of another number', () => {
    expect(() => makeRdm(numbers(5))).toThrow(ShapeError);
    expect(() => makeRdm(numbers(6), ['a'])).toThrow('expected 4 condition names, got 1');
    expect(() => makeRdmStack(numbers(7), { nSubjects: 2 })).toThrow(ShapeError);
    expect(() => makeRdmStack(numbers(10), { nSubjects: 2 })).toThrow(ShapeError);
    expect(() => makeRdmStack(numbers(0), { nSubjects: 0 })).toThrow(ShapeError);
    expect(() => makeRdmStack(numbers(6), { nSubjects: 2, conditions: ['a'] })).toThrow(ShapeError);
  });
});

describe('a stack of RDMs', () => {
  const stack = makeRdmStack(numbers(12), { nSubjects: 2, nTimes: 2, conditions: ['a', 'b', 'c'] });

  it('gives the values of a subject at a time', () => {
    expect([...rdmValuesAt(stack, 1)]).toEqual([6, 7, 8]);
    expect([...rdmValuesAt(stack, 1, 1)]).toEqual([9, 10, 11]);
  });

  it('averages over time subject by subject, and is itself where there is one time', () => {
    const mean = averageTimes(stack);
    expect([...mean.values]).toEqual([1.5, 2.5, 3.5, 7.5, 8.5, 9.5]);
    expect(mean.conditions).toEqual(['a', 'b', 'c']);
    expect(averageTimes(mean)).toBe(mean);
  });

  it('gives a subset of conditions in its order', () => {
    const subset = subsetStack(stack, [2, 0]);
    expect(subset.conditions).toEqual(['c', 'a']);
    expect([...subset.values]).toEqual([1, 4, 7, 10]);
  });

  it('gives a subset of subjects in its order', () => {
    const subset = subsetSubjects(stack, [1, 0]);
    expect([subset.nSubjects, subset.nTimes, subset.conditions]).toEqual([2, 2, ['a', 'b', 'c']]);
    expect([...subset.values]).toEqual([6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]);
    expect([...subsetSubjects(stack, [1]).values]).toEqual([6, 7, 8, 9, 10, 11]);
    for (const bad of [[], [2], [-1], [0.5]]) expect(() => subsetSubjects(stack, bad)).toThrow(ShapeError);
  });

  it.each([[[0, 3]], [[-1, 0]], [[0.5, 1]], [[1, 1]]])('refuses the subset %j', (subset) => {
    expect(() => subsetStack(stack, subset)).toThrow(ShapeError);
  });

  it('is made of RDMs of the same conditions in the same order', () => {
    const names = ['a', 'b', 'c'];
    const made = stackRdms([makeRdm(numbers(3), names), makeRdm(numbers(3), [...names])]);
    expect(made.nSubjects).toBe(2);
    expect([...made.values]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(() => stackRdms([makeRdm(numbers(3), names), makeRdm(numbers(3), ['a', 'c', 'b'])])).toThrow(/RDM 2/);
    expect(() => stackRdms([makeRdm(numbers(3)), makeRdm(numbers(6))])).toThrow(ShapeError);
    expect(() => stackRdms([])).toThrow(ShapeError);
  });
});

it('squareOf gives a symmetric matrix with zeros on its diagonal', () => {
  expect([...squareOf(makeRdm(new Float64Array([1, 2, 3])))]).toEqual([0, 1, 2, 1, 0, 3, 2, 3, 0]);
});
