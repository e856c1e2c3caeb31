import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { stageShares } from '../../src/encoder/tuning.ts';
import { squareOf } from '../../src/rdm/rdm.ts';
import { fitMask } from '../../src/training/fit.ts';
import { fitPermuted, permuteLabels } from '../../src/training/permuted.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const statistics = drawnStatistics(16);
const sets = [drawnSet(statistics), drawnSet(statistics, { name: 'MEG', seed: 4 })];
const options = { epochs: 20, learningRate: { mask: 0.02, readout: 0.01 } };

describe('permuteLabels', () => {
  it('puts row permutation[i] where row i was, in every subject and time', () => {
    const n = 5;
    const random = seededRandom(3);
    const values = Float64Array.from({ length: 2 * 3 * 10 }, () => random.uniform());
    const stack = { nConditions: n, conditions: null, nSubjects: 2, nTimes: 3, values };
    const permutation = [2, 0, 4, 1, 3];
    const permuted = permuteLabels(stack, permutation);
    for (let k = 0; k < 6; k++) {
      const square = (from: Float64Array) =>
        squareOf({ nConditions: n, conditions: null, values: from.subarray(k * 10, k * 10 + 10) });
      const [before, after] = [square(values), square(permuted.values)];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) expect(after[i * n + j]).toBe(before[permutation[i] * n + permutation[j]]);
      }
    }
  });

  it('is undone by the inverse and leaves the names where they are', () => {
    const { targets } = sets[0];
    const permutation = seededRandom(1).permutation(16);
    const inverse = new Uint32Array(16);
    for (const [k, row] of permutation.entries()) inverse[row] = k;
    const permuted = permuteLabels(targets, permutation);
    expect(permuted.values).not.toEqual(targets.values);
    expect(permuted.conditions).toBe(targets.conditions);
    expect(permuteLabels(permuted, inverse)).toEqual(targets);
  });

  it.each([[[0, 1, 2]], [[...Array(16).fill(0)]], [[...Array(15).keys(), 16]]])(
    'refuses what is no permutation',
    (rows) => {
      expect(() => permuteLabels(sets[0].targets, rows)).toThrow(/each row from 0 to 15 once/);
    },
  );
});

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
