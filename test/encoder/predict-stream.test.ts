import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { channelWeights, embeddingWeights, untrainedEncoder } from '../../src/encoder/channel-weights.ts';
import { type Encoder, MASK_RESOLUTIONS, PAIR_RESOLUTIONS } from '../../src/encoder/encoder.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { pooledShares, predictStream } from '../../src/encoder/predict-stream.ts';
import { signedMeanMasks, stageShares } from '../../src/encoder/tuning.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { openScratchFile } from '../../src/host/files.ts';
import { relativeError } from '../features/closeness.ts';
import { drawnImages, goldenImages, streamOf } from '../features/streams.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };

const { stages } = golden;
const stream = streamOf(stages, goldenImages());
const nChannels = golden.scale.length;
const featureEncoder: Encoder = {
  ...untrainedEncoder(stages, 'feature', Float64Array.from(golden.scale)),
  mask: Float64Array.from(golden.featureMask),
};

/** One value a channel, said for each of its features. */
function perFeature(values: ArrayLike<number>): Float64Array {
  let channel = 0;
  return Float64Array.from(
    stages.flatMap(({ channels, height, width }) =>
      Array.from({ length: channels }, () => new Array<number>(height * width).fill(values[channel++])).flat(),
    ),
  );
}

describe('predictStream', () => {
  it("of a mask of features equals numpy's corrcoef and parts of var of the masked, flattened features to 1e-12", async () => {
    for (const options of [{}, { openScratch: openScratchFile() }]) {
      const { nImages, dissimilarities, stageShares } = await predictStream(stream, featureEncoder, options);
      expect(nImages).toBe(golden.nImages);
      expect(relativeError(dissimilarities, golden.rdmFeature)).toBeLessThan(1e-12);
      expect(relativeError(stageShares, golden.sharesFeature)).toBeLessThan(1e-12);
    }
  });

  const masks = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: nChannels, maxLength: nChannels });

  it('of a mask of features that is constant within channels is that of the mask of channels', async () => {
    await fc.assert(
      fc.asyncProperty(masks, fc.integer({ min: 1, max: 2 ** 31 }), async (values, seed) => {
        values[0] += 4; // never all zeros
        const images = streamOf(stages, drawnImages(stages, 4, seed));
        const scale = Float64Array.from(golden.scale);
        const channel = { ...untrainedEncoder(stages, 'channel', scale), mask: Float64Array.from(values) };
        const feature = { ...untrainedEncoder(stages, 'feature', scale), mask: perFeature(values) };
        const [expected, got] = [await predictStream(images, channel), await predictStream(images, feature)];
        expect(relativeError(got.dissimilarities, expected.dissimilarities)).toBeLessThan(1e-12);
        expect(relativeError(got.stageShares, expected.stageShares)).toBeLessThan(1e-12);
      }),
      { numRuns: 50 },
    );
  });

  it.each(PAIR_RESOLUTIONS)('gives what pair statistics do, written apart: %s mask', async (resolution) => {
    const statistics = await pairStatistics(stream, { precision: 'float64' });
    const blank = untrainedEncoder(stages, resolution);
    const encoder = {
      ...blank,
      mask: blank.mask.map((_, k) => Math.cos(k) + 0.3),
      scale: blank.scale.map((_, k) => 1.2 + Math.sin(k)),
    };
    const { dissimilarities, stageShares: shares } = await predictStream(stream, encoder);
    const expected = predictDissimilarities(statistics, channelWeights(encoder));
    expect(relativeError(dissimilarities, expected)).toBeLessThan(1e-10);
    expect(relativeError(shares, stageShares(encoder, [statistics]))).toBeLessThan(1e-10);
  });

  it('pools the shares of several sets as if they were one', async () => {
    const images = drawnImages(stages, 7);
    const [few, more] = await Promise.all(
      [images.slice(0, 2), images.slice(2)].map((each) => predictStream(streamOf(stages, each), featureEncoder)),
    );
    const together = await predictStream(streamOf(stages, images), featureEncoder);
    expect(relativeError(pooledShares([few, more]), together.stageShares)).toBeLessThan(1e-12);
    expect(relativeError(few.stageShares, together.stageShares)).toBeGreaterThan(1e-3);
  });

  it('counts a position of mask value 0 as a feature that is 0', async () => {
    const images = goldenImages();
    const silenced = images.map((features) =>
      features.map((values) => values.map((value, p) => (p === 3 ? 0 : value))),
    );
    const expected = await predictStream(streamOf(stages, silenced), featureEncoder);
    let first = 0;
    const mask = featureEncoder.mask.slice();
    for (const { channels, height, width } of stages) {
      mask[first + 3] = 0;
      first += channels * height * width;
    }
    const got = await predictStream(stream, { ...featureEncoder, mask });
    expect(relativeError(got.dissimilarities, expected.dissimilarities)).toBeLessThan(1e-12);
  });

  it('refuses other stages, a mask or scale of another size, and images that the mask leaves constant', async () => {
    const other = streamOf(stages.slice(1), []);
    await expect(predictStream(other, featureEncoder)).rejects.toThrow(ShapeError);
    const short = { ...featureEncoder, mask: featureEncoder.mask.slice(1) };
    await expect(predictStream(stream, short)).rejects.toThrow(/expected 125 mask values .*feature.*, got 124/);
    const unscaled = { ...featureEncoder, scale: new Float64Array(125) };
    await expect(predictStream(stream, unscaled)).rejects.toThrow(/expected 18 scale values/);
    const silent = { ...featureEncoder, mask: new Float64Array(125) };
    await expect(predictStream(stream, silent)).rejects.toThrow(/image 0, image 1.* are constant/);
  });
});

describe('a mask of features', () => {
  it('cannot be weighed by pair statistics, and says so', async () => {
    const statistics = await pairStatistics(stream);
    const message =
      'encoder: expected a mask that pair statistics can weigh (stage, channel, split), got one of features; predict from the features themselves';
    expect(() => channelWeights(featureEncoder)).toThrow(new UsageError(message));
    expect(() => stageShares(featureEncoder, [statistics])).toThrow(UsageError);
  });

  it("has scipy's mean and 95 % interval of each stage's values", () => {
    for (const [k, { mean, ci95 }] of signedMeanMasks(featureEncoder).entries()) {
      const expected = golden.signedMeansFeature[k];
      expect(mean).toBeCloseTo(expected.mean, 12);
      expect(relativeError(ci95!, expected.ci95)).toBeLessThan(1e-8);
    }
  });

  it('multiplies each feature by its value and the scale of its channel', () => {
    const weights = embeddingWeights(featureEncoder) as { features: Float64Array };
    const factors = perFeature(golden.scale);
    expect(Array.from(weights.features)).toEqual(golden.featureMask.map((value, k) => value * factors[k]));
  });
});

it.each(MASK_RESOLUTIONS)(
  'embeddingWeights are ones for an encoder that has learned nothing: %s mask',
  (resolution) => {
    const weights = embeddingWeights(untrainedEncoder(stages, resolution));
    const values =
      weights instanceof Float64Array ? weights : Object.values(weights).flatMap((part) => Array.from(part));
    expect(new Set(values)).toEqual(new Set([1]));
  },
);
