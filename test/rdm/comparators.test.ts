import { describe, expect, it } from 'vitest';
import { averageRanks } from '../../src/core/ranks.ts';
import { sortRdm } from '../../src/rdm/comparators/comparator.ts';
import { COMPARATOR_NAMES, COMPARATORS, compare } from '../../src/rdm/comparators.ts';
import { samplePairs } from '../../src/rdm/pair-sample.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

describe('compare', () => {
  for (const { name, a, b, spearman, pearson, 'tau-b': tauB } of golden.correlations) {
    it(`equals scipy's spearmanr, pearsonr and kendalltau to 1e-10: ${name}`, () => {
      const [x, y] = [a, b].map((values) => values.map((value) => value ?? Number.NaN));
      expectClose(compare(x, y, 'spearman'), spearman);
      expectClose(compare(x, y, 'pearson'), pearson);
      expectClose(compare(x, y, 'tau-b'), tauB);
    });
  }

  const { a, b, compare: theirs } = golden.rsatoolbox;
  it.each(COMPARATOR_NAMES)('equals rsatoolbox to 1e-10: %s', (comparator) => {
    a.forEach((values, i) => {
      b.forEach((others, j) => {
        expectClose(compare(values, others, comparator), theirs[comparator][i][j]);
      });
    });
  });

  it.each(['spearman', 'pearson', 'tau-a', 'tau-b', 'rho-a'] as const)(
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

describe('comparators of sampled conditions', () => {
  for (const { name, counts, a, b, expected } of golden.samples) {
    it.each(COMPARATOR_NAMES)(`equal scipy and numpy on the sample written out to 1e-10, ${name}: %s`, (comparator) => {
      const { prepareSample, similarity } = COMPARATORS[comparator];
      const sample = samplePairs(counts);
      const [x, y] = [a, b].map((values) => prepareSample(sortRdm(Float64Array.from(values)), sample));
      expectClose(similarity(x, y, sample), expected[comparator]);
      expectClose(similarity(y, x, sample), expected[comparator]);
    });
  }

  it('know no pair where one condition was drawn again and again', () => {
    const { pairs, total } = samplePairs([0, 4, 0, 0]);
    expect([pairs.length, total]).toEqual([0, 0]);
  });
});

describe("Kendall's taus", () => {
  it('take 300,000 values, for which two by two would take minutes, within seconds', () => {
    const n = 300_000;
    const values = Float64Array.from({ length: n }, (_, k) => (7919 * k) % n);
    // The lower half of the ranks as they were, the upper half turned over: agreements within and across, disagreements above.
    const ranks = averageRanks(values);
    const turned = ranks.map((rank) => (rank <= n / 2 ? rank : 1.5 * n + 1 - rank));
    const expected = 1 - (n / 2 - 1) / (n - 1);
    const start = performance.now();
    expect(compare(values, turned, 'tau-a')).toBeCloseTo(expected, 12);
    expect(compare(turned, values, 'tau-b')).toBeCloseTo(expected, 12);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

function expectClose(actual: number, expected: number | null): void {
  if (expected === null) expect(actual).toBeNaN();
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-10);
}
