import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { PairStatistics } from '../../src/features/pair-statistics.ts';
import { fitMask } from '../../src/training/fit.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const statistics = drawnStatistics(14);
const set = drawnSet(statistics);
const sameImages = drawnSet(statistics, { name: 'MEG', seed: 6 });
const others = drawnSet(drawnStatistics(9, 5, 'other'), { name: 'IT', imageSet: 'other' });
const sets = [set, sameImages, others];
const centre = sets.map((each) => each.statistics);
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const fast: TrainingOptions = { mask: 'channel', epochs: 4, learningRate: { mask: 0.02, readout: 0.01 } };

describe('fitMask with crop: random', () => {
  const random = { ...fast, crop: 'random' } as const;

  it('trains on what it is given for each epoch, in their order', async () => {
    const epochs: number[] = [];
    const fit = await fitMask(sets, random, {
      epochStatistics: async (epoch) => {
        epochs.push(epoch);
        return centre;
      },
    });
    expect(epochs).toEqual([1, 2, 3, 4]);
    expect(fit).toEqual(await fitMask(sets, fast));
  });

  it('meets other crops in the loss, and takes scale and validation from the centre ones', async () => {
    const holdout = { by: 'image', fraction: 0.2 } as const;
    const fresh = drawnStatistics(14, 31);
    const still = { ...random, holdout, learningRate: 0 };
    const epochStatistics = async (epoch: number) => (epoch === 3 ? [fresh, fresh, others.statistics] : centre);
    const { metrics, encoder } = await fitMask(sets, still, { epochStatistics });
    const losses = metrics.map(({ trainingLoss }) => trainingLoss);
    expect(losses[1]).toBeCloseTo(losses[0], 10);
    expect(losses[3]).toBeCloseTo(losses[0], 10);
    expect(losses[2]).not.toBeCloseTo(losses[0], 3);
    expect(new Set(metrics.map(({ validationLoss }) => validationLoss!.newNew)).size).toBe(1);
    expect(encoder.scale).toEqual((await fitMask(sets, { ...fast, holdout })).encoder.scale);
  });

  it("lets go of the last epoch's statistics before the next are made", async () => {
    const made: WeakRef<Float64Array>[] = [];
    const alive: boolean[] = [];
    const epochStatistics = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5)); // a WeakRef holds what it is of until the turn ends
      collectGarbage();
      alive.push(made.at(-1)?.deref() !== undefined);
      const fresh = drawnStatistics(14, 31);
      made.push(new WeakRef(fresh.products as Float64Array));
      return [fresh];
    };
    await fitMask([set], { ...random, mask: 'split', epochs: 3 }, { epochStatistics }); // its table holds the products
    expect(alive).toEqual([false, false, false]);
  });

  it('refuses crops of fewer data sets', async () => {
    await expect(fitMask(sets, random, { epochStatistics: async () => centre.slice(1) })).rejects.toThrow(
      "the epoch's crops: expected statistics of 3 data sets, got 2",
    );
  });

  it.each([
    ['of other images', { ...statistics, conditions: statistics.conditions.toReversed() }, /the epoch's crops/],
    ['of other stages', { ...statistics, stages: statistics.stages.toReversed() }, /stages/],
  ] as [string, PairStatistics, RegExp][])('refuses crops %s', async (_, fresh, message) => {
    const epochStatistics = async () => [fresh, fresh, others.statistics];
    await expect(fitMask(sets, random, { epochStatistics })).rejects.toThrow(message);
  });

  it('refuses to draw crops where none are given', async () => {
    await expect(fitMask(sets, random)).rejects.toThrow(
      "training.crop: expected the statistics of each epoch's crops beside random, got none; pass epochStatistics or take crop: none",
    );
  });
});

describe('fitMask', () => {
  it('on cliques of all images and in one batch of all pairs takes the same steps, but for rounding', async () => {
    const [cliques, pairs] = await Promise.all([
      fitMask([others], { ...fast, sampler: 'cliques', cliqueSize: 9 }),
      fitMask([others], { ...fast, batch: 36 }),
    ]);
    for (const [c, value] of pairs.encoder.mask.entries()) expect(cliques.encoder.mask[c]).toBeCloseTo(value, 10);
  });

  it('accumulating batches takes the steps of batches so much larger, bit for bit', async () => {
    const [accumulated, larger] = await Promise.all([
      fitMask([set], { ...fast, batch: 10, accumulate: 3 }),
      fitMask([set], { ...fast, batch: 30 }),
    ]);
    expect(accumulated).toEqual(larger);
  });

  it('by cliques learns from training images alone', async () => {
    const trainingImages = [0, 1, 2, 3, 4, 5, 6, 7];
    const spoiled = { ...set.targets, values: set.targets.values.slice() };
    const nPairs = spoiled.values.length / spoiled.nSubjects;
    for (let k = nPairs - 15; k < spoiled.values.length; k += nPairs) spoiled.values.fill(1e3, k, k + 15);
    const options = { ...fast, sampler: 'cliques', cliqueSize: 4 } as const;
    const [a, b] = await Promise.all(
      [set, { ...set, targets: spoiled }].map((each) => fitMask([{ ...each, trainingImages }], options)),
    );
    expect(b.encoder.mask).toEqual(a.encoder.mask);
    await expect(fitMask([{ ...set, trainingImages }], { ...options, cliqueSize: 9 })).rejects.toThrow(
      'training.cliqueSize: expected at most the 8 images that data set EVC trains on, got 9',
    );
  });

  it('clips by the norm of the whole gradient: Adam does not mind its size, unless it changes from step to step', async () => {
    const free = await fitMask([set], fast);
    const clipped = await fitMask([set], { ...fast, clip: 1e-3 });
    const wide = await fitMask([set], { ...fast, clip: 1e6 });
    expect(wide).toEqual(free);
    expect(clipped.encoder.mask).not.toEqual(free.encoder.mask);
    for (const [c, value] of free.encoder.mask.entries())
      expect(Math.abs(clipped.encoder.mask[c] - value)).toBeLessThan(0.2);
  });

  it('decays the mask and leaves the readouts alone', async () => {
    const fits = (learningRate: TrainingOptions['learningRate'] & object) =>
      Promise.all(
        [0, 0.5].map(async (weightDecay) => {
          const options = { ...fast, reliability: 'none', optimiser: 'adamw', weightDecay, learningRate } as const;
          return (await fitMask([set], options)).encoder;
        }),
      );
    const [free, decayed] = await fits({ mask: 0.1, readout: 0 });
    expect(Math.hypot(...decayed.mask)).toBeLessThan(0.8 * Math.hypot(...free.mask));
    const [plain, spared] = await fits({ mask: 0, readout: 0.1 });
    expect(plain.readouts[0].b).not.toBe(0);
    expect(spared.readouts).toEqual(plain.readouts);
  });

  it.each([
    [{ train: 'all' }, /encoder\.train: expected mask, got all; pair statistics are of a frozen network/],
    [{ mask: 'feature' }, /encoder\.mask: expected one of stage, channel, split, got feature/],
  ] as [TrainingOptions, RegExp][])('refuses %j', async (options, message) => {
    await expect(fitMask([set], options)).rejects.toThrow(message);
  });
});
