import { describe, expect, it } from 'vitest';
import { stageShares } from '../../src/encoder/tuning.ts';
import { fitMask } from '../../src/training/fit.ts';
import { fitPermuted } from '../../src/training/permuted.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const statistics = drawnStatistics(16);
const sets = [drawnSet(statistics), drawnSet(statistics, { name: 'MEG', seed: 4 })];
const options = { epochs: 20, learningRate: { mask: 0.02, readout: 0.01 } };

describe('fitPermuted', () => {
  it('gives shares that sum to 1, the same for the same seed', async () => {
    const input = { sets, options, permutationSeed: 5 };
    const { shares, signedMeanMasks, permutationSeed } = await fitPermuted(input);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(signedMeanMasks).toHaveLength(2);
    expect(permutationSeed).toBe(5);
    expect((await fitPermuted(input)).shares).toEqual(shares);
    expect((await fitPermuted({ ...input, permutationSeed: 6 })).shares).not.toEqual(shares);
  });

  it('takes and gives what a worker thread can be sent', async () => {
    const input = { sets, options, permutationSeed: 5 };
    const result = await fitPermuted(structuredClone(input));
    expect(structuredClone(result)).toEqual(await fitPermuted(input));
  });

  it('is away from the fit of the true labels, which favours the stage that subjects see', async () => {
    const { encoder } = await fitMask(sets, options);
    const [, late] = stageShares(encoder, [statistics]);
    const permuted = await Promise.all(
      [1, 2, 3, 4].map((permutationSeed) => fitPermuted({ sets, options, permutationSeed })),
    );
    for (const { shares } of permuted) expect(shares[1]).toBeLessThan(late);
  });

  it('permutes all data sets of an image set alike: their agreement stays', async () => {
    // Two sets with the same values: permuted alike they are one set counted twice.
    const twins = [sets[0], { ...sets[0], name: 'twin' }];
    const all = { ...options, batch: 1000, readout: 'identity' } as const;
    const [one, two] = await Promise.all(
      [[sets[0]], twins].map((each) => fitPermuted({ sets: each, options: all, permutationSeed: 2 })),
    );
    for (const [k, share] of one.shares.entries()) expect(two.shares[k]).toBeCloseTo(share, 8);
  });
});
