import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.ts';
import { runInTurn } from '../../../src/core/parallel.ts';
import { pairStatistics } from '../../../src/features/pair-statistics.ts';
import { pairPredictors, reweightedProducts } from '../../../src/training/rivals/pair-predictors.ts';
import { reweightChannels, reweightedRdm } from '../../../src/training/rivals/reweighting.ts';
import { streamOf } from '../../features/streams.ts';
import golden from '../../golden/rivals/expected.json' with { type: 'json' };

const expected = golden.reweighting;
const [first, second, test] = await Promise.all(
  expected.images.map((images) =>
    pairStatistics(
      streamOf(
        expected.stages,
        images.map((image) => image.map((values) => Float32Array.from(values))),
      ),
      { precision: 'float64' },
    ),
  ),
);
const sets = [first, first, second].map((statistics, s) => ({
  statistics,
  targets: Float64Array.from(expected.targets[s]),
  folds: expected.folds[s],
}));

describe('feature reweighting', () => {
  it('predicts from products of standardised activations, one number a channel, as numpy makes them from features', () => {
    const rows = pairPredictors(first);
    expected.predictors.flat().forEach((value, k) => {
      expect(rows[k]).toBeCloseTo(value, 10);
    });
  });

  it("has predictors that add up to Pearson's correlation of the two images", () => {
    const sums = reweightedProducts(first, new Float64Array(9).fill(1));
    expected.predictors.forEach((row, pair) => {
      expect(sums[pair]).toBeCloseTo(
        row.reduce((sum, value) => sum + value, 0),
        10,
      );
    });
  });

  it('takes the penalty that errs least on pairs of left-out images, as numpy does, and its weights', async () => {
    const model = await reweightChannels(sets, { runTasks: runInTurn });
    expect(model.penalty).toBeCloseTo(expected.penalty, 10);
    expected.weights.forEach((weight, c) => {
      expect(model.weights[c]).toBeCloseTo(weight, 7);
    });
  });

  it('predicts other images in the mean unit of the data sets learnt from', async () => {
    const predicted = reweightedRdm(test, await reweightChannels(sets, { runTasks: runInTurn }));
    expected.predicted.forEach((value, pair) => {
      expect(predicted[pair]).toBeCloseTo(value, 6);
    });
  });

  it('sees nothing of images that no fold holds', async () => {
    const [{ statistics, targets }] = sets;
    const folds = [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ];
    let pair = 0;
    const changed = targets.slice();
    for (let i = 0; i < 12; i++) for (let j = i + 1; j < 12; j++, pair++) if (j >= 8) changed[pair] = Number.NaN;
    const [a, b] = await Promise.all(
      [targets, changed].map((each) =>
        reweightChannels([{ statistics, targets: each, folds }], { runTasks: runInTurn }),
      ),
    );
    expect(b).toEqual(a);
  });

  it('tries lower penalties where the lowest is the best: RDMs without noise', async () => {
    const truth = Float64Array.of(-3, 0, 0, -1, 0, 0, -2, 0, 0);
    const exact = [first, second].map((statistics, s) => ({
      statistics,
      targets: reweightedProducts(statistics, truth),
      folds: expected.folds[2 * s],
    }));
    const model = await reweightChannels(exact, { runTasks: runInTurn });
    expect(model.penalty).toBeLessThan(1e-3);
    const predicted = reweightedRdm(test, model);
    reweightedProducts(test, truth).forEach((value, pair) => {
      expect(predicted[pair]).toBeCloseTo(value, 1);
    });
  });

  it('refuses folds of a single image, which have no pair', async () => {
    const [{ statistics, targets }] = sets;
    const tooSmall = reweightChannels([{ statistics, targets, folds: [[0, 1, 2], [3]] }], { runTasks: runInTurn });
    await expect(tooSmall).rejects.toThrow(UsageError);
  });
});
