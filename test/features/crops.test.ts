import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { centreCropFeatures, randomCropFeatures } from '../../src/features/crop-features.ts';
import { cropSource } from '../../src/features/crops.ts';
import { imageFeatures } from '../../src/features/extraction.ts';
import type { FeatureStream } from '../../src/features/features.ts';
import type { RgbImage, Stimulus } from '../../src/images/image.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import { FIT_NAMES, preprocess } from '../../src/images/preprocess.ts';
import { drawn } from '../images/drawn.ts';
import { golden } from '../images/golden.ts';

const inputOf = (side: number) => ({ width: side, height: side, normalisation: INPUT_NORMALISATIONS.imagenet });

function stimulusOf(image: RgbImage, name = 'image'): Stimulus & { decoded: number } {
  return {
    name,
    decoded: 0,
    bytes: async () => image.data,
    async decode() {
      this.decoded++;
      return image;
    },
  };
}

/** Gives these numbers, over and over. */
function uniformly(...values: number[]): Random {
  let at = 0;
  return { ...seededRandom(0), uniform: () => values[at++ % values.length] };
}

describe('cropSource', () => {
  it.each(golden.windows)(
    "random windows equal torchvision's Resize and crop bit for bit: $fit of $from to $side, $top down, $left across",
    async ({ seed, from, side, fit, down, across, sha256 }) => {
      const stimuli = [stimulusOf(drawn(seed, ...from))];
      for (const maxBytes of [2 ** 30, 0]) {
        const source = cropSource(stimuli, { fit, input: inputOf(side), maxBytes });
        const values = await source.random(0, uniformly(down, across));
        expect(values.length).toBe(3 * side * side);
        expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(sha256);
      }
    },
  );

  it.each(FIT_NAMES)('the centre is what preprocess gives, whether the image is kept or not: %s', async (fit) => {
    const images = [drawn(1, 70, 41), drawn(2, 33, 80)];
    const stimuli = images.map((image, k) => stimulusOf(image, `${k}`));
    for (const maxBytes of [2 ** 30, 40_000, 0]) {
      const source = cropSource(stimuli, { fit, input: { ...inputOf(32), width: 40 }, maxBytes });
      for (const [k, image] of images.entries()) {
        const expected = preprocess(image, { fit, width: 40, height: 32 });
        for (let again = 0; again < 2; again++) expect(await source.centre(k)).toEqual(expected);
      }
    }
  });

  it('a window lies at each of 33 x 33 positions of 256 alike often', async () => {
    const side = 256;
    const image = { width: side, height: side, data: new Uint8Array(3 * side * side) };
    for (let k = 0; k < side * side; k++) image.data.set([k % side, Math.floor(k / side), 0], 3 * k);
    const input = { ...inputOf(224), normalisation: { ...INPUT_NORMALISATIONS.imagenet, ...plain } };
    const source = cropSource([stimulusOf(image)], { input });
    const random = seededRandom(3);
    const [across, down] = [new Float64Array(33), new Float64Array(33)];
    const nDraws = 1650;
    for (let draw = 0; draw < nDraws; draw++) {
      const pixels = await source.random(0, random);
      across[pixels[0]]++;
      down[pixels[224 * 224]]++;
    }
    // 62.5 is the 99.9 % point of chi square with 32 degrees of freedom (scipy.stats.chi2.ppf).
    for (const counts of [across, down]) {
      const expected = nDraws / 33;
      expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(62.5);
    }
  });

  it('draws the same windows from the same seed, in the order of the calls, whatever decodes first', async () => {
    const images = [drawn(1, 60, 50), drawn(2, 50, 60), drawn(3, 52, 52)];
    const late = (name: string, image: RgbImage, wait: number): Stimulus => ({
      ...stimulusOf(image, name),
      decode: () => new Promise((resolve) => setTimeout(resolve, wait, image)),
    });
    const inOrder = cropSource(
      images.map((image, k) => late(`${k}`, image, 0)),
      { input: inputOf(32) },
    );
    const reversed = cropSource(
      images.map((image, k) => late(`${k}`, image, 30 - 10 * k)),
      { input: inputOf(32) },
    );
    const [one, other] = [seededRandom(5), seededRandom(5)];
    const expected = [];
    for (const image of [0, 1, 2, 1]) expected.push(await inOrder.random(image, one));
    expect(await Promise.all([0, 1, 2, 1].map((image) => reversed.random(image, other)))).toEqual(expected);
    expect(expected[1]).not.toEqual(expected[3]);
    expect(other.state()).toEqual(one.state());
  });

  it('decodes each image once where there is room for it, else each time', async () => {
    const stimuli = [stimulusOf(drawn(1, 40, 40), 'a'), stimulusOf(drawn(2, 40, 40), 'b')];
    const room = 3 * 37 * 37; // one image's: 32 pixels with their margin
    const source = cropSource(stimuli, { input: inputOf(32), maxBytes: room });
    for (let k = 0; k < 3; k++) for (const image of [0, 1]) await source.random(image, seededRandom(k));
    expect(stimuli.map(({ decoded }) => decoded)).toEqual([1, 3]);
  });

  it('refuses random windows of squash, no images, two of one name, and an image that is none', async () => {
    const stimuli = [stimulusOf(drawn(1, 40, 40))];
    const squash = cropSource(stimuli, { fit: 'squash', input: inputOf(32) });
    await expect(squash.random(0, seededRandom(0))).rejects.toThrow(
      new UsageError('random crops: expected a fit with room for a window, got squash; use squash-crop'),
    );
    expect(() => cropSource([], { input: inputOf(32) })).toThrow(UsageError);
    expect(() => cropSource([...stimuli, ...stimuli], { input: inputOf(32) })).toThrow(/image twice/);
    const broken = { ...stimuli[0], decode: () => Promise.reject(new FormatError('image', 'no image')) };
    await expect(cropSource([broken], { input: inputOf(32) }).centre(0)).rejects.toThrow(FormatError);
  });

  it('has a key that changes with the images, the fit and the input, and with nothing else', async () => {
    const [a, b] = [stimulusOf(drawn(1, 9, 9), 'a'), stimulusOf(drawn(2, 9, 9), 'b')];
    const keys = await Promise.all(
      [
        cropSource([a, b], { input: inputOf(4) }),
        cropSource([b, a], { input: inputOf(4) }),
        cropSource([a, b], { input: inputOf(5) }),
        cropSource([a, b], { input: inputOf(4), fit: 'squash' }),
      ].map((source) => source.key()),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(await cropSource([a, b], { input: inputOf(4), fit: 'crop', maxBytes: 0 }).key()).toBe(keys[0]);
  });
});

const plain = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;

describe('features of crops', () => {
  const network = {
    name: 'pixels',
    key: 'pixels 1',
    stages: [{ name: 'same', channels: 3, height: 8, width: 8 }],
    input: inputOf(8),
    run: async (pixels: Float32Array) => [pixels.slice()],
    release: async () => {},
  };
  const stimuli = [0, 1, 2, 3, 4].map((k) => stimulusOf(drawn(k, 30 + k, 40 - k), `image ${k}`));
  const source = cropSource(stimuli, { input: network.input });
  const read = async (stream: FeatureStream) => {
    const images = [];
    for await (const [features] of stream.read()) images.push(Array.from(features));
    return images;
  };

  it('of the centre are those of imageFeatures', async () => {
    const stream = await centreCropFeatures(network, source, { batch: 2 });
    expect(stream.conditions).toEqual(stimuli.map(({ name }) => name));
    expect(await read(stream)).toEqual(await read(await imageFeatures(network, stimuli)));
  });

  it('of random windows are the same in each reading and batch, and others with other random numbers', async () => {
    const random = seededRandom(1);
    const before = random.state();
    const stream = await randomCropFeatures(network, source, random, { batch: 2 });
    const first = await read(stream);
    expect(random.state()).toEqual(before);
    expect(await read(stream)).toEqual(first);
    expect(await read(await randomCropFeatures(network, source, random, { batch: 5 }))).toEqual(first);
    const windows = [];
    for (const image of stimuli.keys()) windows.push(Array.from(await source.random(image, random)));
    expect(first).toEqual(windows);
    const next = await randomCropFeatures(network, source, seededRandom(1).derive('epoch 2'));
    expect(await read(next)).not.toEqual(first);
    expect(next.key).not.toBe(stream.key);
  });

  it('stop between two batches', async () => {
    const controller = new AbortController();
    const options = { batch: 1, signal: controller.signal };
    const features = (await randomCropFeatures(network, source, seededRandom(1), options)).read();
    const reading = features[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    controller.abort(new Error('stopped'));
    await expect(reading.next()).rejects.toThrow('stopped');
  });

  it('have keys that name the network, the windows and the images', async () => {
    const keys = await Promise.all([
      randomCropFeatures(network, source, seededRandom(1)),
      randomCropFeatures(network, source, seededRandom(2)),
      randomCropFeatures({ ...network, key: 'pixels 2' }, source, seededRandom(1)),
      centreCropFeatures(network, source),
    ]);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    expect((await randomCropFeatures(network, source, seededRandom(1))).key).toBe(keys[0].key);
  });
});
