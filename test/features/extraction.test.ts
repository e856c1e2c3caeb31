import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Backbone } from '../../src/backbones/backbone.ts';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import type { Progress } from '../../src/core/progress.ts';
import { imageFeatures } from '../../src/features/extraction.ts';
import type { Stimulus } from '../../src/images/image.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';

const SIZE = 4;

/** A network whose stages are the pixels' channels, and their mean over columns. */
function pixelBackbone(change: Partial<Backbone> = {}): Backbone & { batches: number[]; released: boolean } {
  const backbone = {
    name: 'pixels',
    key: 'pixels 1',
    stages: [
      { name: 'same', channels: 3, height: SIZE, width: SIZE },
      { name: 'columns', channels: 3, height: 1, width: SIZE },
    ],
    input: { height: SIZE, width: SIZE, normalisation: INPUT_NORMALISATIONS.caffe },
    batches: [] as number[],
    released: false,
    async run(pixels: Float32Array, n: number) {
      backbone.batches.push(n);
      const columns = new Float32Array(n * 3 * SIZE);
      pixels.forEach((value, k) => {
        columns[Math.floor(k / SIZE ** 2) * SIZE + (k % SIZE)] += value / SIZE;
      });
      return [pixels.slice(), columns];
    },
    async release() {
      backbone.released = true;
    },
    ...change,
  };
  return backbone;
}

/** A uniform image of one gray level. */
function gray(level: number, name = `gray ${level}`, side = SIZE): Stimulus {
  const data = new Uint8Array(3 * side * side).fill(level);
  return { name, bytes: async () => data, decode: async () => ({ width: side, height: side, data }) };
}

const grays = (n: number) => Array.from({ length: n }, (_, k) => gray(k));

async function firstValues(stream: { read(): AsyncIterable<readonly Float32Array[]> }): Promise<number[]> {
  const values = [];
  for await (const [same, columns] of stream.read()) {
    expect([same.length, columns.length]).toEqual([48, 12]);
    values.push(same[0]);
  }
  return values;
}

