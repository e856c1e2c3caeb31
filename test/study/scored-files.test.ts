import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FormatError, HypercolumnError } from '../../src/core/errors.ts';
import { makeThumbnails } from '../../src/images/thumbnails.ts';
import type { ScoreSheet } from '../../src/inference/score-sheet.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';
import { readScored, SCORED_FILES, writeScored } from '../../src/study/runs/scored-files.ts';
import type { Scoring } from '../../src/study/scoring/score-fits.ts';
import { testStudies } from './environment.ts';

const studies = await testStudies();
const stimuli = drawStimuli({ nImages: 5, size: 16 });
const thumbnails = await makeThumbnails(stimuli);
const names = stimuli.map(({ name }) => name);
const values = (from: number, length = 10) => Float64Array.from({ length }, (_, k) => from + k / 7);
const ceiling = { lower: { rho: 0.2, r2: 0.05 }, upper: { rho: 0.4, r2: 0.2 } };

const sheet: ScoreSheet = {
  ...{
    comparator: 'spearman',
    averaging: 'raw',
    over: 'both',
    nConditions: 5,
    nSubjects: 3,
    nTimes: 1,
    nSamples: 20,
    nPermutations: 9,
  },
  models: [
    {
      ...{ name: 'fit', rho: 0.25, rhoBySubject: [0.1, 0.4, 0.25] },
      official: {
        ...{ r2: 0.07, percentOfCeiling: 35 },
        floor: { r2: { mean: 0.01, percentile95: 0.02 }, percent: { mean: 5, percentile95: 10 } },
      },
      estimate: { value: 0.25, standardError: 0.1, interval: [0.05, 0.45] },
      aboveZero: { p: 0.01, pFdr: 0.01, pBonferroni: 0.02, t: 2.5, degrees: 4 },
      permutation: { p: 0.1, pFdr: 0.1, pBonferroni: 0.2, mean: 0, percentile95: 0.2 },
      againstLowerCeiling: null,
    },
  ],
  comparisons: [],
  ceilings: { raw: ceiling, normalised: ceiling },
  lowerCeiling: null,
  ceilingInUse: null,
  sharedSignal: null,
  warnings: [{ code: 'learnt', text: 'these images were learnt from' }],
};

const scoring: Scoring = {
  scored: [
    {
      ...{ name: 'EVC', role: 'test', conditions: names, labels: ['a', 'a', 'b', 'b', 'b'], nSubjects: 3, nTimes: 1 },
      source: { rdms: 'rdms.npz', variable: 'EVC' },
      digests: { images: 'i', rdms: 'r' },
      predicted: values(0),
      stageParts: values(1, 20),
      measured: { mean: values(2), sd: values(3) },
      rivals: [{ name: 'pixels', kind: 'image', about: 'of the pixels', values: values(4) }],
      ...{ thumbnails, sheet },
    },
    {
      ...{ name: 'IT', role: 'learnt', conditions: names, labels: null, nSubjects: 1, nTimes: 20 },
      source: { rdms: 'rdms.npy' },
      digests: { images: 'i', rdms: 'q' },
      ...{ predicted: values(5), stageParts: null, measured: { mean: values(6), sd: null }, rivals: [] },
      thumbnails,
      sheet: { ...sheet, nSubjects: 1, nTimes: 20, models: [{ ...sheet.models[0], rhoBySubject: [0.25] }] },
    },
  ],
  learnt: { names, thumbnails },
};

const folder = studies.path('run');
const file = (name: string) => join(folder, name);
beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await writeScored(folder, scoring, studies.environment);
});
const read = () => readScored(folder, studies.environment);
const editSheets = (change: (text: string) => string) =>
  writeFileSync(file(SCORED_FILES.sheets), change(readFileSync(file(SCORED_FILES.sheets), 'utf8')));

describe('the scores of a run', () => {
  it('are read back as they were written, to the last bit', async () => {
    expect(await read()).toEqual(scoring);
  });

  it.each<[string, () => void, RegExp]>([
    ['are no JSON', () => editSheets((text) => text.slice(0, -9)), /scores\.json: expected JSON; run hypercolumn fit/],
    ['are of another version', () => editSheets((text) => text.replace('"version": 1', '"version": 7')), /version: /],
    [
      'lack what a sheet has',
      () => editSheets((text) => text.replace('"rhoBySubject"', '"rhos"')),
      /scores\.json, sets\.0\.sheet\.models\.0\.rhoBySubject: .*; run hypercolumn fit again/,
    ],
    [
      'name other images than there are values for',
      () =>
        editSheets((text) =>
          text
            .replaceAll(`"${names[0]}",`, `"${names[0]}", "more.png",`)
            .replaceAll('"nConditions": 5', '"nConditions": 6')
            .replace('"labels": [', '"labels": ["c",'),
        ),
      /scored\.safetensors, set0\.rival0: expected values of 15 pairs, got 10; run hypercolumn fit again/,
    ],
    [
      'have another number of categories than of images',
      () => editSheets((text) => text.replace('"labels": [', '"labels": ["c",')),
      /scores\.json, sets\.0: expected a category for each image; run hypercolumn fit again/,
    ],
    [
      'have sheets of other subjects than the set',
      () => editSheets((text) => text.replace('"rhoBySubject": [', '"rhoBySubject": [0.5,')),
      /scores\.json, sets\.0: expected a sheet of as many images, subjects and times as the set has/,
    ],
    [
      'have a sheet of models that are not there',
      () => editSheets((text) => text.replace('"name": "pixels"', '"name": "fit"')),
      /scores\.json, sets\.0: expected a sheet of the fit and the rivals beside it/,
    ],
    ['lack their arrays', () => rmSync(file(SCORED_FILES.arrays)), /scored\.safetensors: there is no such file/],
    ['have arrays that are cut off', () => truncateSync(file(SCORED_FILES.arrays), 5000), /scored\.safetensors/],
  ])('are refused with a sentence where they %s', async (_, damage, message) => {
    damage();
    await expect(read()).rejects.toThrow(HypercolumnError);
    await expect(read()).rejects.toThrow(message);
  });

  it('are refused where a value is no number, naming the array', async () => {
    const bytes = readFileSync(file(SCORED_FILES.arrays));
    const header = Number(bytes.readBigUInt64LE(0));
    const tensors = JSON.parse(bytes.subarray(8, 8 + header).toString());
    bytes.writeDoubleLE(Number.NaN, 8 + header + tensors['set0.mean'].data_offsets[0]);
    writeFileSync(file(SCORED_FILES.arrays), bytes);
    await expect(read()).rejects.toThrow(FormatError);
    await expect(read()).rejects.toThrow(/set0\.mean: expected finite numbers, got NaN/);
  });
});
