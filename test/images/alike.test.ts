import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/host/decode.ts';
import { alikeImages } from '../../src/images/alike.ts';
import type { RgbImage } from '../../src/images/image.ts';
import { makeThumbnails, THUMBNAIL_BYTES, type Thumbnails } from '../../src/images/thumbnails.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';

const N = 24;
const stimuli = drawStimuli({ nImages: N, seed: 1, size: 160 });
const itself = Array.from({ length: N }, (_, k) => [k, k]);
let drawn: Thumbnails;

beforeAll(async () => {
  drawn = await makeThumbnails(stimuli);
});

/** The stimuli as sharp saves them. */
function saved(save: (image: Sharp) => Sharp): Promise<Thumbnails> {
  return makeThumbnails(
    stimuli.map((stimulus) => ({
      decode: async () => {
        const { width, height, data } = await stimulus.decode();
        const bytes = await save(sharp(data, { raw: { width, height, channels: 3 } })).toBuffer();
        return decodeImage(new Uint8Array(bytes), 'saved again');
      },
    })),
  );
}

describe('an image is the same picture when it is', () => {
  it.each<[string, (image: Sharp) => Sharp]>([
    ['a PNG', (image) => image.png()],
    ['a JPEG of quality 75', (image) => image.jpeg({ quality: 75 })],
    ['a JPEG of quality 20', (image) => image.jpeg({ quality: 20 })],
    ['a WebP of quality 30', (image) => image.webp({ quality: 30 })],
    ['a GIF of 64 colours', (image) => image.gif({ colours: 64 })],
    ['half as large', (image) => image.resize(80, 80).png()],
    ['three times as large', (image) => image.resize(480, 480).png()],
    ['squashed to another shape', (image) => image.resize(200, 120, { fit: 'fill' }).png()],
    ['smaller, and a JPEG of quality 60', (image) => image.resize(100, 100).jpeg({ quality: 60 })],
  ])('saved again as %s, and no other is', async (_, save) => {
    expect(alikeImages(drawn, await saved(save))).toEqual(itself);
  });
});

describe('an image is another picture when it', () => {
  it.each<[string, (image: Sharp) => Sharp]>([
    ['is mirrored', (image) => image.flop().png()],
    ['is turned upside down', (image) => image.flip().png()],
    ['is its own negative', (image) => image.negate().png()],
  ])('%s', async (_, change) => {
    expect(alikeImages(drawn, await saved(change))).toEqual([]);
  });

  it('was drawn from another seed', async () => {
    expect(alikeImages(drawn, await makeThumbnails(drawStimuli({ nImages: N, seed: 2, size: 160 })))).toEqual([]);
  });

  it('has another fine texture of the same colours, or another faint drawing, which blocks hardly show', async () => {
    const noise = (seed: number, contrast: number) => plain((k) => 128 + contrast * ((hash(seed + k) % 2) * 2 - 1));
    const textures = await makeThumbnails([noise(0, 40), noise(90001, 40), noise(0, 6), noise(90001, 6)]);
    expect(alikeImages(textures, textures)).toEqual([0, 1, 2, 3].map((k) => [k, k]));
  });
});

it('takes plain images for the same where their colours are', async () => {
  const plains = await makeThumbnails([plain(() => 128), plain(() => 130), plain(() => 200)]);
  expect(alikeImages(plains, plains)).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [2, 2],
  ]);
});

it('is the same for a and b as for b and a, and finds nothing in no images', () => {
  const none = { pixels: new Uint8Array(0), sizes: new Uint32Array(0) };
  expect(alikeImages(drawn, none)).toEqual([]);
  expect(alikeImages(none, drawn)).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.nat(N - 1), { maxLength: 6 }), fc.array(fc.nat(N - 1), { maxLength: 6 }), (a, b) => {
      const pairs = alikeImages(some(a), some(b));
      expect(pairs).toEqual(a.flatMap((x, i) => b.flatMap((y, j) => (x === y ? [[i, j]] : []))));
      const turned = alikeImages(some(b), some(a)).map(([j, i]) => [i, j]);
      expect(new Set(turned.map(String))).toEqual(new Set(pairs.map(String)));
    }),
    { numRuns: 50 },
  );
});

it('compares 2,000 images with 2,000 in seconds', async () => {
  const few = await makeThumbnails(drawStimuli({ nImages: 200, size: 64 }));
  const pixels = Uint8Array.from({ length: 10 * few.pixels.length }, (_, k) => {
    const nth = Math.floor(k / few.pixels.length);
    return few.pixels[k % few.pixels.length] + 25 * nth;
  });
  const many = { pixels, sizes: new Uint32Array(2 * 2000) };
  const start = performance.now();
  expect(alikeImages(many, many)).toHaveLength(2000);
  expect(performance.now() - start).toBeLessThan(10_000);
});

function some(places: readonly number[]): Thumbnails {
  const pixels = new Uint8Array(places.length * THUMBNAIL_BYTES);
  places.forEach((place, k) => {
    pixels.set(drawn.pixels.subarray(place * THUMBNAIL_BYTES, (place + 1) * THUMBNAIL_BYTES), k * THUMBNAIL_BYTES);
  });
  return { pixels, sizes: new Uint32Array(2 * places.length) };
}

function plain(value: (k: number) => number): { decode(): Promise<RgbImage> } {
  const data = Uint8Array.from({ length: THUMBNAIL_BYTES }, (_, k) => value(Math.floor(k / 3)));
  return { decode: async () => ({ width: 64, height: 64, data }) };
}

function hash(k: number): number {
  return Math.imul(k ^ (k >>> 5), 2654435761) >>> 16;
}
