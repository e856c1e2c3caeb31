import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listImages } from '../../src/host/image-folder.ts';
import { alikeImages } from '../../src/images/alike.ts';
import { makeThumbnails } from '../../src/images/thumbnails.ts';

const DATA = join(process.env['HYPERCOLUMN_DATA']!, 'data', 'algonauts2019');

it("finds no two of the challenge's 288 images alike", async () => {
  const folders = ['92', '118', '78'].map((set) => listImages(join(DATA, set, 'images')));
  const images = (await Promise.all(folders)).flat();
  const thumbnails = await makeThumbnails(images);
  expect(alikeImages(thumbnails, thumbnails)).toEqual(images.map((_, k) => [k, k]));
});
