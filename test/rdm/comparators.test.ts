import { describe, expect, it } from 'vitest';
import { compare } from '../../src/rdm/comparators.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

describe('compare', () => {
  for (const { name, a, b, spearman, pearson } of golden.correlations) {
    it(`equals scipy's spearmanr and pearsonr to 1e-10: ${name}`, () => {
      const [x, y] = [a, b].map((values) => values.map((value) => value ?? Number.NaN));
      expectClose(compare(x, y, 'spearman'), spearman);
      expectClose(compare(x, y, 'pearson'), pearson);
    });
  }

  const { a, b, compare: theirs } = golden.rsatoolbox;
  it.each(['spearman', 'pearson'] as const)('equals rsatoolbox to 1e-10: %s', (comparator) => {
    a.forEach((values, i) => {
      b.forEach((others, j) => {
        expectClose(compare(values, others, comparator), theirs[comparator][i][j]);
      });
    });
  });

  it.each(['spearman', 'pearson'] as const)(
    'turns its sign with one of the RDMs, and is 0 between unrelated ties: %s',
    (name) => {
      const { a, b } = golden.correlations[0];
      const negative = a.map((value) => -value!);
      expect(compare(negative, b as number[], name)).toBeCloseTo(-compare(a as number[], b as number[], name), 12);
      expect(compare([1, 1, 2, 2], [1, 2, 1, 2], name)).toBeCloseTo(0, 12);
    },
  );

  it('takes infinite dissimilarities by their rank with spearman and gives NaN with pearson', () => {
    const infinite = [1, Number.POSITIVE_INFINITY, 2];
    expect(compare(infinite, [1, 3, 2], 'spearman')).toBeCloseTo(1, 12);
    expect(compare(infinite, [1, 3, 2], 'pearson')).toBeNaN();
  });
});

function expectClose(actual: number, expected: number | null): void {
  if (expected === null) expect(actual).toBeNaN();
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10);
}
