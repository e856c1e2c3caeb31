import type { RgbImage, Stimulus } from './image.ts';
import { resizeBilinear } from './resize.ts';

/** Side of a thumbnail in pixels. */
export const THUMBNAIL_SIDE = 64;

/** Bytes of one thumbnail. */
export const THUMBNAIL_BYTES = THUMBNAIL_SIDE * THUMBNAIL_SIDE * 3;

/** Small pictures of images, all of one size, to be shown and to know images by. */
export interface Thumbnails {
  /** nImages x 64 x 64 x 3, 8-bit RGB, squashed to squares. */
  readonly pixels: Uint8Array;
  /** nImages x 2: the images' own width and height in pixels. */
  readonly sizes: Uint32Array;
}

/**
 * Thumbnails of images, decoded one after the other so that no two large ones are in memory together.
 * @throws FormatError where an image cannot be read
 */
export async function makeThumbnails(stimuli: readonly Pick<Stimulus, 'decode'>[]): Promise<Thumbnails> {
  const pixels = new Uint8Array(stimuli.length * THUMBNAIL_BYTES);
  const sizes = new Uint32Array(stimuli.length * 2);
  for (const [k, stimulus] of stimuli.entries()) {
    const image = await stimulus.decode();
    pixels.set(resizeBilinear(image, THUMBNAIL_SIDE, THUMBNAIL_SIDE).data, k * THUMBNAIL_BYTES);
    sizes.set([image.width, image.height], 2 * k);
  }
  return { pixels, sizes };
}

/** One thumbnail as an image; its pixels are a view, not a copy. */
export function thumbnailAt({ pixels }: Thumbnails, image: number): RgbImage {
  const data = pixels.subarray(image * THUMBNAIL_BYTES, (image + 1) * THUMBNAIL_BYTES);
  return { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, data };
}