describe('imageFeatures', () => {
  it('gives each image its own features, in order, whatever the batch', async () => {
    for (const batch of [1, 3, 8, 100]) {
      const backbone = pixelBackbone();
      const stream = await imageFeatures(backbone, grays(7), { batch, fit: 'squash' });
      expect(await firstValues(stream)).toEqual([0, 1, 2, 3, 4, 5, 6].map((level) => level - 104));
      expect(backbone.batches.reduce((sum, n) => sum + n, 0)).toBe(7);
      expect(Math.max(...backbone.batches)).toBe(Math.min(batch, 7));
    }
  });

  it('takes one image, hundreds, and identical ones', async () => {
    expect(await firstValues(await imageFeatures(pixelBackbone(), [gray(9)]))).toEqual([9 - 104]);
    const many = Array.from({ length: 300 }, (_, k) => gray(k % 2, `image ${k}`));
    const values = await firstValues(await imageFeatures(pixelBackbone(), many));
    expect(values).toEqual(many.map((_, k) => (k % 2) - 104));
  });

  it("can be read again, and gives arrays that are the reader's to keep", async () => {
    const stream = await imageFeatures(pixelBackbone(), grays(5), { batch: 2 });
    const images: Float32Array[] = [];
    for await (const [same] of stream.read()) {
      images.push(same);
      same[0] += 1000;
    }
    expect(images.map(([value]) => value)).toEqual([896, 897, 898, 899, 900]);
    expect((await firstValues(stream))[0]).toBe(-104);
  });

  it('decodes the next batch while the network runs, and holds no more than two', async () => {
    const log: string[] = [];
    const stimuli = grays(8).map((stimulus, k) => ({
      ...stimulus,
      decode: async () => {
        log.push(`decode ${k}`);
        return stimulus.decode();
      },
    }));
    const network = pixelBackbone();
    const backbone = {
      ...network,
      async run(pixels: Float32Array, n: number) {
        log.push('run');
        await wait(20);
        log.push('ran');
        return network.run(pixels, n);
      },
    };
    const stream = await imageFeatures(backbone, stimuli, { batch: 2 });
    await firstValues(stream);
    const at = (entry: string, nth = 0) => log.map((line, k) => (line === entry ? k : -1)).filter((k) => k >= 0)[nth];
    expect(at('decode 2')).toBeLessThan(at('ran', 0));
    expect(at('decode 4')).toBeGreaterThan(at('ran', 0));
    expect(at('decode 6')).toBeGreaterThan(at('ran', 1));
  });

  it('names the image that cannot be decoded, after giving those of the batches before', async () => {
    const broken = (name: string): Stimulus => ({
      ...gray(0, name),
      decode: () => Promise.reject(new FormatError(name, 'no image')),
    });
    const stimuli = [...grays(4), broken('bad.png'), gray(200)];
    const stream = await imageFeatures(pixelBackbone(), stimuli, { batch: 2 });
    let given = 0;
    const reading = (async () => {
      for await (const _ of stream.read()) given++;
    })();
    await expect(reading).rejects.toThrow('bad.png: no image');
    expect(given).toBe(4);
  });

  it('lets a reader stop before a broken image without a stray rejection', async () => {
    const stimuli = [
      ...grays(2),
      { ...gray(0, 'bad'), decode: () => Promise.reject(new FormatError('bad', 'no image')) },
    ];
    const stream = await imageFeatures(pixelBackbone(), stimuli, { batch: 2 });
    for await (const _ of stream.read()) break;
    await wait(10); // vitest fails the run on an unhandled rejection
  });

  it('refuses NaN and infinite features, naming image, value and stage', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const network = pixelBackbone();
      const backbone = {
        ...network,
        async run(pixels: Float32Array, n: number) {
          const [same, columns] = await network.run(pixels, n);
          columns[12 + 5] = value;
          return [same, columns];
        },
      };
      const stream = await imageFeatures(backbone, grays(2));
      await expect(firstValues(stream)).rejects.toThrow(
        `gray 1, stage columns: expected finite features, got ${value}`,
      );
    }
  });

  it('refuses a network whose features are not of the declared shapes', async () => {
    const short = await imageFeatures(pixelBackbone({ run: async () => [new Float32Array(48)] }), [gray(1)]);
    await expect(firstValues(short)).rejects.toThrow(ShapeError);
    const wrong = await imageFeatures(pixelBackbone({ run: async () => [new Float32Array(48), new Float32Array(8)] }), [
      gray(1),
    ]);
    await expect(firstValues(wrong)).rejects.toThrow(/gray 1, stage columns: expected 3 x 1 x 4 values, got 8/);
  });

  it('refuses no images, two of one name, and a batch of none', async () => {
    await expect(imageFeatures(pixelBackbone(), [])).rejects.toThrow(UsageError);
    await expect(imageFeatures(pixelBackbone(), [gray(1, 'a'), gray(2, 'a')])).rejects.toThrow(/a twice/);
    await expect(imageFeatures(pixelBackbone(), grays(2), { batch: 0 })).rejects.toThrow(UsageError);
  });

  it('has a key that changes with the network, the fit, a byte of an image, a name and the order, and with nothing else', async () => {
    const key = async (stimuli: Stimulus[], options = {}, change = {}) =>
      (await imageFeatures(pixelBackbone(change), stimuli, options)).key;
    const keys = [
      await key(grays(3)),
      await key(grays(3), { fit: 'squash' }),
      await key(grays(3), {}, { key: 'pixels 2' }),
      await key([gray(0), gray(1), gray(3, 'gray 2')]),
      await key([gray(0), gray(1), gray(2, 'other')]),
      await key(grays(3).reverse()),
      await key(grays(2)),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(await key(grays(3), { batch: 1, onProgress: () => {} })).toBe(keys[0]);
  });

  it('says how far it has come, image by image', async () => {
    const said: Progress[] = [];
    await firstValues(
      await imageFeatures(pixelBackbone(), grays(3), { onProgress: (progress) => said.push(progress) }),
    );
    expect(said.map(({ phase, done, total }) => `${phase} ${done}/${total}`)).toEqual([
      'extracting 0/3',
      'extracting 1/3',
      'extracting 2/3',
      'extracting 3/3',
    ]);
  });
});
