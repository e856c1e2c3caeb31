import { describe, expect, it } from 'vitest';
import { channelWeights, untrainedEncoder } from '../../src/encoder/channel-weights.ts';
import { PAIR_RESOLUTIONS } from '../../src/encoder/encoder.ts';
import { applyReadout, predictDissimilarities } from '../../src/encoder/predict.ts';
import { weightParts } from '../../src/features/channel-weights.ts';
import { encoderOf, golden, goldenStatistics, plainStatistics } from '../training/golden.ts';

describe('predictDissimilarities', () => {
  it.each(PAIR_RESOLUTIONS)('is 1 - numpy.corrcoef of the embeddings to 1e-12: %s mask', (resolution) => {
    for (const [imageSet, expected] of Object.entries(golden.dissimilarities[resolution])) {
      const predicted = predictDissimilarities(goldenStatistics(imageSet), channelWeights(encoderOf(resolution)));
      expect(predicted.length).toBe(expected.length);
      for (const [pair, value] of expected.entries()) expect(predicted[pair]).toBeCloseTo(value, 12);
    }
  });

  const stages = [{ name: 's', channels: 2, height: 1, width: 3 }];
  const ones = new Float64Array(2).fill(1);

  it('is within [0, 2], also where images are the same but for rounding', () => {
    const features = [0.1, 0.7, 0.2, 0.3, 0.9, 0.4];
    const statistics = plainStatistics(stages, [[...features, ...features]], ['a', 'b']);
    const rounded = { ...statistics, products: statistics.products.map((value) => value * (1 + 1e-7)) };
    expect(Array.from(predictDissimilarities(rounded, ones))).toEqual([0]);
  });

  it('has no pairs for a single image', () => {
    expect(predictDissimilarities(plainStatistics(stages, [[1, 2, 3, 4, 5, 6]], ['a']), ones)).toHaveLength(0);
  });

  it('is NaN for pairs of an image with NaN features', () => {
    const statistics = plainStatistics(
      stages,
      [[1, 2, 3, 4, 5, Number.NaN, 1, 0, 3, 4, 5, 1, 1, 2, 0, 0, 5, 1]],
      ['a', 'b', 'c'],
    );
    const predicted = predictDissimilarities(statistics, ones);
    expect([predicted[0], predicted[1]]).toEqual([Number.NaN, Number.NaN]);
    expect(predicted[2]).toBeGreaterThan(0);
  });

  it('names an image whose features are constant', () => {
    const statistics = plainStatistics(
      stages,
      [[1, 2, 3, 4, 5, 6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
      ['a.jpg', 'gray.jpg'],
    );
    expect(() => predictDissimilarities(statistics, ones)).toThrow(/image gray\.jpg: .*leave the image out/);
  });

  it('refuses weights of other stages', () => {
    const statistics = plainStatistics(stages, [[1, 2, 3, 4, 5, 6, 1, 1, 0, 1, 1, 1]], ['a', 'b']);
    expect(() => predictDissimilarities(statistics, new Float64Array(3))).toThrow(/1 pairs x 3 channels, got 2/);
  });
});

describe('channelWeights', () => {
  it("multiplies a stage's mask value into the scale of each of its channels", () => {
    const [a, b, c] = golden.masks.stage;
    const expected = [a, a, a, b, b, b, b, c, c].map((value, k) => value * golden.scales.stage[k]);
    expect(Array.from(weightParts(channelWeights(encoderOf('stage'))).mean)).toEqual(expected);
  });

  it('is all ones for an encoder that has learned nothing', () => {
    expect(new Set(weightParts(channelWeights(untrainedEncoder(golden.stages))).mean)).toEqual(new Set([1]));
  });

  it('refuses a mask or a scale of another size', () => {
    const encoder = encoderOf('channel');
    expect(() => channelWeights({ ...encoder, mask: new Float64Array(3) })).toThrow(/expected 9 mask values .*, got 3/);
    expect(() => channelWeights({ ...encoder, scale: new Float64Array(3) })).toThrow(
      /expected 9 scale values .*, got 3/,
    );
  });
});

it('applyReadout predicts exp(alpha) d + b', () => {
  const readout = { name: 'x', alpha: Math.log(2), b: 0.5 };
  expect(Array.from(applyReadout(Float64Array.of(0, 1, 0.25), readout))).toEqual([0.5, 2.5, 1]);
});
