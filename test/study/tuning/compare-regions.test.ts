import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { float64Array } from '../../../src/formats/array.ts';
import { runStudy } from '../../../src/study/run.ts';
import { writeRun } from '../../../src/study/runs/run-folder.ts';
import { compareRegions } from '../../../src/study/tuning/compare-regions.ts';
import type { RunTuning } from '../../../src/study/tuning.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../environment.ts';
import { textsOf } from '../memory-files.ts';

const N = 8;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.drawImages('other', N - 1, 3);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('other-features.npz', featureArrays(names, 9));
  await studies.writeArrays('rdms.npz', {
    ...{ EVC: subjectRdms(N, 4), IT: subjectRdms(N, 4, 30), fewer: subjectRdms(N, 3, 30) },
    ...{ early: times(2, 50), late: times(3, 70) },
  });
  await studies.writeArrays('turned.npz', {
    names: textsOf([...names].reverse()),
    IT: subjectRdms(N, 4, 30),
  });
});

/** RDMs of several time points of four subjects. */
function times(nTimes: number, seed: number) {
  const bySubject = Array.from({ length: 4 }, (_, subject) => [...subjectRdms(N, nTimes, seed + 10 * subject).data]);
  return float64Array([4, nTimes, N, N], bySubject.flat().map(Number));
}

const dataOf = (variable: string) => ({ images: 'images', rdms: 'rdms.npz', variable });

/** Fits a study of these data sets and gives its folder. */
async function runOf(name: string, data: readonly object[], settings: object = {}, nPermutations = 0): Promise<string> {
  const study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    ...settings,
    data,
    training: { epochs: 3, ...(settings as { training?: object }).training },
  });
  const folder = studies.path(name);
  await writeRun(folder, await runStudy(study, studies.environment, { nPermutations }), studies.environment);
  return folder;
}

const compare = (a: string, b: string, nSwaps = 3) => compareRegions([a, b], studies.environment, { nSwaps });

