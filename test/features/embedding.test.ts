import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import { plainGram } from '../../src/core/gram.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { compareEmbeddings, compareEmbeddingsBy, embeddingRdm } from '../../src/features/embedding.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { openScratchFile } from '../../src/host/files.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };
import { relativeError } from './closeness.ts';
import { drawnImages, goldenImages, streamOf } from './streams.ts';

const stream = streamOf(golden.stages, goldenImages());
const weights = Float64Array.from(golden.mask, (mask, c) => mask * golden.scale[c]);
const ones = new Float64Array(weights.length).fill(1);

describe('compareEmbeddingsBy', () => {
  it('gives for each weights, to the last bit, what they give alone, and reads the features once', async () => {
    let nReadings = 0;
    const counted = {
      ...stream,
      read() {
        nReadings++;
        return stream.read();
      },
    };
    const reversed = weights.slice().reverse();
    const alone = [await compareEmbeddings(stream, weights), await compareEmbeddings(stream, reversed)];
    for (const options of [{}, { openScratch: openScratchFile() }]) {
      expect(await compareEmbeddingsBy(counted, [weights, reversed], options)).toEqual(alone);
    }
    expect(nReadings).toBe(2);
    expect(alone[0]).not.toEqual(alone[1]);
  });
});

describe('embeddingRdm', () => {
  it("equals numpy's 1 - corrcoef of the weighted, flattened, concatenated features to 1e-12", async () => {
    expect(relativeError(await embeddingRdm(stream, weights), golden.rdm)).toBeLessThan(1e-12);
    expect(relativeError(await embeddingRdm(stream, ones), golden.rdmUnweighted)).toBeLessThan(1e-12);
  });

  it('equals it under a large common offset to 1e-10, and from a scratch file', async () => {
    const filed = await embeddingRdm(stream, weights, { openScratch: openScratchFile() });
    expect(relativeError(filed, golden.rdm)).toBeLessThan(1e-12);
    const offset = streamOf(
      golden.stages,
      goldenImages((value) => Math.fround(value) + golden.offset),
    );
    const absolute = Float64Array.from(golden.mask, Math.abs);
    expect(relativeError(await embeddingRdm(offset, absolute), golden.rdmOffset)).toBeLessThan(1e-10);
  });

  it('agrees with the pair statistics formula, written apart, to 1e-10', async () => {
    const statistics = await pairStatistics(stream, { precision: 'float64' });
    const predicted = predictDissimilarities(statistics, weights);
    expect(relativeError(await embeddingRdm(stream, weights), predicted)).toBeLessThan(1e-10);
    const kept = await pairStatistics(stream, { precision: 'float32' });
    expect(relativeError(predictDissimilarities(kept, weights), predicted)).toBeLessThan(1e-6);
  });

  it('agrees with the pair statistics formula where pattern and mean of a channel are weighed apart', async () => {
    const statistics = await pairStatistics(stream, { precision: 'float64' });
    const split = { pattern: weights.map((value) => 1.5 - value), mean: weights };
    const predicted = predictDissimilarities(statistics, split);
    expect(relativeError(await embeddingRdm(stream, split), predicted)).toBeLessThan(1e-10);
    expect(relativeError(predicted, predictDissimilarities(statistics, weights))).toBeGreaterThan(1e-3);
  });

  it('agrees with the pair statistics formula for any mask and any features', async () => {
    const channels = golden.stages.reduce((sum, stage) => sum + stage.channels, 0);
    const mask = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: channels, maxLength: channels });
    await fc.assert(
      fc.asyncProperty(mask, fc.integer({ min: 1, max: 2 ** 31 }), async (values, seed) => {
        values[0] += 4; // never all zeros
        const drawn = streamOf(golden.stages, drawnImages(golden.stages, 4, seed));
        const w = Float64Array.from(values);
        const statistics = await pairStatistics(drawn, { precision: 'float64' });
        expect(relativeError(await embeddingRdm(drawn, w), predictDissimilarities(statistics, w))).toBeLessThan(1e-10);
      }),
      { numRuns: 50 },
    );
  });

  it('does not change when all weights are multiplied by one number, or flip their sign', async () => {
    const rdm = await embeddingRdm(stream, weights);
    for (const factor of [-1, 1e-6, 37]) {
      const scaled = await embeddingRdm(
        stream,
        weights.map((weight) => weight * factor),
      );
      expect(relativeError(scaled, rdm)).toBeLessThan(1e-10);
    }
  });

  it('counts the features of a channel of weight 0 as zeros', async () => {
    const weight = ones.map((_, c) => (c < 3 ? 0 : 1));
    const images = goldenImages();
    const silenced = images.map(([early, ...rest]) => [early.map(() => 0), ...rest]);
    const expected = await embeddingRdm(streamOf(golden.stages, silenced), ones);
    expect(relativeError(await embeddingRdm(stream, weight), expected)).toBeLessThan(1e-12);
  });

  it('reads features in blocks of any size: 3 images whose stages pass one block', async () => {
    const stages = [
      { name: 'wide', channels: 2, height: 1900, width: 1000 },
      { name: 'narrow', channels: 3, height: 1, width: 1 },
    ];
    const images = drawnImages(stages, 3);
    const calls: number[] = [];
    const gram = (rows: Float32Array | Float64Array, n: number, d: number) => {
      calls.push(d);
      return plainGram(rows, n, d);
    };
    const rdm = await embeddingRdm(streamOf(stages, images), Float64Array.of(1, 2, 3, 4, 5), { gram });
    expect(calls.length).toBeGreaterThan(2);
    const rows = images.map(([wide, narrow]) => [
      ...Array.from(wide, (x, k) => (k < 1_900_000 ? x : 2 * x)),
      ...Array.from(narrow, (x, k) => x * (3 + k)),
    ]);
    expect(Math.abs(rdm[1] - (1 - pearson(rows[0], rows[2])))).toBeLessThan(1e-11);
  });

  it('gives identical images 0, and a single image an empty RDM', async () => {
    const [first, second] = goldenImages();
    const rdm = await embeddingRdm(streamOf(golden.stages, [first, second, first]), weights);
    expect(rdm[1]).toBeGreaterThanOrEqual(0);
    expect(rdm[1]).toBeLessThan(1e-14);
    expect(Array.from(await embeddingRdm(streamOf(golden.stages, [first]), weights))).toEqual([]);
  });

  it('refuses images whose embedding is constant, naming them', async () => {
    const images = goldenImages();
    images[2] = images[2].map((values) => values.map(() => 0.1));
    images[5] = images[5].map((values) => values.map(() => 0));
    const wrong = embeddingRdm(streamOf(golden.stages, images), ones);
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow(/image 2, image 5 are constant/);
    await expect(
      embeddingRdm(
        stream,
        ones.map(() => 0),
      ),
    ).rejects.toThrow(/are constant/);
  });

  it('refuses another number of weights, and NaN in features or weights', async () => {
    await expect(embeddingRdm(stream, ones.slice(1))).rejects.toThrow(ShapeError);
    await expect(
      embeddingRdm(
        stream,
        ones.map((_, c) => (c === 2 ? Number.NaN : 1)),
      ),
    ).rejects.toThrow(FormatError);
    const images = goldenImages();
    images[1][0][0] = Number.POSITIVE_INFINITY;
    await expect(embeddingRdm(streamOf(golden.stages, images), ones)).rejects.toThrow(/image 1/);
  });
});

function pearson(x: number[], y: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, k) => {
    xy += (value - mx) * (y[k] - my);
    xx += (value - mx) ** 2;
    yy += (y[k] - my) ** 2;
  });
  return xy / Math.sqrt(xx * yy);
}
