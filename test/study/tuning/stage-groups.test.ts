import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { untrainedEncoder } from '../../../src/encoder/channel-weights.ts';
import { groupShares, stageGroups } from '../../../src/study/tuning/stage-groups.ts';
import { type PermutedFit, runTuning } from '../../../src/study/tuning.ts';

const BLOCKS = ['layer0', 'layer1.0', 'layer1.1', 'layer1.2', 'layer2.0', 'layer2.1'];

describe('blocks of a stage', () => {
  it('are taken together by their names, in the order of their first', () => {
    expect(stageGroups(BLOCKS)).toEqual([
      { name: 'layer0', members: [0] },
      { name: 'layer1', members: [1, 2, 3] },
      { name: 'layer2', members: [4, 5] },
    ]);
    expect(stageGroups(['b.1', 'a.0', 'b.0'])).toEqual([
      { name: 'b', members: [0, 2] },
      { name: 'a', members: [1] },
    ]);
  });

  it('are not looked for where each stage is its own', () => {
    expect(stageGroups(['layer0', 'layer1', 'layer2'])).toBeNull();
    expect(stageGroups(['layer1.0', 'layer2.0'])).toBeNull();
    expect(stageGroups(['.0', '.1'])).toBeNull();
    expect(stageGroups([])).toBeNull();
  });

  it('keep the sum of shares', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), (shares) => {
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(groupShares(shares, stageGroups(BLOCKS)!))).toBeCloseTo(sum(shares), 12);
      }),
    );
  });
});

/** A permuted fit with these shares, and signed means that are told apart by stage. */
const permutedFit = (shares: readonly number[]): PermutedFit => ({
  shares,
  signedMeanMasks: shares.map((_, k) => ({ mean: k, ci95: null })),
});

describe('the tuning of a run that was tapped at blocks', () => {
  const stages = BLOCKS.map((name) => ({ name, channels: 2, height: 1, width: 1 }));
  const mask = Float64Array.of(1, 1, 2, 4, 6, 8, 10, 12, -1, 1, 1, 3);
  const encoder = { ...untrainedEncoder(stages), mask };
  const shares = [0.1, 0.1, 0.2, 0.3, 0.1, 0.2];
  const permuted = [
    [0.3, 0.1, 0.1, 0.1, 0.2, 0.2],
    [0.1, 0.2, 0.2, 0.2, 0.2, 0.1],
  ].map((of) => permutedFit(of));

  it('also has the stages: shares summed, permuted ones fit by fit, the signed mean over all mask values', () => {
    const { grouped, stages: single } = runTuning(encoder, shares, permuted, null);
    expect(single.map(({ stage }) => stage)).toEqual(BLOCKS);
    expect(grouped!.map(({ stage }) => stage)).toEqual(['layer0', 'layer1', 'layer2']);
    const [, layer1, layer2] = grouped!;
    expect(layer1.share).toBeCloseTo(0.6, 12);
    expect(layer1.permutedShares[0]).toBeCloseTo(0.3, 12);
    expect(layer1.permutedShares[1]).toBeCloseTo(0.6, 12);
    expect(layer1.permuted!.mean).toBeCloseTo(0.45, 12);
    expect(layer1.signedMeanMask.mean).toBe(7);
    // scipy.stats.t.interval(0.95, 5, loc=7, scale=scipy.stats.sem([2, 4, 6, 8, 10, 12]))
    expect(layer1.signedMeanMask.ci95![0]).toBeCloseTo(3.07337138, 7);
    expect(layer1.signedMeanMask.ci95![1]).toBeCloseTo(10.92662862, 7);
    expect(layer2.signedMeanMask.mean).toBe(1);
    expect(single.map(({ permutedSignedMeans: [mean] }) => mean)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(grouped!.map(({ permutedSignedMeans }) => permutedSignedMeans)).toEqual([
      [0, 0],
      [2, 2],
      [4.5, 4.5],
    ]);
  });

  it('weighs the signed means of permuted fits by how many mask values their stages have', () => {
    const uneven = stages.map((each, k) => ({ ...each, channels: k === 1 ? 6 : 2 }));
    const { grouped } = runTuning(untrainedEncoder(uneven), shares, permuted, null);
    // numpy.repeat([1, 2, 3], [6, 2, 2]).mean()
    expect(grouped![1].permutedSignedMeans[0]).toBeCloseTo(1.6, 12);
  });

  it('of one mask value a stage has the mean and interval over the blocks', () => {
    const ofStages = { ...encoder, maskResolution: 'stage' as const, mask: Float64Array.of(5, 1, 2, 3, 1, 1) };
    const { grouped } = runTuning(ofStages, shares, permuted, null);
    expect(grouped!.map(({ signedMeanMask: { mean } }) => mean)).toEqual([5, 2, 1]);
    expect(grouped![0].signedMeanMask.ci95).toBeNull();
    // scipy.stats.t.ppf(0.975, 2) / sqrt(3)
    expect(grouped![1].signedMeanMask.ci95![1]).toBeCloseTo(2 + 2.484137711843753, 9);
  });

  it('adjusts p over the stages by Benjamini and Hochberg, blocks and stages each among themselves', () => {
    const apart = [0.9, 0.02, 0.02, 0.02, 0.02, 0.02];
    const around = Array.from({ length: 39 }, (_, k) =>
      permutedFit(BLOCKS.map((_, s) => (s === 0 ? 0.1 : 0.18) + (k - 19) * 1e-3)),
    );
    const { stages: single, grouped } = runTuning(encoder, apart, around, null);
    expect(single.map(({ p }) => p)).toEqual(Array(6).fill(1 / 40));
    for (const { pFdr } of single) expect(pFdr).toBeCloseTo(1 / 40, 12); // 6 p / 6
    const one = runTuning(encoder, [0.9, ...Array(5).fill(0.18)], around, null);
    expect(one.stages[0].pFdr).toBeCloseTo(6 / 40, 12); // scipy.stats.false_discovery_control([1/40, 1, 1, 1, 1, 1])
    expect(one.grouped![0].pFdr).toBeCloseTo(3 / 40, 12);
    expect(grouped!.map(({ p }) => p)).toEqual(Array(3).fill(1 / 40));
    expect(runTuning(encoder, shares, [], null).stages.map(({ pFdr }) => pFdr)).toEqual(Array(6).fill(null));
  });
});
