import { beforeAll, describe, expect, it } from 'vitest';
import { runStudy } from '../../src/study/run.ts';
import { readReport } from '../../src/study/runs/read-report.ts';
import type { ReportData } from '../../src/study/runs/report-data.ts';
import { writeRun } from '../../src/study/runs/run-folder.ts';
import { compareRuns } from '../../src/study/scoring/compare-runs.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 12;
let studies: TestStudies;
let runs: ReportData[];

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4) });
  runs = [await run('first/fit', 2), await run('second/fit', 3)];
});

async function run(folder: string, epochs: number): Promise<ReportData> {
  const study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs, holdout: { by: 'image', fraction: 0.5 } },
  });
  await writeRun(studies.path(folder), await runStudy(study, studies.environment), studies.environment);
  return readReport(studies.path(folder), studies.environment);
}

/** A run that differs in its only scored set. */
const withSet = (report: ReportData, change: Partial<ReportData['scored'][number]>): ReportData => ({
  ...report,
  scored: report.scored.map((set) => ({ ...set, ...change })),
});

describe('comparing runs', () => {
  it('reads the RDMs of held-out images again, and tests the difference of the fits on them', async () => {
    const { shared, missing, names } = await compareRuns(runs, studies.environment);
    expect(names).toEqual(['first/fit', 'second/fit']);
    expect(missing).toEqual([]);
    const [{ set, runs: places, untested }] = shared;
    expect({ untested, places, role: set.role }).toEqual({ untested: null, places: [0, 1], role: 'held-out' });
    expect(set.conditions).toHaveLength(N / 2);
    const { models, comparisons } = set.sheet;
    expect(models.map(({ name }) => name)).toEqual(names);
    // The numbers are those that each fit was scored with.
    for (const [k, { rho, rhoBySubject }] of models.entries()) {
      const [own] = runs[k].scored[0].sheet.models;
      expect(rho).toBeCloseTo(own.rho, 12);
      expect(rhoBySubject).toEqual(own.rhoBySubject);
    }
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0].difference.value).toBeCloseTo(models[0].rho - models[1].rho, 12);
    expect(
      set.sheet.warnings.map(({ text }) => text).filter((text) => /^(first|second)\/fit: /.test(text)),
    ).toHaveLength(2);
  });

  it.each<[string, Partial<ReportData['scored'][number]>]>([
    ['name', { name: 'other' }],
    ['RDMs', { digests: { images: '', rdms: 'others' } }],
    ['images', { conditions: Array.from({ length: N / 2 }, (_, k) => `${k}.png`) }],
  ])('holds no sets against each other that differ in their %s, and says so', async (_, change) => {
    const { shared, missing } = await compareRuns([runs[0], withSet(runs[1], change)], studies.environment);
    expect(shared).toEqual([]);
    expect(missing).toHaveLength(2);
    expect(missing[0]).toMatch(
      /^EVC of first\/fit is not compared: no other run has the same images, RDMs and comparator/,
    );
  });

  it('tells runs of one folder apart', async () => {
    const { names } = await compareRuns([runs[0], runs[0]], studies.environment);
    expect(new Set(names).size).toBe(2);
  });
});
