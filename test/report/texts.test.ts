import { describe, expect, it } from 'vitest';
import { describeCrossvalidation } from '../../src/report/crossvalidation-text.ts';
import { describeRun } from '../../src/report/run-text.ts';
import { alignedTable, formatNumber } from '../../src/report/table.ts';
import { describeTuning } from '../../src/report/tuning-text.ts';
import type { Crossvalidation } from '../../src/study/crossvalidate.ts';
import type { SetScore } from '../../src/study/set-summary.ts';
import type { RunTuning, StageTuning } from '../../src/study/tuning.ts';

const score = (rho: number, nImages: number, ceiling: SetScore['ceiling']): SetScore => ({
  rho,
  r2: rho ** 2,
  rhoBySubject: [rho, rho],
  rhoStandardError: 0,
  nImages,
  ceiling,
});
const CEILING = { lower: { rho: 0.127, r2: 0.02 }, upper: { rho: 0.3084, r2: 0.1 } };
const stage = (name: string, rest: Partial<StageTuning> = {}): StageTuning => ({
  stage: name,
  share: 0.3216,
  permutedShares: [0.15, 0.25],
  permuted: { mean: 0.2, sd: 0.0707 },
  z: 1.72,
  p: 1 / 3,
  pFdr: 2 / 3,
  permutedSignedMeans: [0.04, 0.06],
  signedMeanMask: { stage: name, mean: -0.05, ci95: [-0.06, -0.04], nValues: 64 } as StageTuning['signedMeanMask'],
  ...rest,
});
const tuningOf = (stages: readonly StageTuning[], rest: Partial<RunTuning> = {}): RunTuning => ({
  stages,
  grouped: null,
  stability: null,
  ...rest,
});
const unpermuted = { permutedShares: [], permuted: null, z: null, p: null, pFdr: null, permutedSignedMeans: [] };
const cells = (text: string, first: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(first))
    .map((line) => line.split(/ {2,}/));

describe('the text of a fit', () => {
  const run = {
    features: { name: 'resnet50', key: 'k' },
    metrics: Array.from({ length: 15 }, (_, k) => ({
      epoch: k + 1,
      trainingLoss: 1,
      validationLoss: null,
      readouts: [],
    })),
    keptEpoch: 15,
    scoring: { scored: [] },
    tuning: tuningOf([stage('layer0'), stage('layer1')]),
    sets: [
      { name: 'EVC', nImages: 92, nSubjects: 15, nTimes: 1, training: score(0.2, 92, CEILING), heldOut: null },
      {
        name: 'MEG',
        nImages: 92,
        nSubjects: 1,
        nTimes: 20,
        training: score(0.1, 82, null),
        heldOut: score(-0.05, 10, null),
      },
    ],
  };

  it('says that nothing speaks of new images where there are neither tests nor held-out images', () => {
    expect(describeRun(run)).toContain('Nothing here speaks of new images: name some under test');
  });

  it('says on what was fitted and which epoch was kept', () => {
    expect(describeRun(run)).toMatch(/^Fitted on resnet50, epoch 15 of 15 kept\./);
  });

  it('tells fit from prediction: scores on images learnt from and on held-out ones are rows apart, beside the ceiling', () => {
    const text = describeRun(run);
    expect(cells(text, 'EVC')).toEqual([['EVC', 'images learnt from', '92', '15', '0.200', '0.127 ... 0.308']]);
    expect(cells(text, 'MEG')).toEqual([
      ['MEG', 'images learnt from', '82', '1', '0.100', '-'],
      ['MEG', 'held-out images', '10', '1', '-0.050', '-'],
    ]);
    const chosen = 'The held-out images also chose the epoch that was kept, so their rho is a little too good.';
    expect(text).toContain(chosen);
    expect(describeRun({ ...run, sets: [run.sets[0]] })).not.toContain(chosen);
  });

  it('of several seeds shows each beside the mean of their predictions', () => {
    const [evc] = run.sets;
    const ofSeed = (seed: number, rho: number) => ({
      ...{ seed, keptEpoch: 15, metrics: run.metrics },
      sets: [{ ...evc, training: score(rho, 92, CEILING) }],
    });
    const text = describeRun({ ...run, sets: [evc], fits: [ofSeed(4, 0.18), ofSeed(5, 0.19)] });
    expect(text).toMatch(/^2 fits on resnet50, seeds 4 to 5\.\n/);
    expect(text).toMatch(/\nThe tuning is that of seed 4, with which the permuted fits begin too\.$/);
    expect(cells(text, 'EVC').map(([, , seed, , , ...rho]) => [seed, ...rho.slice(0, -1)])).toEqual([
      ['4', '0.180'],
      ['5', '0.190'],
      ['all', '0.200', '0.180 ... 0.190'],
    ]);
  });

  it('shows the tuning too', () => {
    expect(describeRun(run)).toContain(describeTuning(run.tuning));
  });
});

