import { describe, expect, it } from 'vitest';
import { float64Array } from '../../src/formats/array.ts';
import { makeRdm } from '../../src/rdm/rdm.ts';
import { saveRdms } from '../../src/study/rdms/save-rdms.ts';
import type { ChallengeSet } from '../../src/study/reproduce/challenge-data.ts';
import { type TestScore, testScores, trackPercentages } from '../../src/study/reproduce/reproduce-scores.ts';
import { subjectRdms, testStudies } from './environment.ts';

const studies = await testStudies();
const { environment, path } = studies;
const N = 78;
/** Published for the challenge's 78 images: EVC, IT, MEG early, MEG late. */
const CEILINGS = { EVC_RDMs: 0.064, IT_RDMs: 0.0647, MEG_RDMs_early: 0.3562, MEG_RDMs_late: 0.4452 };

/** Subjects x 2 times x n x n. */
function timed(n: number, nSubjects: number) {
  const [first, second] = [0, 40].map((seed) => subjectRdms(n, nSubjects, seed).data as Float64Array);
  const subjects = Array.from({ length: nSubjects }, (_, subject) =>
    [first, second].map((rdms) => [...rdms.subarray(subject * n * n, (subject + 1) * n * n)]),
  );
  return float64Array([nSubjects, 2, n, n], subjects.flat(2));
}

async function testSet(n: number, nSubjects: number): Promise<ChallengeSet> {
  const name = (kind: string) => `${kind} ${n} ${nSubjects}.mat`;
  const averaged = subjectRdms(n, nSubjects, 20);
  const fmri = await studies.writeArrays(name('fmri'), { EVC_RDMs: subjectRdms(n, nSubjects), IT_RDMs: averaged });
  const meg = await studies.writeArrays(name('meg'), { MEG_RDMs_early: timed(n, nSubjects), MEG_RDMs_late: averaged });
  const of = (rdms: string, variable: string, nTimes = 1) => ({ rdms, variable, nTimes });
  return {
    ...{ nImages: n, images: 'none' },
    targets: {
      EVC_RDMs: of(fmri, 'EVC_RDMs'),
      IT_RDMs: of(fmri, 'IT_RDMs'),
      MEG_RDMs_early: of(meg, 'MEG_RDMs_early', 2),
      MEG_RDMs_late: of(meg, 'MEG_RDMs_late'),
    },
  };
}

async function scored(n: number, nSubjects: number) {
  const nPairs = (n * (n - 1)) / 2;
  const rdm = makeRdm(
    Float64Array.from({ length: nPairs }, (_, pair) => Math.sin(pair) + 2),
    null,
  );
  const files = [path(`submit_fmri ${n}.mat`), path(`submit_meg ${n}.mat`)];
  await saveRdms(files[0], { EVC_RDMs: rdm, IT_RDMs: rdm }, environment);
  await saveRdms(files[1], { MEG_RDMs_early: rdm, MEG_RDMs_late: rdm }, environment);
  return testScores(await testSet(n, nSubjects), files, environment);
}

describe('scores on the test images', async () => {
  const scores = await scored(N, 15);

  it.each(['EVC_RDMs', 'IT_RDMs', 'MEG_RDMs_early'] as const)(
    '%s is held against the published ceiling',
    (variable) => {
      const { r2, ceiling, percentOfCeiling, published } = scores.get(variable)!;
      expect({ ceiling, published }).toEqual({ ceiling: CEILINGS[variable], published: true });
      expect(percentOfCeiling).toBeCloseTo((100 * r2) / CEILINGS[variable], 10);
    },
  );

  it("MEG RDMs that are means over time are held against their own, since the published is of times' RDMs", () => {
    const { r2, ceiling, percentOfCeiling, published } = scores.get('MEG_RDMs_late')!;
    expect(published).toBe(false);
    expect(ceiling).not.toBeNull();
    expect(ceiling).not.toBe(CEILINGS.MEG_RDMs_late);
    expect(percentOfCeiling).toBeCloseTo((100 * r2) / ceiling!, 10);
  });

  it('a track is of published ceilings or of own ones, never of one of each', () => {
    const r2 = ['EVC_RDMs', 'IT_RDMs'].map((variable) => scores.get(variable as 'EVC_RDMs')!.r2);
    const { fmri, meg } = trackPercentages(scores);
    expect(fmri).toBeCloseTo((100 * (r2[0] + r2[1])) / (0.064 + 0.0647), 10);
    expect(meg).toBeNull();
    const score: TestScore = { rho: 0.1, r2: 0.01, ceiling: 0.04, percentOfCeiling: 25, published: false };
    const own = new Map([
      ['MEG_RDMs_early', score],
      ['MEG_RDMs_late', { ...score, r2: 0.03 }],
    ] as const);
    expect(trackPercentages(own).meg).toBeCloseTo(50, 10);
  });

  it.each([
    [N, 14],
    [20, 15],
  ])('of %i images and %i subjects have no published ceiling', async (n, nSubjects) => {
    for (const { published } of (await scored(n, nSubjects)).values()) expect(published).toBe(false);
  });

  it('of one subject have no ceiling at all', async () => {
    for (const { ceiling, percentOfCeiling } of (await scored(N, 1)).values()) {
      expect([ceiling, percentOfCeiling]).toEqual([null, null]);
    }
  });
});
