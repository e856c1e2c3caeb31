import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { BENCHMARKS, publishedCeiling, TRACKS } from '../../src/rdm/benchmarks.ts';
import { makeRdm, makeRdmStack } from '../../src/rdm/rdm.ts';
import { percentOfCeiling, scoreRdm, trackScore } from '../../src/rdm/score.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

const { nSubjects, nTimes, stack, model, rhoBySubject, rho, r2, rhoStandardError } = golden.challenge;

describe('scoreRdm', () => {
  it('equals scipy to 1e-10: rho of each subject is its mean over time, r2 the mean of their squares', () => {
    const score = scoreRdm(
      makeRdm(Float64Array.from(model)),
      makeRdmStack(Float64Array.from(stack.flat(2)), { nSubjects, nTimes }),
    );
    score.rhoBySubject.forEach((value, subject) => {
      expect(Math.abs(value - rhoBySubject[subject])).toBeLessThanOrEqual(1e-10);
    });
    expect(Math.abs(score.rho - rho)).toBeLessThanOrEqual(1e-10);
    expect(Math.abs(score.r2 - r2)).toBeLessThanOrEqual(1e-10);
    expect(Math.abs(score.rhoStandardError - rhoStandardError)).toBeLessThanOrEqual(1e-10);
  });

  it('keeps the sign in rho that r2 hides', () => {
    const target = makeRdmStack(new Float64Array([1, 2, 3]), { nSubjects: 1 });
    const score = scoreRdm(makeRdm(new Float64Array([3, 2, 1])), target);
    expect(score.rho).toBeCloseTo(-1, 12);
    expect(score.r2).toBeCloseTo(1, 12);
    expect(score.rhoStandardError).toBeNaN();
  });

  it('is NaN for a constant model', () => {
    const target = makeRdmStack(new Float64Array([1, 2, 3]), { nSubjects: 1 });
    expect(scoreRdm(makeRdm(new Float64Array([2, 2, 2])), target).rho).toBeNaN();
  });

  it('refuses a target of other conditions, by size and by name', () => {
    const three = makeRdm(new Float64Array([1, 2, 3]), ['a', 'b', 'c']);
    expect(() => scoreRdm(three, makeRdmStack(new Float64Array(6), { nSubjects: 1 }))).toThrow(ShapeError);
    const reordered = makeRdmStack(new Float64Array(3), { nSubjects: 1, conditions: ['a', 'c', 'b'] });
    expect(() => scoreRdm(three, reordered)).toThrow(/"b" in row 2.*"c".*another order/);
  });
});

describe('percentOfCeiling', () => {
  it('is 100 r2 / ceiling, and null without a ceiling above 0', () => {
    expect(percentOfCeiling(0.02, 0.08)).toBeCloseTo(25, 12);
    expect(percentOfCeiling(0.02, null)).toBeNull();
    expect(percentOfCeiling(0.02, 0)).toBeNull();
    expect(percentOfCeiling(0.02, Number.NaN)).toBeNull();
  });
});

describe('trackScore', () => {
  it("is mean r2 over mean ceiling: the 2019 winner's 32.88 % and 20.99 % of EVC and IT are 26.91 %, but for rounding", () => {
    const { ceilings } = BENCHMARKS['algonauts2019-78'];
    const track = trackScore([
      { r2: 0.3288 * ceilings.EVC_RDMs, ceiling: ceilings.EVC_RDMs },
      { r2: 0.2099 * ceilings.IT_RDMs, ceiling: ceilings.IT_RDMs },
    ]);
    expect(track.percentOfCeiling).toBeCloseTo(26.91, 1);
  });

  it("is the MEG winner's 63.56 % for 58.95 % and 67.25 %", () => {
    const { ceilings } = BENCHMARKS['algonauts2019-78'];
    const track = trackScore([
      { r2: 0.5895 * ceilings.MEG_RDMs_early, ceiling: ceilings.MEG_RDMs_early },
      { r2: 0.6725 * ceilings.MEG_RDMs_late, ceiling: ceilings.MEG_RDMs_late },
    ]);
    expect(track.percentOfCeiling).toBeCloseTo(63.56, 1);
  });

  it('has no percentage where a region has no ceiling, and needs a region', () => {
    const track = trackScore([
      { r2: 0.1, ceiling: 0.5 },
      { r2: 0.3, ceiling: null },
    ]);
    expect(track.r2).toBeCloseTo(0.2, 12);
    expect(track.percentOfCeiling).toBeNull();
    expect(() => trackScore([])).toThrow(ShapeError);
  });
});

describe('the benchmarks', () => {
  it('have a published ceiling for every variable of every track, and none for other names', () => {
    for (const benchmark of Object.values(BENCHMARKS)) {
      for (const variable of Object.values(TRACKS).flat()) {
        expect(publishedCeiling(benchmark, variable)).toBeGreaterThan(0);
      }
      expect(publishedCeiling(benchmark, 'rdm')).toBeNull();
      expect(publishedCeiling(benchmark, 'toString')).toBeNull();
    }
  });
});
