import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { pairStatistics, subsetStatistics } from '../../src/features/pair-statistics.ts';
import { channelScale } from '../../src/features/scale.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };
import { relativeError } from './closeness.ts';
import { goldenImages, streamOf } from './streams.ts';

const statistics = await pairStatistics(streamOf(golden.stages, goldenImages()));

describe('channelScale', () => {
  it("equals numpy's 1 / sqrt(e / mean(e) + 1e-3) over the training images", () => {
    expect(relativeError(channelScale([statistics], [golden.trainingImages]), golden.scale)).toBeLessThan(1e-13);
  });

  it('gives pattern and mean of a split channel a factor each, from the energy of each about all of both', () => {
    const factors = channelScale([statistics], [golden.trainingImages], { split: true });
    const energies = golden.stages.flatMap(({ channels, height, width }, stage) => {
      const nPositions = height * width;
      return Array.from({ length: channels }, (_, channel) => {
        const images = golden.trainingImages.map((image) => {
          const first = (image * channels + channel) * nPositions;
          return golden.features[stage].slice(first, first + nPositions).map(Math.fround);
        });
        const means = images.map((values) => values.reduce((sum, value) => sum + value, 0) / nPositions);
        return {
          pattern: images
            .flatMap((values, k) => values.map((value) => (value - means[k]) ** 2))
            .reduce((a, b) => a + b, 0),
          mean: means.reduce((sum, value) => sum + nPositions * value ** 2, 0),
        };
      });
    });
    const parts = [...energies.map(({ pattern }) => pattern), ...energies.map(({ mean }) => mean)];
    const average = parts.reduce((sum, value) => sum + value, 0) / parts.length;
    const expected = parts.map((energy) => 1 / Math.sqrt(energy / average + 1e-3));
    expect(relativeError(factors, expected)).toBeLessThan(1e-10);
  });

  it('takes hundreds of thousands of channels, split too: features of flattened layers', () => {
    const channels = 200_000;
    const stages = [{ name: 'flat', channels, height: 1, width: 1 }];
    const ones = new Float64Array(channels).fill(1);
    const wide = { conditions: ['a'], stages, products: new Float64Array(0), energies: ones, sums: ones };
    const factors = channelScale([wide], [[0]], { split: true });
    expect(factors).toHaveLength(2 * channels);
    expect(factors[0]).toBeCloseTo(1 / Math.sqrt(1e-3), 10);
    expect(factors[channels]).toBeCloseTo(1 / Math.sqrt(2 + 1e-3), 10);
  });

  it('never sees an image that is not trained on', () => {
    const seen = subsetStatistics(statistics, golden.trainingImages);
    expect(relativeError(channelScale([seen], [[0, 1, 2, 3]]), golden.scale)).toBeLessThan(1e-13);
  });

  it('pools sets, and counts an image once however often it is named', () => {
    const halves = [subsetStatistics(statistics, [0, 2]), subsetStatistics(statistics, [3, 6])];
    expect(
      relativeError(
        channelScale(halves, [
          [0, 1],
          [0, 1, 1],
        ]),
        golden.scale,
      ),
    ).toBeLessThan(1e-13);
  });

  it('gives a channel that is always 0 the factor 1 / sqrt(epsilon), and depends on no common factor of the features', async () => {
    const scale = channelScale([statistics], [golden.trainingImages]);
    expect(scale[5]).toBeCloseTo(1 / Math.sqrt(1e-3), 10);
    const louder = await pairStatistics(
      streamOf(
        golden.stages,
        goldenImages((value) => value * 8),
      ),
    );
    expect(relativeError(channelScale([louder], [golden.trainingImages]), golden.scale)).toBeLessThan(1e-13);
  });

  it('refuses features that are all 0, no training images, no sets, other stages, and rows that are not there', async () => {
    const silent = await pairStatistics(
      streamOf(
        golden.stages,
        goldenImages(() => 0),
      ),
    );
    expect(() => channelScale([silent], [[0]])).toThrow(UsageError);
    expect(() => channelScale([statistics], [[]])).toThrow(UsageError);
    expect(() => channelScale([], [])).toThrow(ShapeError);
    expect(() => channelScale([statistics], [[7]])).toThrow(ShapeError);
    const stages = golden.stages.map((stage) => ({ ...stage, name: `${stage.name}'` }));
    expect(() => channelScale([statistics, { ...statistics, stages }], [[0], [0]])).toThrow(
      /early 3 x 4 x 5.*early' 3 x 4 x 5/,
    );
  });
});