describe('the text of stage tuning', () => {
  it("puts permuted shares beside each share, and names the paper's measure as what it is", () => {
    const text = describeTuning(tuningOf([stage('layer0')]));
    expect(cells(text, 'layer0')).toEqual([
      ['layer0', '0.322', '0.200 +- 0.0707', '1.7', '0.333', '0.667', '-0.050', '-0.060 ... -0.040', '0.050 +- 0.0141'],
    ]);
    expect(text).toContain('2 fits of label-permuted RDMs');
    expect(text).toMatch(/^signed mean mask: the paper's measure, .* neither its sign nor its size/m);
  });

  it('without permuted fits warns that shares alone say little, and how to get them', () => {
    const text = describeTuning(tuningOf([stage('layer0', unpermuted)]));
    expect(cells(text, 'layer0')).toEqual([['layer0', '0.322', '-0.050', '-0.060 ... -0.040']]);
    expect(text).toContain('--tuning shows them beside');
  });

  it('of too few permuted fits says why there is no z; their deviation keeps three digits however small', () => {
    const few = describeTuning(tuningOf([stage('layer0', { permuted: { mean: 0.304, sd: 0.000213 }, z: null })]));
    expect(cells(few, 'layer0')[0].slice(2, 4)).toEqual(['0.304 +- 0.000213', '-']);
    expect(few).toMatch(/\nz is left out: 2 permuted fits say too little of their sd, for which ask for 5 or more\.\n/);
    const enough = describeTuning(tuningOf([stage('layer0', { permutedShares: [1, 2, 3, 4, 5] })]));
    expect(enough).not.toContain('left out');
  });

  it('has no deviation for one permuted fit, and no interval for a single mask value', () => {
    const lonely = stage('layer0', {
      permutedShares: [0.2],
      permutedSignedMeans: [0.1],
      permuted: { mean: 0.2, sd: null },
      z: null,
      p: 0.5,
      signedMeanMask: { ...stage('layer0').signedMeanMask, ci95: null },
    });
    expect(cells(describeTuning(tuningOf([lonely])), 'layer0')).toEqual([
      ['layer0', '0.322', '0.200 +- -', '-', '0.500', '0.667', '-0.050', '-', '0.100 +- -'],
    ]);
  });
});

describe('the text of a cross-validation', () => {
  const result = (by: 'image' | 'subject', ceiling: { lower: number; upper: number } | null): Crossvalidation => ({
    by,
    folds: [1, 2, 3].map((fold) => ({
      ...score(0.2, 30, CEILING),
      fold,
      variable: 'EVC',
      nSubjects: 15,
      untrainedRho: 0.05,
      rivals: [],
    })),
    summary: [{ variable: 'EVC', rho: 0.21, rhoSd: 0.034, r2: 0.05, untrainedRho: 0.0512, rivals: [], ceiling }],
  });

  it('gives the mean and spread of folds beside the untrained mask and the ceiling', () => {
    const text = describeCrossvalidation(result('image', { lower: 0.1, upper: 0.3 }));
    expect(text).toMatch(
      /^3 folds by image; mean signed Spearman rho on pairs of images that no fold had learnt from:/,
    );
    expect(cells(text, 'EVC')).toEqual([['EVC', '0.210', '0.034', '0.051', '0.100 ... 0.300']]);
  });

  it('says where subjects were left out, and has no ceiling where there is none', () => {
    const text = describeCrossvalidation(result('subject', null));
    expect(text).toMatch(/^3 folds by subject; .* on the RDMs of subjects that no fold had learnt from:/);
    expect(cells(text, 'EVC')).toEqual([['EVC', '0.210', '0.034', '0.051', '-']]);
  });
});

describe('the text of a cross-validation with rivals', () => {
  it('shows them a row each beside the fit, and a dash where a data set has none', () => {
    const of = (variable: string, rho: number, rivals: readonly { name: string; rho: number }[]) => {
      return { ...{ variable, rho, rivals }, rhoSd: 0.01, r2: 0.1, untrainedRho: 0, ceiling: null };
    };
    const pixels = (rho: number) => ({ name: 'pixels', rho });
    const text = describeCrossvalidation({
      ...{ by: 'image', folds: [] },
      summary: [of('EVC', 0.21, [pixels(0.1), { name: 'nnls', rho: -0.02 }]), of('IT', 0.3, [pixels(0.04)])],
    });
    expect(cells(text, 'pixels')).toEqual([['pixels', '0.100', '0.040']]);
    expect(cells(text, 'nnls')).toEqual([['nnls', '-0.020', '-']]);
    expect(cells(text, 'the fit')).toEqual([['the fit', '0.210', '0.300']]);
  });
});

describe('tables', () => {
  it('align names to the left and numbers to the right, without trailing blanks', () => {
    expect(
      alignedTable([
        ['stage', 'share'],
        ['a', '0.1'],
        ['longer', '12.25'],
      ]),
    ).toBe('stage   share\na         0.1\nlonger  12.25');
    expect(
      alignedTable([
        ['a', ''],
        ['b', ''],
      ]),
    ).toBe('a\nb');
  });

  it.each([
    [0.12345, 3, '0.123'],
    [-0.5, 1, '-0.5'],
    [-0.01, 1, '0.0'],
    [-0.2, 0, '0'],
    [null, 3, '-'],
    [Number.NaN, 3, '-'],
  ])('write %s with %i decimals as %s', (value, decimals, expected) => {
    expect(formatNumber(value, decimals)).toBe(expected);
  });
});
