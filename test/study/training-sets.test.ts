import { rmSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { condensedIndex } from '../../src/core/condensed.ts';
import { digestText } from '../../src/core/digest.ts';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { setNames } from '../../src/study/study-images.ts';
import { trainingSets } from '../../src/study/training-sets.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';
import { textsOf } from './memory-files.ts';

const N = 8;
const BACKBONE = { architecture: 'features:features.npz' };
let studies: TestStudies;
let names: string[];

beforeAll(async () => {
  studies = await testStudies();
  names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('unnamed.npz', { EVC: subjectRdms(N, 3), IT: subjectRdms(N, 2, 9) });
  await studies.writeArrays('named.npz', { rdm: subjectRdms(N, 3), names: textsOf([...names].reverse()) });
});
beforeEach(() => {
  studies.notices.length = 0;
});

const entry = (rest: object) => ({ images: 'images', ...rest });

async function setsOf(data: readonly object[], environment = studies.environment) {
  const origin = await openFeatureOrigin(studies.study({ backbone: BACKBONE, data }).backbone, environment);
  try {
    return await trainingSets(studies.study({ backbone: BACKBONE, data }), origin, environment);
  } finally {
    await origin.release();
  }
}

describe('trainingSets', () => {
  it('computes the statistics of images that two entries show once, and both entries share them', async () => {
    let nStreams = 0;
    const { environment } = studies;
    const counting = {
      ...environment,
      cache: undefined,
      onProgress: ({ phase, done }: { phase: string; done: number }) => {
        if (phase === 'pair statistics' && done === 0) nStreams++;
      },
    };
    const [evc, it] = await setsOf(
      [entry({ rdms: 'unnamed.npz', variable: 'EVC' }), entry({ rdms: 'unnamed.npz', variable: 'IT' })],
      counting,
    );
    expect(nStreams).toBe(1);
    expect(it.statistics).toBe(evc.statistics);
    expect([evc, it].map(({ name }) => name)).toEqual(['EVC', 'IT']);
    expect([evc, it].map(({ targets }) => targets.nSubjects)).toEqual([3, 2]);
  });

  it('calls a set of images by those that are shown, in whatever order, and not by what else lies in their folder', async () => {
    const shown = names.slice(1);
    await studies.writeText('shown.csv', shown.join('\n'));
    await studies.writeText('reversed.csv', [...shown].reverse().join('\n'));
    await studies.writeArrays('seven.npz', { EVC: subjectRdms(N - 1, 3) });
    await studies.drawImages('fewer', N);
    rmSync(studies.path(`fewer/${names[0]}`));
    const shows = (images: string, order: string) =>
      setsOf([{ images, order, rdms: 'seven.npz', variable: 'EVC' }]).then(([{ imageSet }]) => imageSet);
    const imageSet = await shows('images', 'shown.csv');
    expect(await shows('images', 'reversed.csv')).toBe(imageSet);
    expect(await shows('fewer', 'shown.csv')).toBe(imageSet);
    const [{ imageSet: ofAll }] = await setsOf([entry({ rdms: 'unnamed.npz', variable: 'EVC' })]);
    expect(ofAll).not.toBe(imageSet);
    expect(ofAll).toBe(await digestText(JSON.stringify(names)));
  });

  it('takes the images in name order where neither file nor study says another, and says so once an entry', async () => {
    const [{ statistics, targets }] = await setsOf([entry({ rdms: 'unnamed.npz', variable: 'EVC' })]);
    expect(statistics.conditions).toEqual(names);
    expect(targets.conditions).toEqual(names);
    expect(studies.notices).toEqual([
      expect.stringMatching(
        /unnamed\.npz, EVC holds no names: row i is taken for the i-th image of .*images in name order \(face_01\.png \.\.\. plant_01\.png\)/,
      ),
    ]);
  });

  it('takes the rows in the order of the names that the RDM file holds, without a word', async () => {
    const [{ statistics, targets }] = await setsOf([entry({ rdms: 'named.npz', variable: 'rdm' })]);
    expect(statistics.conditions).toEqual([...names].reverse());
    expect(targets.conditions).toEqual([...names].reverse());
    expect(studies.notices).toEqual([]);
  });

  it('puts an order file before the names of the RDM file, names with or without endings', async () => {
    const order = [names[3], names[1], ...names.filter((_, k) => k !== 3 && k !== 1)];
    await studies.writeText('order.csv', `name\n${order.map((name) => name.replace('.png', '')).join('\n')}\n`);
    const [{ statistics }] = await setsOf([entry({ rdms: 'named.npz', variable: 'rdm', order: 'order.csv' })]);
    expect(statistics.conditions).toEqual(order);
    expect(studies.notices).toEqual([]);
  });

  it('matches rows and images pair by pair: reordered rows meet the statistics of the same two images', async () => {
    const [inOrder, reversed] = await setsOf([
      entry({ rdms: 'unnamed.npz', variable: 'EVC' }),
      entry({ rdms: 'named.npz', variable: 'rdm' }),
    ]);
    const { sums } = inOrder.statistics;
    const nChannels = sums.length / N;
    expect([...reversed.statistics.sums.subarray(0, nChannels)]).toEqual([...sums.subarray((N - 1) * nChannels)]);
    const last = condensedIndex(N - 2, N - 1, N) * nChannels;
    expect([...reversed.statistics.products.subarray(0, nChannels)]).toEqual([
      ...inOrder.statistics.products.subarray(last, last + nChannels),
    ]);
  });

  it('takes a part of the folder where an order file lists fewer images', async () => {
    await studies.writeArrays('five.npz', { rdm: subjectRdms(5, 2) });
    await studies.writeText('five.csv', names.slice(2, 7).reverse().join('\n'));
    const [{ statistics, targets }] = await setsOf([entry({ rdms: 'five.npz', order: 'five.csv' })]);
    expect(statistics.conditions).toEqual(names.slice(2, 7).reverse());
    expect(targets.nConditions).toBe(5);
  });

  it('calls what shows images of one folder one image set, whatever the order, so that all leave out the same ones', async () => {
    const [inOrder, reversed] = await setsOf([
      entry({ rdms: 'unnamed.npz', variable: 'EVC' }),
      entry({ rdms: 'named.npz', variable: 'rdm' }),
    ]);
    expect(reversed.imageSet).toBe(inOrder.imageSet);
    expect(reversed.statistics).not.toBe(inOrder.statistics);
  });

  it('calls an image set the same wherever its folder lies, and folders of the same names apart', async () => {
    await studies.drawImages('elsewhere/images', N);
    await studies.drawImages('others', N, 1);
    const [{ imageSet }] = await setsOf([entry({ rdms: 'unnamed.npz', variable: 'EVC' })]);
    const [moved, other] = await setsOf(
      ['elsewhere/images', 'others'].map((images) => ({ images, rdms: 'unnamed.npz', variable: 'EVC' })),
    );
    expect(moved.imageSet).toBe(imageSet);
    expect(other.imageSet).not.toBe(imageSet);
  });

  it.each([
    [
      'RDMs of another number than the folder holds',
      { rdms: 'five.npz' },
      ShapeError,
      /five\.npz: its RDMs are of 5 conditions, but .*images holds 8 images; give the image of each row with order: names\.csv$/,
    ],
    [
      'RDMs of more than the folder holds, and does not ask for an order of images that are not there',
      { rdms: 'ten.npz' },
      ShapeError,
      /ten\.npz: its RDMs are of 10 conditions, but .*images holds 8 images; 2 are missing there: add them or name another folder$/,
    ],
    [
      'an order file of another length than the RDMs',
      { rdms: 'unnamed.npz', variable: 'EVC', order: 'five.csv' },
      ShapeError,
      /five\.csv: expected a name for each of the 8 rows of .*unnamed\.npz, EVC, got 5$/,
    ],
    [
      'a name that no image has',
      { rdms: 'misnamed.npz' },
      UsageError,
      /misnamed\.npz, row 3: no image is called huose_01\.png; the closest is house_01\.png$/,
    ],
    [
      'an order file that is not there',
      { rdms: 'unnamed.npz', variable: 'EVC', order: 'none.csv' },
      UsageError,
      /none\.csv: there is no such file/,
    ],
    ['RDMs that are not there', { rdms: 'none.npz' }, UsageError, /none\.npz: there is no such file/],
    ['a file of several RDMs without a variable', { rdms: 'unnamed.npz' }, UsageError, /EVC, IT; name one of them$/],
    [
      'a NaN, with subject, row and column',
      { rdms: 'nan.npz' },
      FormatError,
      /nan\.npz, rdm, subject 2 of 2, row 3.*, column 5.*: expected a finite dissimilarity, got NaN/,
    ],
    [
      'two images, whose one pair cannot be correlated',
      { rdms: 'two.npz' },
      UsageError,
      /two\.npz, its RDMs: expected at least 3 conditions, got 2; a single pair cannot be correlated$/,
    ],
    [
      'a subject whose dissimilarities are all the same',
      { rdms: 'flat.npz' },
      FormatError,
      /flat\.npz, its RDMs, subject 1 of 2: all dissimilarities are 1, so nothing can be correlated with them/,
    ],
    [
      'a folder that is not there',
      { images: 'none', rdms: 'named.npz', variable: 'rdm' },
      UsageError,
      /none: expected a folder of images, there is none$/,
    ],
  ])('refuses %s', async (_, rest, kind, message) => {
    await studies.writeArrays('five.npz', { rdm: subjectRdms(5, 2) });
    await studies.writeArrays('ten.npz', { rdm: subjectRdms(10, 2) });
    await studies.writeText('five.csv', names.slice(2, 7).join('\n'));
    const misnamed = names.map((name, k) => (k === 2 ? 'huose_01.png' : name));
    await studies.writeArrays('misnamed.npz', { rdm: subjectRdms(N, 2), names: textsOf(misnamed) });
    const rdms = subjectRdms(N, 2);
    const at = (i: number, j: number) => N * N + i * N + j;
    rdms.data[at(2, 4)] = rdms.data[at(4, 2)] = Number.NaN;
    await studies.writeArrays('nan.npz', { rdm: rdms });
    await studies.writeArrays('two.npz', { rdm: subjectRdms(2, 3) });
    const flat = subjectRdms(N, 2);
    for (let k = 0; k < N * N; k++) flat.data[k] = k % (N + 1) === 0 ? 0 : 1;
    await studies.writeArrays('flat.npz', { rdm: flat });
    const failing = setsOf([entry(rest)]);
    await expect(failing).rejects.toThrow(kind);
    await expect(failing).rejects.toThrow(message);
  });

  it('reads and matches every file before the network runs', async () => {
    let extracted = false;
    const watching = {
      ...studies.environment,
      cache: undefined,
      onProgress: () => {
        extracted = true;
      },
    };
    const data = [entry({ rdms: 'unnamed.npz', variable: 'EVC' }), entry({ rdms: 'none.npz' })];
    await expect(setsOf(data, watching)).rejects.toThrow('none.npz');
    expect(extracted).toBe(false);
  });
});

describe('data sets are called', () => {
  const called = (...entries: { name?: string; variable?: string; rdms: string }[]) =>
    setNames(entries.map((each) => ({ images: 'images', ...each })));

  it('by name, else variable, else file', () => {
    expect(
      called(
        { rdms: 'a/b.mat', variable: 'EVC', name: 'mine' },
        { rdms: 'a/b.mat', variable: 'EVC' },
        { rdms: 'a/b.mat' },
      ),
    ).toEqual(['mine', 'EVC', 'b']);
  });

  it('by numbered names where two would be called alike, never by one that another has', () => {
    expect(called({ rdms: 'a/rdm.mat' }, { rdms: 'b/rdm.mat' })).toEqual(['rdm', 'rdm (2)']);
    expect(called({ rdms: '', name: 'a (2)' }, { rdms: '', name: 'a' }, { rdms: '', name: 'a' })).toEqual([
      'a (2)',
      'a',
      'a (3)',
    ]);
  });
});
