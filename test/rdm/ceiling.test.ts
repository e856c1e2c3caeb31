import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { agreementOf, lowerCeilingsWithout, noiseCeiling } from '../../src/rdm/ceiling.ts';
import { COMPARATOR_NAMES, compare } from '../../src/rdm/comparators.ts';
import { makeRdmStack, subsetSubjects } from '../../src/rdm/rdm.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

it.each(COMPARATOR_NAMES)('without each subject the lower ceiling is that of the others: %s', (comparator) => {
  const { nSubjects, nTimes, stack } = golden.challenge;
  const whole = makeRdmStack(flat(stack), { nSubjects, nTimes });
  for (const averaging of ['raw', 'normalised'] as const) {
    const without = lowerCeilingsWithout(whole, { comparator, averaging });
    expect(without).toHaveLength(nSubjects);
    without.forEach((value, out) => {
      const others = [...Array(nSubjects).keys()].filter((subject) => subject !== out);
      const { lower } = noiseCeiling(subsetSubjects(whole, others), { comparator, averaging });
      expect(value).toBeCloseTo(lower.rho, 12);
    });
  }
});

describe("noiseCeiling in the challenge's way", () => {
  const { nSubjects, nTimes, stack, ceiling } = golden.challenge;

  it('equals scipy to 1e-10 on RDMs that are resolved in time and have ties', () => {
    expectCeiling(noiseCeiling(makeRdmStack(flat(stack), { nSubjects, nTimes })), ceiling);
  });

  it('is that of the only time point where there is one', () => {
    const first = stack.map((times) => times[0]);
    const { lower, upper } = noiseCeiling(makeRdmStack(flat(first), { nSubjects }));
    const mean = first[0].map((_, k) => first.reduce((sum, values) => sum + values[k], 0) / nSubjects);
    const rhos = first.map((values) => compare(values, mean));
    expect(upper.rho).toBeCloseTo(agreementOf(rhos).rho, 12);
    expect(upper.r2).toBeCloseTo(agreementOf(rhos).r2, 12);
    expect(lower.rho).toBeLessThan(upper.rho);
  });

  it('of two subjects has their similarity as its lower bound', () => {
    const [a, b] = [stack[0][0], stack[1][0]];
    const { lower } = noiseCeiling(makeRdmStack(flat([a, b]), { nSubjects: 2 }));
    expect(lower.rho).toBeCloseTo(compare(a, b), 12);
    expect(lower.r2).toBeCloseTo(compare(a, b) ** 2, 12);
  });

  it('is 1 where all subjects are the same', () => {
    const { lower, upper } = noiseCeiling(makeRdmStack(flat([1, 2, 3].map(() => stack[0][0])), { nSubjects: 3 }));
    for (const value of [lower.rho, lower.r2, upper.rho, upper.r2]) expect(value).toBeCloseTo(1, 12);
  });
});

describe("noiseCeiling in rsatoolbox's way", () => {
  const { subjects, ceiling } = golden.rsatoolbox;
  const stack = makeRdmStack(flat(subjects), { nSubjects: subjects.length });

  // It has none for tau b.
  const named = Object.keys(ceiling) as (keyof typeof ceiling)[];
  it.each(named)('equals rsatoolbox to 1e-10: %s', (comparator) => {
    const { lower, upper } = noiseCeiling(stack, { comparator, averaging: 'normalised' });
    expect(Math.abs(lower.rho - ceiling[comparator].lower)).toBeLessThanOrEqual(1e-10);
    expect(Math.abs(upper.rho - ceiling[comparator].upper)).toBeLessThanOrEqual(1e-10);
  });

  it("weighs every subject alike: a subject's units change nothing", () => {
    for (const comparator of COMPARATOR_NAMES) {
      const louder = subjects.map((values, subject) => (subject === 0 ? values.map((value) => 100 * value) : values));
      const ceilingOf = (rows: number[][]) =>
        noiseCeiling(makeRdmStack(flat(rows), { nSubjects: rows.length }), { comparator, averaging: 'normalised' });
      expectCeiling(ceilingOf(louder), ceilingOf(subjects));
    }
  });
});

describe('noiseCeiling', () => {
  it.each(COMPARATOR_NAMES)('holds each subject against the raw mean of all and of the others: %s', (comparator) => {
    const { subjects } = golden.rsatoolbox;
    const { lower, upper } = noiseCeiling(makeRdmStack(flat(subjects), { nSubjects: subjects.length }), { comparator });
    const mean = (rows: number[][]) => rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
    const all = agreementOf(subjects.map((own) => compare(own, mean(subjects), comparator)));
    const others = agreementOf(
      subjects.map((own) => compare(own, mean(subjects.filter((other) => other !== own)), comparator)),
    );
    expectCeiling({ lower, upper }, { lower: others, upper: all });
  });

  it('refuses a single subject', () => {
    expect(() => noiseCeiling(makeRdmStack(new Float64Array([1, 2, 3]), { nSubjects: 1 }))).toThrow(
      new UsageError('noiseCeiling: expected at least 2 subjects, got 1; pass one RDM a subject'),
    );
  });

  it.each([
    ['is constant', [2, 2, 2]],
    ['holds NaN', [1, Number.NaN, 3]],
  ])('is NaN where a subject %s', (_, odd) => {
    const { lower, upper } = noiseCeiling(makeRdmStack(flat([[1, 2, 3], odd, [1, 3, 2]]), { nSubjects: 3 }));
    for (const value of [lower.rho, lower.r2, upper.rho, upper.r2]) expect(value).toBeNaN();
  });

  it('is NaN for two conditions, whose one pair has no correlation', () => {
    expect(noiseCeiling(makeRdmStack(new Float64Array([1, 2]), { nSubjects: 2 })).upper.rho).toBeNaN();
  });

  it('does not depend on the order of subjects', () => {
    const { subjects } = golden.rsatoolbox;
    const ceilingOf = (rows: number[][]) => noiseCeiling(makeRdmStack(flat(rows), { nSubjects: rows.length }));
    fc.assert(
      fc.property(fc.shuffledSubarray(subjects, { minLength: subjects.length }), (shuffled) => {
        expectCeiling(ceilingOf(shuffled), ceilingOf(subjects));
      }),
      { numRuns: 20 },
    );
  });
});

function flat(nested: readonly unknown[]): Float64Array {
  return Float64Array.from(nested.flat(3) as number[]);
}

type Bounds = { lower: { rho: number; r2: number }; upper: { rho: number; r2: number } };

function expectCeiling(actual: Bounds, expected: Bounds): void {
  for (const bound of ['lower', 'upper'] as const) {
    for (const unit of ['rho', 'r2'] as const) {
      expect(Math.abs(actual[bound][unit] - expected[bound][unit]), `${bound} ${unit}`).toBeLessThanOrEqual(1e-10);
    }
  }
}
