import type { Environment } from '../../study/environment.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { pictureUri } from './palette-png.ts';

/** Each thumbnail of a set as a .jpg that is its own address; none where a set has no thumbnails. */
export async function thumbnailUris(
  { pixels, sizes }: ScoredSet['thumbnails'],
  { encodeJpeg }: Pick<Environment, 'encodeJpeg'>,
): Promise<string[]> {
  const nImages = sizes.length / 2;
  const nBytes = pixels.length / nImages;
  const side = Math.sqrt(nBytes / 3);
  return Promise.all(
    Array.from({ length: nImages }, async (_, image) => {
      const data = pixels.subarray(image * nBytes, (image + 1) * nBytes);
      return pictureUri('image/jpeg', await encodeJpeg({ width: side, height: side, data }));
    }),
  );
}
