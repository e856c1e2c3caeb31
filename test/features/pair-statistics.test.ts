import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { engineChannelProducts, plainChannelProducts } from '../../src/features/channel-products.ts';
import {
  allocateStatistics,
  checkPairStatistics,
  pairStatistics,
  subsetStatistics,
} from '../../src/features/pair-statistics.ts';
import { channelBlocks, layOutStages } from '../../src/features/stage-layout.ts';
import { openScratchFile } from '../../src/host/files.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };
import { relativeError } from './closeness.ts';
import { drawnImages, goldenImages, streamOf } from './streams.ts';

const engine = await engineChannelProducts(await nodeEngine());
afterAll(() => engine.release());

const ways = { 'plain loops': plainChannelProducts, 'the engine': engine.products };

describe('pairStatistics', () => {
  for (const [way, products] of Object.entries(ways)) {
    it(`equals numpy's sums over full features to 1e-13 in float64 with ${way}`, async () => {
      const statistics = await pairStatistics(streamOf(golden.stages, goldenImages()), {
        precision: 'float64',
        products,
      });
      expect(statistics.products).toBeInstanceOf(Float64Array);
      expect(relativeError(statistics.products, golden.products)).toBeLessThan(1e-13);
      expect(relativeError(statistics.energies, golden.energies)).toBeLessThan(1e-13);
      expect(relativeError(statistics.sums, golden.sums)).toBeLessThan(1e-13);
    });

    it(`sums in float64 and only then rounds to float32 with ${way}`, async () => {
      const statistics = await pairStatistics(streamOf(golden.stages, goldenImages()), {
        precision: 'float32',
        products,
      });
      expect(statistics.products).toBeInstanceOf(Float32Array);
      statistics.products.forEach((value, k) => {
        expect(Math.abs(value - golden.products[k])).toBeLessThanOrEqual(
          2 ** -24 * 1.0001 * Math.abs(golden.products[k]) + 1e-13,
        );
      });
      expect(relativeError(statistics.energies, golden.energies)).toBeLessThan(1e-13);
    });
  }

  it('keeps ten digits of a sum that float32 would lose: half a million values around 1000', async () => {
    const stages = [{ name: 'wide', channels: 1, height: 700, width: 700 }];
    const images = drawnImages(stages, 2).map(([values]) => [values.map((value) => value + 1000)]);
    const [[a], [b]] = images;
    let exact = 0n;
    // Features are float32: times 2^16 they are whole numbers here, so BigInt sums them without rounding.
    for (let p = 0; p < a.length; p++) exact += BigInt(Math.round(a[p] * 65536)) * BigInt(Math.round(b[p] * 65536));
    const expected = Number(exact) / 2 ** 32;
    for (const products of Object.values(ways)) {
      const statistics = await pairStatistics(streamOf(stages, images), { precision: 'float64', products });
      const [ofMeans] = [(statistics.sums[0] * statistics.sums[1]) / a.length];
      expect(Math.abs((statistics.products[0] + ofMeans) / expected - 1)).toBeLessThan(1e-10);
    }
  });

  it('gives the same from a scratch file, and sums a channel in pieces where its positions are many', async () => {
    // 3 images x 2,300,000 positions are more than one product takes.
    const stages = [
      { name: 'huge', channels: 2, height: 2300, width: 1000 },
      { name: 'small', channels: 3, height: 2, width: 2 },
    ];
    const images = drawnImages(stages, 3);
    const statistics = await pairStatistics(streamOf(stages, images), {
      precision: 'float64',
      products: engine.products,
      openScratch: openScratchFile(),
    });
    let expected = 0;
    for (let p = 2_300_000; p < 4_600_000; p++) expected += images[0][0][p] * images[2][0][p];
    const ofMeans = (statistics.sums[1] * statistics.sums[2 * 5 + 1]) / 2_300_000;
    expect(Math.abs((statistics.products[1 * 5 + 1] + ofMeans) / expected - 1)).toBeLessThan(1e-12);
    expect(statistics.sums[5 + 1]).toBeCloseTo(
      images[1][0].slice(2_300_000).reduce((sum, x) => sum + x, 0),
      4,
    );
  });

  it('takes one image: energies and sums without pairs', async () => {
    const statistics = await pairStatistics(streamOf(golden.stages, goldenImages().slice(0, 1)));
    expect(statistics.products.length).toBe(0);
    expect(relativeError(statistics.energies, golden.energies.slice(0, 18))).toBeLessThan(1e-13);
  });

  it('gives identical images a product that is their energy about the mean', async () => {
    const [image] = goldenImages();
    const { products, energies, sums } = await pairStatistics(streamOf(golden.stages, [image, image]), {
      precision: 'float64',
    });
    const positions = golden.stages.flatMap(({ channels, height, width }) => Array(channels).fill(height * width));
    const expected = positions.map((nPositions, c) => energies[c] - sums[c] ** 2 / nPositions);
    expect(Array.from(products)).toEqual(expected);
  });

  it('keeps in float32 what is small beside the means: patterns of a thousandth of their channel', async () => {
    const stages = [{ name: 's', channels: 4, height: 5, width: 5 }];
    const images = drawnImages(stages, 6).map(([values]) => [values.map((value) => 10 + value / 1000)]);
    const exact = await pairStatistics(streamOf(stages, images), { precision: 'float64' });
    const kept = await pairStatistics(streamOf(stages, images), { precision: 'float32' });
    expect(relativeError(kept.products, exact.products)).toBeLessThan(1e-7);
  });

  it('keeps products in memory that threads share', async () => {
    const { products } = await pairStatistics(streamOf(golden.stages, goldenImages()));
    expect(products.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('refuses no images, another number of images, and other sizes than declared, naming them', async () => {
    const images = goldenImages();
    await expect(pairStatistics(streamOf(golden.stages, []))).rejects.toThrow(/at least one image/);
    await expect(pairStatistics(streamOf([], []))).rejects.toThrow(/at least one, got none/);
    await expect(pairStatistics({ ...streamOf(golden.stages, images), conditions: ['a'] })).rejects.toThrow(
      /expected 1 images, got more/,
    );
    const tooMany = [...streamOf(golden.stages, images).conditions, 'absent'];
    await expect(pairStatistics({ ...streamOf(golden.stages, images), conditions: tooMany })).rejects.toThrow(
      /expected 8 images, got 7/,
    );
    images[2][1] = images[2][1].slice(1);
    const wrong = pairStatistics(streamOf(golden.stages, images));
    await expect(wrong).rejects.toThrow(ShapeError);
    await expect(wrong).rejects.toThrow(/image 2, stage middle: expected 4 x 2 x 3 values, got 23/);
  });

  it('refuses a feature that is NaN or infinite, naming image and stage', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const images = goldenImages();
      images[4][2][3] = value;
      const wrong = pairStatistics(streamOf(golden.stages, images));
      await expect(wrong).rejects.toThrow(FormatError);
      await expect(wrong).rejects.toThrow(/image 4, stage tokens/);
    }
  });

  it('refuses features whose products leave float32, and takes them in float64', async () => {
    const images = goldenImages((value) => value * 1e19);
    await expect(pairStatistics(streamOf(golden.stages, images))).rejects.toThrow(UsageError);
    const { energies } = await pairStatistics(streamOf(golden.stages, images), { precision: 'float64' });
    expect(energies.every(Number.isFinite)).toBe(true);
  });

  it('refuses what no memory holds, saying how much it would be', () => {
    expect(() => allocateStatistics(2_000_000, 1_000_000, 'float64')).toThrow(/GB, more than there is/);
  });

  it('gives scratch space back whatever happens', async () => {
    let open = 0;
    const openScratch = async (size: number) => {
      open++;
      const scratch = await openScratchFile()(size);
      return {
        ...scratch,
        dispose: () => {
          open--;
          return scratch.dispose();
        },
      };
    };
    const images = goldenImages();
    await pairStatistics(streamOf(golden.stages, images), { openScratch });
    images[6] = [];
    await expect(pairStatistics(streamOf(golden.stages, images), { openScratch })).rejects.toThrow(ShapeError);
    expect(open).toBe(0);
  });
});

describe('subsetStatistics', () => {
  it('equals the statistics of the subset itself, in any order', async () => {
    const images = goldenImages();
    const all = await pairStatistics(streamOf(golden.stages, images), { precision: 'float64' });
    const order = [5, 0, 3];
    const names = streamOf(golden.stages, images).conditions;
    const direct = await pairStatistics(
      streamOf(
        golden.stages,
        order.map((k) => images[k]),
        order.map((k) => names[k]),
      ),
      { precision: 'float64' },
    );
    const subset = subsetStatistics(all, order);
    expect(subset.conditions).toEqual(direct.conditions);
    for (const part of ['products', 'energies', 'sums'] as const) {
      expect(relativeError(subset[part], direct[part])).toBeLessThan(1e-15);
    }
    checkPairStatistics(subset);
  });

  it('refuses a row that is not there or comes twice', async () => {
    const all = await pairStatistics(streamOf(golden.stages, goldenImages()));
    expect(() => subsetStatistics(all, [0, 7])).toThrow(ShapeError);
    expect(() => subsetStatistics(all, [1, 1])).toThrow(ShapeError);
    expect(() => subsetStatistics(all, [-1])).toThrow(ShapeError);
  });
});

describe('checkPairStatistics', () => {
  it('names the part whose length is wrong', async () => {
    const all = await pairStatistics(streamOf(golden.stages, goldenImages()));
    expect(() => checkPairStatistics({ ...all, sums: new Float64Array(3) })).toThrow(/sums: expected 126 values/);
    expect(() => checkPairStatistics({ ...all, products: new Float32Array(3) })).toThrow(
      /products: expected 378 values/,
    );
  });
});

describe('channelBlocks', () => {
  it('covers every channel once, in order, and leaves no stage half in a block', () => {
    const layout = layOutStages(golden.stages);
    for (const maxFeatures of [1, 6, 13, 20, 1000]) {
      let [channel, feature] = [0, 0];
      for (const block of channelBlocks(layout, maxFeatures, 3)) {
        expect(block.firstChannel).toBe(channel);
        expect(block.firstFeature).toBe(feature);
        expect(block.nChannels === 1 || block.nChannels * block.nPositions <= maxFeatures).toBe(true);
        channel += block.nChannels;
        feature += block.nChannels * block.nPositions;
      }
      expect([channel, feature]).toEqual([layout.nChannels, layout.nFeatures]);
    }
  });
});
