import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runStudy } from '../../src/study/run.ts';
import { readReport } from '../../src/study/runs/read-report.ts';
import { RUN_FILES, readRun, writeRun } from '../../src/study/runs/run-folder.ts';
import type { RunTuning } from '../../src/study/tuning.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 8;
let studies: TestStudies;
let folder: string;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  const study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs: 2 },
  });
  folder = studies.path('run');
  const run = await runStudy(study, studies.environment, { nPermutations: 2 });
  await writeRun(folder, run, studies.environment, { command: 'hypercolumn fit' });
});

describe('a run whose tuning.json was edited by hand', () => {
  let copy: string;
  beforeEach(() => {
    copy = studies.path('copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true });
  });
  const path = (file: string) => join(copy, file);
  const edit = (change: (tuning: { -readonly [Key in keyof RunTuning]: unknown }) => void) => {
    const tuning = JSON.parse(readFileSync(path(RUN_FILES.tuning), 'utf8'));
    change(tuning);
    writeFileSync(path(RUN_FILES.tuning), JSON.stringify(tuning));
  };
  const first = (tuning: { stages: unknown }) => (tuning.stages as Record<string, unknown>[])[0];

  it('shows it where nothing is wrong', async () => {
    const { tuning, missing, command } = await readReport(copy, studies.environment);
    expect(tuning?.stages).toHaveLength(3);
    expect([missing, command]).toEqual([[], 'hypercolumn fit']);
  });

  it.each<[string, () => void, string]>([
    ['a stage is gone', () => edit((tuning) => (tuning.stages as unknown[]).splice(1, 1)), 'expected the 3 stages'],
    [
      'a stage has fewer permuted fits',
      () => edit((tuning) => (first(tuning)['permutedShares'] as number[]).pop()),
      'expected every stage beside the same permuted fits',
    ],
    [
      'two stages have one name',
      () => edit((tuning) => Object.assign(first(tuning), { stage: (tuning.stages as { stage: string }[])[1].stage })),
      'expected stages of different names',
    ],
    ['a share is none', () => edit((tuning) => Object.assign(first(tuning), { share: 1e308 })), 'stages.0.share: '],
    ['a p is none', () => edit((tuning) => Object.assign(first(tuning), { p: 2 })), 'stages.0.p: '],
    ['a key is gone', () => edit((tuning) => delete first(tuning)['z']), 'stages.0.z: expected number, got nothing'],
    [
      'a further fit has fewer stages',
      () =>
        edit((tuning) =>
          Object.assign(tuning, { stability: { seeds: [{ name: 'seed 1', shares: [1] }], splits: [] } }),
        ),
      'expected a share of each stage in every further fit',
    ],
    [
      'stages are grouped that are no blocks',
      () => edit((tuning) => Object.assign(tuning, { grouped: tuning.stages })),
      'expected the stages that its blocks make up as grouped',
    ],
  ])('leaves it out and says so where %s', async (_, damage, message) => {
    damage();
    const { tuning, missing, scored } = await readReport(copy, studies.environment);
    expect(tuning).toBeNull();
    expect(missing).toEqual([expect.stringMatching(/^stage tuning: .*tuning\.json.*; run hypercolumn fit again$/)]);
    expect(missing[0]).toContain(message);
    expect(scored).toHaveLength(1);
  });

  it('quotes what is no JSON on one line', async () => {
    writeFileSync(path(RUN_FILES.tuning), 'nonsense {\n');
    const { missing } = await readReport(copy, studies.environment);
    expect(missing).toEqual([expect.stringMatching(/^stage tuning: .*tuning\.json: expected JSON; .*$/)]);
    writeFileSync(path(RUN_FILES.study), 'nonsense {\n');
    const message = /^.*study\.json: expected JSON; run hypercolumn fit again \(.*\)$/;
    await expect(readReport(copy, studies.environment)).rejects.toThrow(message);
    await expect(readRun(copy, studies.environment)).rejects.toThrow(message);
  });

  it('shows all else where the command line cannot be read', async () => {
    rmSync(path(RUN_FILES.command));
    mkdirSync(path(RUN_FILES.command));
    const { command, missing, tuning } = await readReport(copy, studies.environment);
    expect([command, tuning === null]).toEqual([null, false]);
    expect(missing).toEqual([
      expect.stringMatching(/^the command line: .*command\.txt: expected a file, got a folder/),
    ]);
  });
});
