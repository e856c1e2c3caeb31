import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelWeights, untrainedEncoder } from '../../src/encoder/channel-weights.ts';
import { type Encoder, PAIR_RESOLUTIONS } from '../../src/encoder/encoder.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { predictStream } from '../../src/encoder/predict-stream.ts';
import { stageParts } from '../../src/encoder/stage-parts.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { relativeError } from '../features/closeness.ts';
import { drawnImages, goldenImages, streamOf } from '../features/streams.ts';
import features from '../golden/features/expected.json' with { type: 'json' };
import expected from '../golden/stage-parts/expected.json' with { type: 'json' };
import { encoderOf, goldenStatistics, plainStatistics } from '../training/golden.ts';

const stages = [
  { name: 'early', channels: 2, height: 3, width: 2 },
  { name: 'tokens', channels: 3, height: 1, width: 1 },
  { name: 'late', channels: 4, height: 1, width: 2 },
];

/** Half the squared distance of each stage's part of two standardised embeddings, from the features themselves. */
function plainParts(images: readonly (readonly Float32Array[])[], { mask, scale }: Encoder): number[][] {
  const standardised = images.map((features) => {
    let c = -1;
    const embedding = features.map((values, k) =>
      Array.from(values, (value, p) => {
        if (p % (stages[k].height * stages[k].width) === 0) c++;
        return value * mask[c] * scale[c];
      }),
    );
    const all = embedding.flat();
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const length = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    return embedding.map((values) => values.map((value) => (value - mean) / length));
  });
  return stages.map((_, k) =>
    standardised.flatMap((one, i) =>
      standardised
        .slice(i + 1)
        .map((other) => one[k].reduce((sum, value, p) => sum + (value - other[k][p]) ** 2, 0) / 2),
    ),
  );
}

describe('stageParts', () => {
  it.each(PAIR_RESOLUTIONS)(
    "are numpy's half squared distances of standardised embeddings to 1e-12: %s mask",
    (resolution) => {
      for (const [imageSet, ofStages] of Object.entries(expected.byResolution[resolution])) {
        const parts = stageParts(goldenStatistics(imageSet), encoderOf(resolution));
        expect(parts).toHaveLength(ofStages.flat().length);
        for (const [k, value] of ofStages.flat().entries()) expect(parts[k]).toBeCloseTo(value, 12);
      }
    },
  );

  const masks = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 9, maxLength: 9 });

  it('are those of the features, at least 0, and sum to the predicted dissimilarity to 1e-10', async () => {
    await fc.assert(
      fc.asyncProperty(masks, fc.integer({ min: 1, max: 2 ** 31 }), async (values, seed) => {
        values[0] += 4; // never all zeros
        const scale = Float64Array.from({ length: 9 }, (_, k) => 1.2 + Math.sin(k));
        const encoder = { ...untrainedEncoder(stages, 'channel', scale), mask: Float64Array.from(values) };
        const images = drawnImages(stages, 5, seed);
        const statistics = await pairStatistics(streamOf(stages, images), { precision: 'float64' });
        const parts = stageParts(statistics, encoder);
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        for (const [k, value] of plainParts(images, encoder).flat().entries()) {
          expect(Math.abs(parts[k] - value)).toBeLessThan(1e-10);
        }
        for (const [pair, value] of predictDissimilarities(statistics, channelWeights(encoder)).entries()) {
          expect(Math.abs(parts[pair] + parts[10 + pair] + parts[20 + pair] - value)).toBeLessThan(1e-10);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are 0 of a stage that sees two images alike, and not below it for what rounding adds', () => {
    const shape = [stages[0]];
    const features = [0.1, 0.7, 0.2, 0.3, 0.9, 0.4, 5, 1, 3, 1, 2, 3];
    const statistics = plainStatistics(shape, [[...features, ...features]], ['a', 'b']);
    const rounded = { ...statistics, products: statistics.products.map((value) => value * (1 + 1e-7)) };
    expect(Array.from(stageParts(rounded, untrainedEncoder(shape)))).toEqual([0]);
  });

  it('are NaN for pairs of an image with NaN features, and none for a single image', () => {
    const shape = [{ name: 's', channels: 2, height: 1, width: 3 }];
    const features = [1, 2, 3, 4, 5, Number.NaN, 1, 0, 3, 4, 5, 1, 1, 2, 0, 0, 5, 1];
    const parts = stageParts(plainStatistics(shape, [features], ['a', 'b', 'c']), untrainedEncoder(shape));
    expect(Array.from(parts.subarray(0, 2))).toEqual([Number.NaN, Number.NaN]);
    expect(parts[2]).toBeGreaterThan(0);
    expect(stageParts(plainStatistics(shape, [[1, 2, 3, 4, 5, 6]], ['a']), untrainedEncoder(shape))).toHaveLength(0);
  });

  it('refuse other stages, images that the mask leaves constant, and a mask of features', () => {
    const statistics = goldenStatistics('A');
    expect(() => stageParts(statistics, untrainedEncoder(stages.slice(1)))).toThrow(/15 pairs x 7 channels, got 135/);
    expect(() => stageParts(statistics, { ...encoderOf('channel'), mask: new Float64Array(9) })).toThrow(/image A0/);
    expect(() => stageParts(statistics, untrainedEncoder(stages, 'feature'))).toThrow(/one of features/);
  });
});

describe('stage parts of predictStream', () => {
  it("are numpy's of a mask of features to 1e-12, and not there unless asked for", async () => {
    const scale = Float64Array.from(features.scale);
    const encoder = {
      ...untrainedEncoder(features.stages, 'feature', scale),
      mask: Float64Array.from(features.featureMask),
    };
    const stream = streamOf(features.stages, goldenImages());
    const { stageParts: parts } = await predictStream(stream, encoder, { stageParts: true });
    expect(relativeError(parts!, expected.feature.flat())).toBeLessThan(1e-12);
    expect((await predictStream(stream, encoder)).stageParts).toBeNull();
  });

  it.each(PAIR_RESOLUTIONS)('are those of pair statistics, written apart: %s mask', async (resolution) => {
    const blank = untrainedEncoder(stages, resolution);
    const encoder = { ...blank, mask: blank.mask.map((_, k) => Math.cos(k) + 0.3) };
    const stream = streamOf(stages, drawnImages(stages, 6));
    const statistics = await pairStatistics(stream, { precision: 'float64' });
    const { stageParts: parts } = await predictStream(stream, encoder, { stageParts: true });
    expect(relativeError(parts!, stageParts(statistics, encoder))).toBeLessThan(1e-10);
  });
});
