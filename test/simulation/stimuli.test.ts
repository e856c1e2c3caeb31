import { describe, expect, test } from 'vitest';
import type { RgbImage } from '../../src/images/image.ts';
import { compareNaturally } from '../../src/images/natural-order.ts';
import { drawStimuli, STIMULUS_CATEGORIES } from '../../src/simulation/stimuli.ts';
import { TEXTURES } from '../../src/simulation/textures.ts';

describe('drawn stimuli', () => {
  test('72 are three of every category in every texture, with different names in natural order', () => {
    const stimuli = drawStimuli();
    const kinds = stimuli.map(({ category, texture }) => `${category} ${texture}`);
    for (const category of STIMULUS_CATEGORIES) {
      for (const texture of TEXTURES) expect(kinds.filter((kind) => kind === `${category} ${texture}`)).toHaveLength(3);
    }
    const names = stimuli.map(({ name }) => name);
    expect([...names].sort(compareNaturally)).toEqual(names);
    expect(new Set(names).size).toBe(72);
    expect(names[14]).toBe('house_03.png');
  });

  test.each([2, 7, 61, 700])('%i are shared out evenly and named in natural order', (nImages) => {
    const stimuli = drawStimuli({ nImages });
    const counts = STIMULUS_CATEGORIES.map((of) => stimuli.filter(({ category }) => category === of).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(nImages);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const names = stimuli.map(({ name }) => name);
    expect([...names].sort(compareNaturally)).toEqual(names);
  });

  test('a seed gives the same picture of a name however many are drawn, another seed another picture', async () => {
    const [few, many, other] = [{ nImages: 12 }, { nImages: 30 }, { nImages: 12, seed: 1 }].map(
      (options) => drawStimuli({ size: 32, ...options }).find(({ name }) => name === 'plant_02.png')!,
    );
    expect(await many.bytes()).toEqual(await few.bytes());
    expect(await other.bytes()).not.toEqual(await few.bytes());
  });

  test('the bytes are the pixels, of the size asked for, and may be asked for again', async () => {
    const [stimulus] = drawStimuli({ nImages: 6, size: 48 });
    const image = await stimulus.decode();
    expect([image.width, image.height, image.data.length]).toEqual([48, 48, 48 * 48 * 3]);
    expect(await stimulus.bytes()).toEqual(image.data);
    expect(await stimulus.decode()).toEqual(image);
  });

  test('pictures of a category are more alike than others, and no two are the same', async () => {
    const stimuli = drawStimuli({ nImages: 48, size: 32 });
    const images = await Promise.all(stimuli.map((stimulus) => stimulus.decode()));
    const pixels = images.map(brightness);
    const same: number[] = [];
    const different: number[] = [];
    for (let i = 0; i < images.length; i++) {
      for (let j = i + 1; j < images.length; j++) {
        (stimuli[i].category === stimuli[j].category ? same : different).push(correlation(pixels[i], pixels[j]));
      }
    }
    expect(mean(same)).toBeGreaterThan(mean(different) + 0.2);
    expect(Math.max(...same, ...different)).toBeLessThan(0.999);
  });

  test.each([
    [{ nImages: 1 }, 'nImages'],
    [{ nImages: 2.5 }, 'nImages'],
    [{ size: 15 }, 'size'],
    [{ seed: -1 }, 'seed'],
  ])('%o is refused, and the message names %s', (options, name) => {
    expect(() => drawStimuli(options)).toThrow(name);
  });
});

function brightness({ data }: RgbImage): number[] {
  return Array.from({ length: data.length / 3 }, (_, k) => data[3 * k] + data[3 * k + 1] + data[3 * k + 2]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    ab += (a[k] - meanA) * (b[k] - meanB);
    aa += (a[k] - meanA) ** 2;
    bb += (b[k] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
