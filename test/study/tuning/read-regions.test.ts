import { beforeAll, describe, expect, it } from 'vitest';
import type { ReportData } from '../../../src/study/runs/report-data.ts';
import { checkRegionsOf, readRegions } from '../../../src/study/tuning/read-regions.ts';
import { type TestStudies, testStudies } from '../environment.ts';

let studies: TestStudies;
beforeAll(async () => {
  studies = await testStudies();
});

const stage = (name: string, swapped = [0.1, -0.1]) => ({
  ...{ stage: name, shareA: 0.4, shareB: 0.6, difference: -0.2, swapped, p: 0.33, pFdr: 0.33 },
});
const regions = {
  ...{ format: 'hypercolumn-regions-1', hypercolumn: '0.1.0', network: 'small' },
  a: { run: 'runs/evc', sets: ['EVC'], permuted: null },
  b: { run: 'runs/it', sets: ['IT', 'IT 118'], permuted: [0.5, 0.5] },
  ...{ nSubjects: [4], nSwaps: 2, nPossibleSwaps: 7, stages: [stage('fine'), stage('coarse')], grouped: null },
  overall: { distance: 0.2, swapped: [0.1, 0.3], p: 0.667 },
};
const read = async (change: object) => {
  const path = await studies.writeText('regions.json', JSON.stringify({ ...regions, ...change }));
  return readRegions(path, studies.environment);
};

describe('the file of a test between regions', () => {
  it('is read as it was written', async () => {
    expect(await read({})).toEqual(regions);
  });

  it.each<[string, object, RegExp]>([
    [
      'fewer values than swaps',
      { nSwaps: 3 },
      /regions\.json: expected a value after each swap; run hypercolumn regions/,
    ],
    ['a p that is none', { overall: { ...regions.overall, p: 3 } }, /regions\.json, overall\.p: /],
    [
      'permuted shares of other stages',
      { b: { ...regions.b, permuted: [1] } },
      /regions\.json: expected a permuted share of each stage; run hypercolumn regions/,
    ],
  ])('is refused where it has %s', async (_, change, message) => {
    await expect(read(change)).rejects.toThrow(message);
  });
});

describe('a test between regions is shown', () => {
  const run = (folder: string, ...names: string[]) =>
    ({
      run: folder,
      study: studies.study({ data: names.map((name) => ({ images: 'images', rdms: 'rdms.npz', name })) }),
    }) as unknown as ReportData;
  const check = async (...runs: ReportData[]) => checkRegionsOf(await read({}), runs, 'regions.json');

  it('with the runs that it is of, wherever these are now', async () => {
    await expect(check(run('runs/it/', 'other'), run('runs/evc', 'another'))).resolves.toBeUndefined();
    await expect(
      check(run('/moved/a', 'EVC'), run('/moved/b', 'IT 118', 'IT'), run('c', 'X')),
    ).resolves.toBeUndefined();
  });

  it('with no others', async () => {
    const message =
      'regions.json: expected a test between two of the runs that are compared, got one between runs/evc (EVC) and runs/it (IT, IT 118); name these';
    await expect(check(run('runs/evc', 'EVC'), run('runs/meg', 'EVC'))).rejects.toThrow(message);
    await expect(check(run('runs/evc', 'EVC'), run('runs/v4', 'V4'))).rejects.toThrow(message);
  });
});
