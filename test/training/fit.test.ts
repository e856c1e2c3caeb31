import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { channelWeights } from '../../src/encoder/channel-weights.ts';
import { applyReadout, predictDissimilarities } from '../../src/encoder/predict.ts';
import { stageShares } from '../../src/encoder/tuning.ts';
import type { ChannelWeights } from '../../src/features/channel-weights.ts';
import { channelScale } from '../../src/features/scale.ts';
import { compare } from '../../src/rdm/comparators.ts';
import { fitMask } from '../../src/training/fit.ts';
import type { EpochMetrics, TrainingOptions } from '../../src/training/options.ts';
import { constantSet, drawnSet, drawnStatistics, TRUE_WEIGHTS } from './drawn-sets.ts';
import { goldenSets, plainStatistics } from './golden.ts';

const statistics = drawnStatistics(24);
const set = drawnSet(statistics);
const other = drawnSet(drawnStatistics(12, 5, 'other'), { name: 'IT', imageSet: 'other', seed: 9 });
const fast: TrainingOptions = { mask: 'channel', epochs: 30, learningRate: { mask: 0.02, readout: 0.01 } };

describe('fitMask', () => {
  it('finds a mask that predicts new images far better than the untrained one, and the true shares of the stages', async () => {
    const { encoder } = await fitMask([set], { ...fast, scale: 'none', epochs: 100 });
    const unseen = drawnStatistics(20, 77);
    const truth = predictDissimilarities(unseen, TRUE_WEIGHTS);
    const rho = (weights: ChannelWeights) => compare(predictDissimilarities(unseen, weights), truth);
    expect(rho(channelWeights(encoder))).toBeGreaterThan(0.97);
    expect(rho(new Float64Array(10).fill(1))).toBeLessThan(0.9);
    const trueEncoder = { ...encoder, mask: TRUE_WEIGHTS };
    const [expected] = stageShares(trueEncoder, [unseen]);
    expect(Math.abs(stageShares(encoder, [unseen])[0] - expected)).toBeLessThan(0.05);
  });

  it.each([
    ['channel', 10],
    ['stage', 2],
  ] as const)('lowers the training loss from epoch to epoch: %s mask', async (mask, nValues) => {
    const { encoder, metrics, keptEpoch } = await fitMask([set, other], { ...fast, mask });
    expect(encoder.mask).toHaveLength(nValues);
    expect(encoder.scale).toHaveLength(10);
    expect(metrics.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, k) => k + 1));
    expect(metrics[29].trainingLoss).toBeLessThan(0.8 * metrics[0].trainingLoss);
    expect(metrics[29].validationLoss).toBeNull();
    expect(keptEpoch).toBe(30);
  });

  it('gives the same bytes for the same seed and others for another', async () => {
    const [a, b, c] = await Promise.all([0, 0, 1].map((seed) => fitMask([set, other], { ...fast, seed })));
    expect(Buffer.from(b.encoder.mask.buffer)).toEqual(Buffer.from(a.encoder.mask.buffer));
    expect(b.metrics).toEqual(a.metrics);
    expect(Array.from(c.encoder.mask)).not.toEqual(Array.from(a.encoder.mask));
  });

  it('of float32 products is that of float64 ones but for rounding', async () => {
    const rounded = { ...statistics, products: Float32Array.from(statistics.products) };
    const [a, b] = await Promise.all(
      [statistics, rounded].map((each) => fitMask([{ ...set, statistics: each }], fast)),
    );
    const [p, q] = [a, b].map(({ encoder }) => predictDissimilarities(statistics, channelWeights(encoder)));
    for (let k = 0; k < p.length; k++) expect(q[k]).toBeCloseTo(p[k], 2);
  });

  it('learns a readout of its own for each data set, in the units of its values', async () => {
    const inPercent = drawnSet(statistics, { name: 'percent', slope: 80, offset: 10 });
    const { encoder } = await fitMask([set, inPercent], { ...fast, epochs: 100 });
    const predicted = predictDissimilarities(statistics, channelWeights(encoder));
    for (const [s, { targets, name }] of [set, inPercent].entries()) {
      expect(encoder.readouts[s].name).toBe(name);
      const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(meanOf(applyReadout(predicted, encoder.readouts[s])) / meanOf(targets.values)).toBeCloseTo(1, 1);
    }
  });

  it('does not depend on whether values come as fractions or in percent', async () => {
    const [a, b] = await Promise.all([1, 100].map((slope) => fitMask([drawnSet(statistics, { slope })], fast)));
    for (const [c, value] of a.encoder.mask.entries()) expect(b.encoder.mask[c]).toBeCloseTo(value, 6);
    expect(b.encoder.readouts[0].alpha - a.encoder.readouts[0].alpha).toBeCloseTo(Math.log(100), 6);
    expect(b.encoder.readouts[0].b / a.encoder.readouts[0].b).toBeCloseTo(100, 4);
  });

  it('leaves the readout at 1 and 0 where it is the identity', async () => {
    const { encoder } = await fitMask([set], { ...fast, readout: 'identity' });
    expect(encoder.readouts).toEqual([{ name: 'EVC', alpha: 0, b: 0 }]);
  });

  it('scales channels by the training images alone, an image of several data sets counting once', async () => {
    const trainingImages = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const sets = [set, drawnSet(statistics, { name: 'MEG' }), other].map((each) =>
      each === other ? each : { ...each, trainingImages },
    );
    const { encoder } = await fitMask(sets, { mask: 'channel', epochs: 1 });
    const expected = channelScale(
      [statistics, other.statistics],
      [trainingImages, other.statistics.conditions.map((_, k) => k)],
    );
    expect(Array.from(encoder.scale)).toEqual(Array.from(expected));
    const unscaled = await fitMask(sets, { epochs: 1, scale: 'none' });
    expect(new Set(unscaled.encoder.scale)).toEqual(new Set([1]));
  });

  it('never sees what is not among the training images', async () => {
    const trainingImages = Array.from({ length: 16 }, (_, k) => k);
    const spoiled = { ...set.targets, values: set.targets.values.slice() };
    const nPairs = spoiled.values.length / 4;
    for (let s = 0; s < 4; s++) for (let k = nPairs - 28; k < nPairs; k++) spoiled.values[s * nPairs + k] = 1e3;
    const energies = statistics.energies.slice().fill(1e6, 16 * 10);
    const fits = [
      { ...set, trainingImages },
      { ...set, trainingImages, targets: spoiled, statistics: { ...statistics, energies } },
    ].map((each) => fitMask([each], fast));
    const [a, b] = await Promise.all(fits);
    expect(Array.from(b.encoder.mask)).toEqual(Array.from(a.encoder.mask));
    expect(Array.from(b.encoder.scale)).toEqual(Array.from(a.encoder.scale));
    expect(a.heldOut).toEqual([[16, 17, 18, 19, 20, 21, 22, 23]]);
    expect(a.keptEpoch).toBe(fast.epochs);
    expect(b.metrics[0].validationLoss!.newNew).toBeGreaterThan(a.metrics[0].validationLoss!.newNew!);
  });

  describe('with a holdout', () => {
    it('by image reports new-new and new-old pairs apart and keeps the epoch of lowest validation loss', async () => {
      const noisy = drawnSet(drawnStatistics(10), { noise: 0.8 });
      const options = { ...fast, epochs: 60, learningRate: 0.1 } as const;
      const rates = { mask: 0.1, readout: 0.1 };
      const fit = await fitMask([noisy], { ...options, learningRate: rates, holdout: { by: 'image', fraction: 0.3 } });
      expect(fit.heldOut[0]).toHaveLength(3);
      expect([fit.nTrainingPairs, fit.nValidationPairs]).toEqual([21, 24]);
      const means = fit.metrics.map(({ validationLoss }) => {
        expect(validationLoss!.pair).toBeNull();
        return (3 * validationLoss!.newNew! + 21 * validationLoss!.newOld!) / 24;
      });
      expect(fit.keptEpoch).toBe(means.indexOf(Math.min(...means)) + 1);
      expect(fit.keptEpoch).toBeLessThan(60);
      expect(fit.encoder.readouts).toEqual(fit.metrics[fit.keptEpoch - 1].readouts);
      const shorter = {
        ...options,
        learningRate: rates,
        epochs: fit.keptEpoch,
        holdout: { by: 'image', fraction: 0.3 },
      } as const;
      expect(Array.from((await fitMask([noisy], shorter)).encoder.mask)).toEqual(Array.from(fit.encoder.mask));
    });

    it('by pair reports those pairs', async () => {
      const { metrics, heldOut, nValidationPairs } = await fitMask([set], {
        ...fast,
        holdout: { by: 'pair', fraction: 0.1 },
      });
      expect(metrics[0].validationLoss).toEqual({ newNew: null, newOld: null, pair: expect.any(Number) });
      expect(nValidationPairs).toBe(28);
      expect(heldOut).toEqual([[]]);
    });

    it('by image has no new-new loss where a single image is held out', async () => {
      const { metrics } = await fitMask([other], { epochs: 1, holdout: { by: 'image', fraction: 0.05 } });
      expect(metrics[0].validationLoss).toEqual({ newNew: null, newOld: expect.any(Number), pair: null });
    });
  });

  it('tells each epoch and its progress, and each notice once', async () => {
    const epochs: EpochMetrics[] = [];
    const progress: number[] = [];
    const notices: string[] = [];
    const single = drawnSet(statistics, { nSubjects: 1 });
    const { metrics } = await fitMask(
      [single],
      { epochs: 3, batch: 100 },
      {
        onEpoch: (each) => epochs.push(each),
        onProgress: ({ done, total }) => progress.push(done / total),
        onNotice: (notice) => notices.push(notice),
      },
    );
    expect(epochs).toEqual(metrics);
    expect(progress.at(-1)).toBe(1);
    expect(notices).toEqual(['data set EVC has a single subject: no reliability weights, all pairs count alike']);
  });

  it('stops at an abort with its reason', async () => {
    const controller = new AbortController();
    const fit = fitMask([set], { epochs: 1e7 }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(fit).rejects.toThrow('enough');
    await expect(fitMask([set], {}, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('trains on two images, in minibatches larger than there are pairs', async () => {
    const two = drawnSet(drawnStatistics(2));
    const { encoder, nTrainingPairs } = await fitMask([two], { ...fast, batch: 1000 });
    expect(nTrainingPairs).toBe(1);
    expect(encoder.mask.every(Number.isFinite)).toBe(true);
  });

  it('trains where some channels are constant, or all dissimilarities the same', async () => {
    const dead = {
      ...statistics,
      products: statistics.products.slice(),
      energies: statistics.energies.slice(),
      sums: statistics.sums.slice(),
    };
    for (const rows of [dead.products, dead.energies, dead.sums]) for (let k = 2; k < rows.length; k += 10) rows[k] = 0;
    for (const each of [drawnSet(dead), constantSet(statistics, 0.7), constantSet(statistics, 0)]) {
      const { encoder } = await fitMask([each], { epochs: 5 });
      expect(encoder.mask.every(Number.isFinite)).toBe(true);
    }
  });

  it('agrees over three data sets in two image sets with fits of copies that share nothing', async () => {
    const shared = goldenSets();
    const copied = shared.map((each) => ({ ...each, statistics: structuredClone(each.statistics) }));
    const [a, b] = await Promise.all([shared, copied].map((sets) => fitMask(sets, fast)));
    for (const [c, value] of a.encoder.mask.entries()) expect(b.encoder.mask[c]).toBeCloseTo(value, 8);
  });

  const nan = { ...statistics, sums: statistics.sums.slice() };
  nan.sums[3 * 10 + 5] = Number.NaN;
  const gray = plainStatistics(
    [{ name: 's', channels: 1, height: 1, width: 2 }],
    [[1, 2, 5, 5, 3, 1]],
    ['a.jpg', 'gray.jpg', 'b.jpg'],
  );
  const graySet = {
    ...set,
    statistics: gray,
    targets: { ...set.targets, nConditions: 3, conditions: null, nSubjects: 1, values: Float64Array.of(1, 1, 1) },
  };
  it.each([
    ['no data set', [], {}, /at least one data set/],
    ['two data sets of one name', [set, set], {}, /got EVC twice/],
    [
      'RDMs of fewer images',
      [{ ...set, targets: other.targets }],
      {},
      /the images of EVC has 24 conditions, the RDMs of EVC has 12/,
    ],
    [
      'RDMs of other images',
      [{ ...set, targets: { ...set.targets, conditions: statistics.conditions.toReversed() } }],
      {},
      /row 1/,
    ],
    ['sets of other stages', [set, { ...graySet, name: 'gray' }], {}, /stages: expected/],
    [
      'features that are NaN',
      [{ ...set, statistics: nan }],
      {},
      /image image3\.jpg, stage late: expected finite features/,
    ],
    ['an image without variance', [graySet], { batch: 3 }, /image gray\.jpg: .*leave the image out/],
    [
      'a rate so high that the loss is no number',
      [set],
      { learningRate: { mask: 1e160, readout: 1e160 } },
      /epoch \d+, step \d+: expected a finite loss, got .*lower training\.learningRate/,
    ],
    ['no epochs', [set], { epochs: 0 }, /training\.epochs: expected a whole number of at least 1, got 0/],
    ['half a pair', [set], { batch: 0.5 }, /training\.batch/],
    [
      'a rate that is NaN',
      [set],
      { learningRate: { mask: Number.NaN, readout: 1 } },
      /learningRate\.mask: expected a number of at least 0, got NaN/,
    ],
    ['an unknown loss', [set], { loss: 'huber' as 'l1' }, /training\.loss: expected one of l1, mse, got huber/],
  ] as [string, (typeof set)[], TrainingOptions, RegExp][])('refuses %s', async (_, sets, options, message) => {
    const fit = fitMask(sets, options);
    await expect(fit).rejects.toThrow(message);
    await expect(fit).rejects.toSatisfy(
      (error) => error instanceof UsageError || (error as Error).name === 'ShapeError',
    );
  });
});
