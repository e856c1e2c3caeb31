import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  condense,
  condensedIndex,
  condensedLength,
  condensedSubset,
  conditionsOfCondensed,
  expand,
  pairsOf,
} from '../../src/core/condensed.ts';
import { ShapeError } from '../../src/core/errors.ts';

const sizes = fc.integer({ min: 1, max: 40 });

describe('condensed indices', () => {
  it('number pairs i < j row by row, as numpy.triu_indices and scipy.squareform do', () => {
    expect([...pairsOf(4)]).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect([...pairsOf(0)]).toEqual([]);
    expect([...pairsOf(1)]).toEqual([]);
  });

  it('agree with the order of pairs for every size', () => {
    fc.assert(
      fc.property(sizes, (n) => {
        const pairs = [...pairsOf(n)];
        expect(pairs.length).toBe(condensedLength(n));
        pairs.forEach(([i, j], k) => {
          expect(condensedIndex(i, j, n)).toBe(k);
        });
      }),
    );
  });

  it('tell the number of conditions back from the number of pairs, also where squares pass 2^53', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000_000 }), (n) => {
        expect(conditionsOfCondensed(condensedLength(n))).toBe(n);
      }),
    );
  });

  it.each([2, 4, 5, 7, 4187])('refuse %i values, which are no n (n - 1) / 2', (length) => {
    expect(() => conditionsOfCondensed(length)).toThrow(ShapeError);
  });
});

describe('condense and expand', () => {
  it('are each the other back again', () => {
    fc.assert(
      fc.property(
        sizes.chain((n) =>
          fc.tuple(
            fc.constant(n),
            fc.array(fc.double(), { minLength: condensedLength(n), maxLength: condensedLength(n) }),
          ),
        ),
        ([n, values]) => {
          expect([...condense(expand(values, n), n)]).toEqual(values);
        },
      ),
    );
  });

  it('give a symmetric matrix with zeros on its diagonal', () => {
    expect([...expand([1, 2, 3], 3)]).toEqual([0, 1, 2, 1, 0, 3, 2, 3, 0]);
  });

  it('take the upper triangle of a matrix', () => {
    expect([...condense([0, 1, 2, 9, 0, 3, 9, 9, 0], 3)]).toEqual([1, 2, 3]);
  });
});

describe('condensedSubset', () => {
  it('equals rows and columns taken from the square matrix, in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((n) =>
          fc.tuple(
            fc.constant(n),
            fc.shuffledSubarray(
              Array.from({ length: n }, (_, k) => k),
              { minLength: 1 },
            ),
          ),
        ),
        ([n, subset]) => {
          const values = Array.from({ length: condensedLength(n) }, (_, k) => k + 1);
          const square = expand(values, n);
          const picked = subset.flatMap((i) => subset.map((j) => square[i * n + j]));
          expect([...condensedSubset(values, n, subset)]).toEqual([...condense(picked, subset.length)]);
        },
      ),
    );
  });
});
