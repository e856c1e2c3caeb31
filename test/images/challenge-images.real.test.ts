import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listImages } from '../../src/host/image-folder.ts';
import { preprocess } from '../../src/images/preprocess.ts';

interface ExpectedSet {
  readonly n: number;
  readonly first: string;
  readonly last: string;
  readonly pixels: string;
  readonly crop: string;
  readonly squash: string;
}
const { sets } = JSON.parse(readFileSync(new URL('../golden/images-real/expected.json', import.meta.url), 'utf8')) as {
  sets: Record<string, ExpectedSet>;
};
const data = process.env['HYPERCOLUMN_DATA'];
if (data === undefined) throw new Error('set HYPERCOLUMN_DATA to the folder that holds data/ and weights/');

describe.each(Object.entries(sets))('the %s images of the challenge', (name, expected) => {
  it("are PIL's pixels and torchvision's network inputs bit for bit, in name order", async () => {
    const images = await listImages(join(data, 'data', 'algonauts2019', name, 'images'));
    const [pixels, crop, squash] = [createHash('sha256'), createHash('sha256'), createHash('sha256')];
    for (const stimulus of images) {
      const image = await stimulus.decode();
      pixels.update(image.data);
      for (const [hash, fit] of [
        [crop, 'crop'],
        [squash, 'squash'],
      ] as const) {
        hash.update(new Uint8Array(preprocess(image, { fit, width: 224, height: 224 }).buffer));
      }
    }
    expect({
      n: images.length,
      first: images[0].name,
      last: images.at(-1)?.name,
      pixels: pixels.digest('hex'),
      crop: crop.digest('hex'),
      squash: squash.digest('hex'),
    }).toEqual(expected);
  });
});