describe('two runs as regions', () => {
  it("are told apart by shares of the runs' own encoders, named with their data sets", async () => {
    const [a, b] = [await runOf('evc', [dataOf('EVC')]), await runOf('it', [dataOf('IT')])];
    const own = await Promise.all(
      ['EVC', 'IT'].map(async (variable) => {
        const study = studies.study({
          backbone: { architecture: 'features:features.npz' },
          data: [dataOf(variable)],
          training: { epochs: 3 },
        });
        return (await runStudy(study, studies.environment)).tuning.stages.map(({ share }) => share);
      }),
    );
    const said = studies.notices.length;
    const result = await compare(a, b);
    expect(result.stages.map(({ stage }) => stage)).toEqual(['fine', 'middle', 'coarse']);
    expect(result.stages.map(({ shareA }) => shareA)).toEqual(own[0]);
    expect(result.stages.map(({ shareB }) => shareB)).toEqual(own[1]);
    expect(result).toMatchObject({
      ...{ format: 'hypercolumn-regions-1', nSwaps: 3, nPossibleSwaps: 7, grouped: null, nSubjects: [4] },
      a: { run: a, sets: ['EVC'], permuted: null },
      b: { run: b, sets: ['IT'], permuted: null },
    });
    expect(studies.notices.slice(said).filter((notice) => !/holds no names/.test(notice))).toEqual([]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('bring the mean shares of their own permuted fits, where they have such', async () => {
    const [a, b] = [await runOf('permuted', [dataOf('EVC')], {}, 3), await runOf('it', [dataOf('IT')])];
    const result = await compare(a, b, 1);
    const { stages } = JSON.parse(await readFile(join(a, 'tuning.json'), 'utf8')) as RunTuning;
    expect(result.a.permuted).toEqual(stages.map(({ permuted }) => permuted!.mean));
    expect(result.b.permuted).toBeNull();
    await rm(join(b, 'tuning.json'));
    expect((await compare(a, b, 1)).b.permuted).toBeNull();
  });

  it('meet data set by data set by their images, whatever the order, and average time points', async () => {
    const other = { images: 'other', rdms: 'other.npz', variable: 'IT' };
    await studies.writeArrays('other.npz', { IT: subjectRdms(N - 1, 4, 5), EVC: subjectRdms(N - 1, 4, 6) });
    const gabor = { backbone: { architecture: 'gabor', preprocess: 'squash' } };
    const a = await runOf('both', [{ ...other, variable: 'EVC' }, dataOf('early'), dataOf('EVC')], gabor);
    const b = await runOf('turned', [dataOf('late'), dataOf('IT'), other], gabor);
    const result = await compare(a, b, 1);
    expect(result.a.sets).toEqual(['EVC', 'early', 'EVC (2)']);
    expect(result.b.sets).toEqual(['IT (2)', 'late', 'IT']);
    expect(result.nSubjects).toEqual([4, 4, 4]);
  });

  it('of other numbers of seeds are compared by the first, as their tuning is', async () => {
    const seeds = { training: { seeds: 2 } };
    const several = await compare(await runOf('a', [dataOf('EVC')], seeds), await runOf('b', [dataOf('IT')]), 1);
    const single = await compare(await runOf('a', [dataOf('EVC')]), await runOf('b', [dataOf('IT')]), 1);
    expect(several).toEqual(single);
  });

  it('whose data changed since are fitted as they are now, which is said', async () => {
    await studies.writeArrays('moving.npz', { EVC: subjectRdms(N, 4) });
    const moving = { images: 'images', rdms: 'moving.npz', variable: 'EVC' };
    const [a, b] = [
      await runOf('moving', [moving], { training: { epochs: 40 } }),
      await runOf('still', [dataOf('IT')], { training: { epochs: 40 } }),
    ];
    await studies.writeArrays('moving.npz', { EVC: subjectRdms(N, 4, 90) });
    await compare(a, b);
    expect(studies.notices.at(-1)).toMatch(
      /moving: fitted again its share of \w+ is 0\.\d{3}, in its folder 0\.\d{3}: its data or this package changed since; the test is of the fits made now$/,
    );
  });
});

describe('two runs that cannot be compared are refused with the way out:', () => {
  it.each<[string, () => Promise<[string, string]>, RegExp]>([
    [
      'other settings',
      async () => [await runOf('a', [dataOf('EVC')]), await runOf('b', [dataOf('IT')], { training: { epochs: 4 } })],
      /b: expected a run with training\.epochs 3 as \S*a has, got 4; fit both with the same settings$/,
    ],
    [
      'another network',
      async () => [
        await runOf('a', [dataOf('EVC')]),
        await runOf('b', [dataOf('IT')], { backbone: { architecture: 'features:other-features.npz' } }),
      ],
      /b: expected a run on the same network with the same weights as \S*a, got one on other features; fit both on one network$/,
    ],
    [
      'other numbers of data sets',
      async () => [await runOf('a', [dataOf('EVC'), dataOf('IT')]), await runOf('b', [dataOf('IT')])],
      /b: expected as many data sets as \S*a has, 2, got 1; fit both on the same images$/,
    ],
    [
      'images in another order',
      async () => [
        await runOf('a', [dataOf('EVC')]),
        await runOf('b', [{ images: 'images', rdms: 'turned.npz', variable: 'IT' }]),
      ],
      /b: expected a data set of the images of EVC in \S*a, in the same order, got none; fit both on the same images$/,
    ],
    [
      'other numbers of subjects',
      async () => [await runOf('a', [dataOf('EVC')]), await runOf('b', [dataOf('fewer')])],
      /b: expected RDMs of the 4 subjects of EVC in \S*a, got 3; regions are exchanged within subjects, so both take the same ones in the same order$/,
    ],
    [
      'time points that are drawn from and are not as many',
      async () => {
        const time = { training: { time: { centre: 0.5, width: 0.25 } } };
        return [await runOf('a', [dataOf('early')], time), await runOf('b', [dataOf('late')], time)];
      },
      /b: expected RDMs of 2 time points as early in \S*a has, got 3, and training\.time draws from them; fit both with time: mean$/,
    ],
    [
      'a folder that is no run',
      async () => [await runOf('a', [dataOf('EVC')]), studies.path('images')],
      /images: expected the folder of a run with study\.json; make one with hypercolumn fit$/,
    ],
  ])('%s', async (_, runs, message) => {
    await expect(compare(...(await runs()))).rejects.toThrow(message);
  });

  it('fits that ask the network anew', async () => {
    const crops = {
      backbone: { architecture: 'gabor', preprocess: 'squash' },
      training: { epochs: 1, crop: 'random' },
    };
    const [a, b] = [await runOf('a', [dataOf('EVC')], crops), await runOf('b', [dataOf('IT')], crops)];
    await expect(compare(a, b)).rejects.toThrow(
      /a: expected a run that was fitted from pair statistics \(.*\), got one whose every fit asks the network anew; fit both regions with the mask alone$/,
    );
  });
});
