import { THUMBNAIL_BYTES, THUMBNAIL_SIDE, type Thumbnails, thumbnailAt } from './thumbnails.ts';

// Root mean squared difference of 16 x 16 blocks, in steps of 8-bit colour. Of the challenge's 288 images no two are nearer than 27.5; one of them
// and what JPEG at quality 10, WebP at 20, 64 colours, or a copy of 32 x 32 pixels makes of it are at most 6.4 apart.
const MOST_BLOCK_DIFFERENCE = 9;
const BLOCKS = 16;
// Blocks hardly tell fine textures of one colour, or faint drawings, apart. Whole thumbnails do: those of unrelated pictures of one contrast differ by
// 1.4 times it, those of the challenge's images and the copies above by at most 0.47 times.
const MOST_CONTRASTS = 0.5;
// What saving does to a picture that is all but plain.
const ROUNDING = 3;
const COARSE_BLOCKS = 4;

/** Two images, by their places in their sets. */
export type AlikePair = readonly [a: number, b: number];

/**
 * Which images of two sets are the same picture, whatever their files are called: saved again, in another format or quality, in another size,
 * or squashed to another shape.
 *
 * Alike are two whose thumbnails, averaged to 16 x 16 blocks, differ by a root mean square of at most 9 of 255 and whose thumbnails themselves
 * differ by at most half of the higher contrast (standard deviation) of the two. Mirrored, rotated, cropped, recoloured and much brighter copies
 * are not known for copies; fine and faint textures in one sharp window (gratings in a disc on black) are taken for copies of each other.
 * @returns pairs of an image of `a` and one of `b`, in the order of `a`, then `b`
 */
export function alikeImages(a: Thumbnails, b: Thumbnails): AlikePair[] {
  const [coarseA, coarseB] = [blocksOf(a, COARSE_BLOCKS), blocksOf(b, COARSE_BLOCKS)];
  const [fineA, fineB] = [blocksOf(a, BLOCKS), blocksOf(b, BLOCKS)];
  const [contrastsA, contrastsB] = [contrastsOf(a), contrastsOf(b)];
  const pairs: AlikePair[] = [];
  for (let i = 0; i < a.sizes.length / 2; i++) {
    for (let j = 0; j < b.sizes.length / 2; j++) {
      // Averages over larger blocks differ no more than those over smaller ones, so that nothing alike is passed over.
      if (difference(coarseA, i, coarseB, j, MOST_BLOCK_DIFFERENCE) > MOST_BLOCK_DIFFERENCE) continue;
      if (difference(fineA, i, fineB, j, MOST_BLOCK_DIFFERENCE) > MOST_BLOCK_DIFFERENCE) continue;
      const mostDetail = Math.max(MOST_CONTRASTS * Math.max(contrastsA[i], contrastsB[j]), ROUNDING);
      if (detailDifference(a, i, b, j, mostDetail) <= mostDetail) pairs.push([i, j]);
    }
  }
  return pairs;
}

interface Blocks {
  readonly values: Float32Array;
  /** Values an image. */
  readonly length: number;
}

function blocksOf({ pixels }: Thumbnails, blocks: number): Blocks {
  const side = THUMBNAIL_SIDE / blocks;
  const length = blocks * blocks * 3;
  const values = new Float32Array((pixels.length / THUMBNAIL_BYTES) * length);
  for (let k = 0; k < pixels.length; k++) {
    const image = Math.floor(k / THUMBNAIL_BYTES);
    const at = k % THUMBNAIL_BYTES;
    const row = Math.floor(at / (THUMBNAIL_SIDE * 3) / side);
    const column = Math.floor((Math.floor(at / 3) % THUMBNAIL_SIDE) / side);
    values[image * length + (row * blocks + column) * 3 + (at % 3)] += pixels[k] / side ** 2;
  }
  return { values, length };
}

/** Root mean squared difference; any number above `most` where it is above. */
function difference(a: Blocks, i: number, b: Blocks, j: number, most: number): number {
  const enough = most ** 2 * a.length;
  const [startA, startB] = [i * a.length, j * b.length];
  let sum = 0;
  for (let k = 0; k < a.length && sum <= enough; k++) sum += (a.values[startA + k] - b.values[startB + k]) ** 2;
  return Math.sqrt(sum / a.length);
}

/** The same of whole thumbnails. */
function detailDifference(a: Thumbnails, i: number, b: Thumbnails, j: number, most: number): number {
  const [first, second] = [thumbnailAt(a, i).data, thumbnailAt(b, j).data];
  const enough = most ** 2 * THUMBNAIL_BYTES;
  let sum = 0;
  for (let k = 0; k < THUMBNAIL_BYTES && sum <= enough; k++) sum += (first[k] - second[k]) ** 2;
  return Math.sqrt(sum / THUMBNAIL_BYTES);
}

/** Each image's standard deviation of the pixels' values about their colour's mean. */
function contrastsOf(thumbnails: Thumbnails): Float64Array {
  return Float64Array.from({ length: thumbnails.sizes.length / 2 }, (_, image) => {
    const bytes = thumbnailAt(thumbnails, image).data;
    const sums = [0, 0, 0];
    let squares = 0;
    for (let k = 0; k < THUMBNAIL_BYTES; k++) {
      sums[k % 3] += bytes[k];
      squares += bytes[k] ** 2;
    }
    const ofMeans = sums.reduce((sum, value) => sum + value ** 2 / (THUMBNAIL_BYTES / 3), 0);
    return Math.sqrt(Math.max(0, squares - ofMeans) / THUMBNAIL_BYTES);
  });
}
