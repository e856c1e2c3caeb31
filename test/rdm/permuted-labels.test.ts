import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { seededRandom } from '../../src/core/random.ts';
import { permutationAmong, permuteLabels } from '../../src/rdm/permuted-labels.ts';
import { makeRdmStack, rdmValuesAt, squareOf } from '../../src/rdm/rdm.ts';

const random = seededRandom(3);
const conditions = ['a', 'b', 'c', 'd', 'e'];
const values = Float64Array.from({ length: 2 * 3 * 10 }, () => random.uniform());
const stack = makeRdmStack(values, { nSubjects: 2, nTimes: 3, conditions });

describe('permuteLabels', () => {
  it('puts row permutation[i] where row i was, in every subject and time', () => {
    const permutation = [2, 0, 4, 1, 3];
    const permuted = permuteLabels(stack, permutation);
    for (const [subject, time] of [0, 1].flatMap((subject) => [0, 1, 2].map((time) => [subject, time]))) {
      const [before, after] = [stack, permuted].map((of) =>
        squareOf({ nConditions: 5, conditions, values: rdmValuesAt(of, subject, time) }),
      );
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 5; j++) expect(after[i * 5 + j]).toBe(before[permutation[i] * 5 + permutation[j]]);
      }
    }
  });

  it('is undone by the inverse and leaves the names where they are', () => {
    const permutation = [1, 2, 3, 4, 0];
    const permuted = permuteLabels(stack, permutation);
    expect(permuted.values).not.toEqual(stack.values);
    expect(permuted.conditions).toBe(stack.conditions);
    expect(permuteLabels(permuted, [4, 0, 1, 2, 3])).toEqual(stack);
  });

  it.each([[[0, 1, 2]], [[0, 0, 0, 0, 0]], [[0, 1, 2, 3, 5]], [[0, 1, 2, 3, 4, 4]], [[0, 1, 2, 3, 0.5]]])(
    'refuses %j, which is no permutation',
    (rows) => {
      expect(() => permuteLabels(stack, rows)).toThrow(ShapeError);
      expect(() => permuteLabels(stack, rows)).toThrow(/each row from 0 to 4 once/);
    },
  );
});

describe('permutationAmong', () => {
  it('deals some rows out anew among themselves and leaves the others', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const permutation = [...permutationAmong([4, 1, 3], 5, seededRandom(seed))];
      expect([permutation[0], permutation[2]]).toEqual([0, 2]);
      expect([...permutation].sort()).toEqual([0, 1, 2, 3, 4]);
      seen.add(permutation.join());
    }
    expect(seen.size).toBe(6);
  });

  it('of no rows or one changes nothing', () => {
    expect([...permutationAmong([], 3, seededRandom(0))]).toEqual([0, 1, 2]);
    expect([...permutationAmong([1], 3, seededRandom(0))]).toEqual([0, 1, 2]);
  });
});
