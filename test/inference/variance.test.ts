import { describe, expect, it } from 'vitest';
import { studentTail, twoSided95 } from '../../src/core/student-t.ts';
import { bonferroni, falseDiscoveryRates } from '../../src/inference/multiple-tests.ts';
import { ceilingInfluence, type ScoreTables } from '../../src/inference/score-tables.ts';
import { adjusted, permutationTest, tTest } from '../../src/inference/tests.ts';
import { bootstrapVariances, contrastVariance } from '../../src/inference/variance.ts';
import golden from '../golden/inference/expected.json' with { type: 'json' };

const { full, bootstrap, jackknife, counts, ceilingWithout, influence, cases } = golden.variances;
const tables: ScoreTables = {
  ...{ nRows: full.length, nSubjects: full[0].length, nConditions: jackknife.length },
  full: Float64Array.from(full.flat()),
  bootstrap: Float64Array.from(bootstrap.flat(2)),
  jackknife: Float64Array.from(jackknife.flat(2)),
  subjectCounts: counts.map((row) => Uint32Array.from(row)),
  ceilingWithout: Float64Array.from(ceilingWithout),
};

describe.each(cases)(
  'the contrast of rows $plus and $minus',
  ({ plus, minus, bootstrap: bootstrapped, ...expected }) => {
    it.each(['subjects', 'stimuli', 'both'] as const)("has numpy's variance and degrees of freedom over %s", (over) => {
      const { variance, degrees } = contrastVariance(tables, { plus, minus }, over);
      expect(variance).toBeCloseTo(expected[over].variance, 12);
      expect(degrees).toBeCloseTo(expected[over].degrees, 8);
    });

    it('has the three bootstraps, and what Schütt et al. make of them', () => {
      const actual = bootstrapVariances(tables, { plus, minus });
      for (const key of ['subjects', 'stimuli', 'both', 'dual'] as const) {
        expect(actual[key]).toBeCloseTo(bootstrapped[key], 12);
      }
    });
  },
);

describe('ceilingInfluence', () => {
  it('is the slope of what leaving a subject out does, between 1 and 2, and 1 where there is no ceiling', () => {
    expect(ceilingInfluence(tables)).toBeCloseTo(influence, 10);
    const none = Float64Array.from(ceilingWithout).fill(0.3);
    expect(ceilingInfluence({ ...tables, ceilingWithout: none })).toBe(1);
    expect(ceilingInfluence({ ...tables, ceilingWithout: null })).toBe(1);
    expect(ceilingInfluence({ ...tables, ceilingWithout: Float64Array.from(ceilingWithout, (v) => 10 * v) })).toBe(2);
    const same = { ...tables, full: new Float64Array(tables.full.length).fill(0.5) };
    expect(ceilingInfluence(same)).toBe(1);
  });
});

describe("Student's distribution", () => {
  it.each(golden.tails)("has scipy's P(T > $t) with $degrees degrees of freedom", ({ t, degrees, tail }) => {
    expect(Math.abs(studentTail(t, degrees) - tail)).toBeLessThan(1e-12);
  });

  it.each(golden.points)("has scipy's 97.5 % point with $degrees degrees of freedom", ({ degrees, point }) => {
    expect(Math.abs(twoSided95(degrees) / point - 1)).toBeLessThan(1e-10);
  });
});

describe('adjusted p values', () => {
  it.each(golden.adjusted)("are scipy's false discovery rates of $p", ({ p, fdr }) => {
    falseDiscoveryRates(p).forEach((value, k) => {
      expect(value).toBeCloseTo(fdr[k], 14);
    });
    expect(bonferroni(p)).toEqual(p.map((value) => Math.min(1, value * p.length)));
  });

  it('of no tests are none, and tests that could not be made do not count', () => {
    expect(falseDiscoveryRates([])).toEqual([]);
    expect(adjusted([{ p: 0.02 }, null, { p: 0.5 }])).toEqual([
      { p: 0.02, pFdr: 0.04, pBonferroni: 0.04 },
      null,
      { p: 0.5, pFdr: 0.5, pBonferroni: 1 },
    ]);
  });
});

describe('tTest', () => {
  it('of an estimate without variance says what can be seen', () => {
    const exact = { variance: 0, degrees: 5 };
    expect(tTest(0.3, exact, 'above')).toEqual({ t: null, degrees: 5, p: 0 });
    expect(tTest(-0.3, exact, 'above').p).toBe(1);
    expect(tTest(-0.3, exact, 'two').p).toBe(0);
    expect(tTest(0, exact, 'two').p).toBe(1);
  });

  it('is one-sided above 0 and two-sided elsewhere', () => {
    const variance = { variance: 0.01, degrees: 7 };
    expect(tTest(0.2, variance, 'two').p).toBeCloseTo(2 * tTest(0.2, variance, 'above').p, 12);
    expect(tTest(-0.2, variance, 'above').p).toBeGreaterThan(0.9);
  });
});

describe('permutationTest', () => {
  it('counts the score itself and permutations at least as high', () => {
    const permuted = Float64Array.from({ length: 99 }, (_, k) => k / 100);
    expect(permutationTest(0.95, permuted).p).toBeCloseTo((1 + 4) / 100, 12);
    expect(permutationTest(2, permuted).p).toBe(0.01);
    expect(permutationTest(-1, permuted).p).toBe(1);
    expect(permutationTest(0, permuted)).toMatchObject({ mean: 0.49, percentile95: 0.94 });
  });
});
