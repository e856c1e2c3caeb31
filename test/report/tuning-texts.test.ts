import { describe, expect, it } from 'vitest';
import { describeRegions } from '../../src/report/regions-text.ts';
import { describeTuning, tuningResults } from '../../src/report/tuning-text.ts';
import type { RegionComparison } from '../../src/study/tuning/compare-regions.ts';
import type { RegionStage } from '../../src/study/tuning/regions.ts';
import type { RunTuning, StageTuning } from '../../src/study/tuning.ts';

const stage = (name: string, share: number, rest: Partial<StageTuning> = {}): StageTuning => ({
  ...{ stage: name, share, permutedShares: [], permuted: null, z: null, p: null, pFdr: null },
  ...{ signedMeanMask: { mean: 0.5, ci95: null }, permutedSignedMeans: [] },
  ...rest,
});
const further = (name: string, ...shares: number[]) => ({ name, shares });
/** The cells of the table that a title stands above, header first. */
const cellsUnder = (text: string, title: RegExp) => {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => title.test(line)) + 1;
  const to = lines.findIndex((line, k) => k > from && !/ {2}/.test(line));
  return lines.slice(from, to).map((line) => line.trim().split(/ {2,}/));
};

describe('the text of stage tuning', () => {
  const blocks: RunTuning = {
    stages: [stage('layer0', 0.2), stage('layer1.0', 0.5), stage('layer1.1', 0.3)],
    grouped: [stage('layer0', 0.2), stage('layer1', 0.8)],
    stability: {
      seeds: [further('seed 1', 0.21, 0.5, 0.29), further('seed 2', 0.19, 0.45, 0.36)],
      splits: [further('split 1 of 5', 0.1, 0.6, 0.3)],
    },
  };

  it('shows the lowest and highest share over other seeds and over splits, each with what it says', () => {
    const text = describeTuning({ ...blocks, grouped: null });
    expect(cellsUnder(text, /^Stage tuning:$/)).toEqual([
      ['stage', 'share', 'over seeds', 'over splits', 'signed mean mask', '95 % CI'],
      ['layer0', '0.200', '0.190 ... 0.210', '0.100 ... 0.100', '0.500', '-'],
      ['layer1.0', '0.500', '0.450 ... 0.500', '0.600 ... 0.600', '0.500', '-'],
      ['layer1.1', '0.300', '0.290 ... 0.360', '0.300 ... 0.300', '0.500', '-'],
    ]);
    expect(text).toMatch(/^over seeds: the lowest and highest share of 2 fits of other seeds; /m);
    expect(text).toMatch(/^over splits: the same of 1 fit, each without another fifth of the images; /m);
  });

  it('has a second table of blocks taken together, whose ranges are of the sums, fit by fit', () => {
    const text = describeTuning(blocks);
    expect(cellsUnder(text, /^The same with the blocks of a stage taken together:$/)).toEqual([
      ['stage', 'share', 'over seeds', 'over splits', 'signed mean mask', '95 % CI'],
      ['layer0', '0.200', '0.190 ... 0.210', '0.100 ... 0.100', '0.500', '-'],
      ['layer1', '0.800', '0.790 ... 0.810', '0.900 ... 0.900', '0.500', '-'],
    ]);
  });

  it('says nothing of fits that were not made', () => {
    const text = describeTuning({ ...blocks, stability: { seeds: [], splits: [] } });
    expect(text).not.toMatch(/over (seeds|splits)/);
    expect(describeTuning({ ...blocks, stability: null })).toBe(text);
  });

  it('has a sentence for every column of its table', () => {
    const beside = { permutedShares: [1, 2, 3, 4, 5], permuted: { mean: 0.3, sd: 0.01 }, z: 1, p: 0.5, pFdr: 0.5 };
    const text = describeTuning({ ...blocks, stages: blocks.stages.map((each) => ({ ...each, ...beside })) });
    const [header] = cellsUnder(text, /^Stage tuning:$/);
    expect(header).toEqual(expect.arrayContaining(['permuted', 'z', 'p', 'p (FDR)']));
    for (const column of header.slice(1, -1)) expect(text).toContain(`${column}: `);
  });

  it('for scripts keeps the list of stages where it was', () => {
    const results = tuningResults(blocks);
    expect(Object.keys(results)).toEqual(['tuning', 'groupedTuning', 'tuningStability']);
    expect(results.tuning).toBe(blocks.stages);
  });
});

describe('the text of a test between regions', () => {
  const region = (name: string, shareA: number, shareB: number): RegionStage => ({
    ...{ stage: name, shareA, shareB, difference: shareA - shareB, swapped: [0.1, -0.3], p: 1 / 3, pFdr: 0.5 },
  });
  const comparison: RegionComparison = {
    ...{ format: 'hypercolumn-regions-1', hypercolumn: '0.1.0', network: 'resnet50' },
    a: { run: 'evc', sets: ['EVC 92', 'EVC 118'], permuted: null },
    b: { run: 'it', sets: ['IT 92', 'IT 118'], permuted: [0.25, 0.75] },
    ...{ nSubjects: [15, 15], nSwaps: 2, nPossibleSwaps: 16383 },
    stages: [region('layer1.0', 0.7, 0.4), region('layer1.1', 0.3, 0.6)],
    grouped: null,
    overall: { distance: 0.3, swapped: [0.1, 0.2], p: 1 / 3 },
  };

  it('puts the difference beside that of swaps, and shares beside permuted ones where a run has them', () => {
    const text = describeRegions(comparison);
    expect(text).toMatch(/^Stage tuning of A \(evc: EVC 92, EVC 118\) and B \(it: IT 92, IT 118\) on resnet50:\n/);
    expect(cellsUnder(text, /^Stage tuning of A/)).toEqual([
      ['stage', 'A', 'B', 'permuted', 'A - B', 'swapped', 'p', 'p (FDR)'],
      ['layer1.0', '0.700', '0.400', '0.250', '+0.300', '0.200 ... 0.300', '0.333', '0.500'],
      ['layer1.1', '0.300', '0.600', '0.750', '-0.300', '0.200 ... 0.300', '0.333', '0.500'],
    ]);
    expect(text).toContain(
      'All stages at once: the tunings lie 0.300 apart (0: the same, 1: no stage in common), with regions exchanged 0.150 on average, p 0.333.',
    );
    expect(text).toContain('two-sided, at least 1/3;');
  });

  it('says what the null is, and what noise does', () => {
    expect(describeRegions(comparison)).toMatch(/regions that differ in noise alone can be told apart too/);
    expect(describeRegions(comparison)).toMatch(/where A and B lie on different sides of theirs, noise alone is no/);
    const bare = { ...comparison, b: { ...comparison.b, permuted: null } };
    expect(describeRegions(bare)).toMatch(/fit both with --tuning to see on which sides they lie\.$/);
    expect(describeRegions(bare)).not.toMatch(/^permuted:/m);
  });

  it('shows blocks taken together too', () => {
    const grouped = [region('layer1', 1, 1)];
    const text = describeRegions({ ...comparison, grouped });
    expect(cellsUnder(text, /^The same with the blocks/)[1]).toEqual([
      ...['layer1', '1.000', '1.000', '1.000', '+0.000', '0.200 ... 0.300', '0.333', '0.500'],
    ]);
  });
});
