import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import { resizeBilinear } from '../../src/images/resize.ts';
import { makeThumbnails, thumbnailAt } from '../../src/images/thumbnails.ts';
import { drawn } from './drawn.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('thumbnails', () => {
  it('are the images squashed to 64 x 64 pixels, with the size that each had', async () => {
    const images = [drawn(1, 200, 100), drawn(2, 64, 64), drawn(3, 9, 31)];
    const thumbnails = await makeThumbnails(images.map((image) => ({ decode: async () => image })));
    expect([...thumbnails.sizes]).toEqual([200, 100, 64, 64, 9, 31]);
    expect(thumbnails.pixels).toHaveLength(3 * 64 * 64 * 3);
    for (const [k, image] of images.entries()) {
      expect(sha256(thumbnailAt(thumbnails, k).data)).toBe(sha256(resizeBilinear(image, 64, 64).data));
    }
    expect(sha256(thumbnailAt(thumbnails, 1).data)).toBe(sha256(images[1].data));
  });

  it('of no images are empty, and an image that cannot be read stops them', async () => {
    expect(await makeThumbnails([])).toEqual({ pixels: new Uint8Array(0), sizes: new Uint32Array(0) });
    const broken = { decode: () => Promise.reject(new FormatError('a.jpg', 'the image is damaged')) };
    await expect(makeThumbnails([broken])).rejects.toThrow(FormatError);
  });
});
