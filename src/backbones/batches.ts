import { sizeOf } from '../core/shape.ts';

/**
 * Runs a network on any number of images a few at a time, so that memory is bounded by the few.
 * @param sizes features an image has in each stage
 * @param runFew stage features of at most `most` images
 */
export async function runInBatches(
  pixels: Float32Array,
  n: number,
  most: number,
  sizes: readonly number[],
  runFew: (pixels: Float32Array, n: number) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  if (n > 0 && n <= most) return runFew(pixels, n);
  const results = sizes.map((size) => new Float32Array(n * size));
  const perImage = pixels.length / n;
  for (let first = 0; first < n; first += most) {
    const count = Math.min(most, n - first);
    const few = await runFew(pixels.subarray(first * perImage, (first + count) * perImage), count);
    for (const [k, values] of few.entries()) results[k].set(values, first * sizes[k]);
  }
  return results;
}

/** Features an image has in each stage. */
export function featuresPerImage(
  stages: readonly { readonly channels: number; readonly height: number; readonly width: number }[],
): number[] {
  return stages.map(({ channels, height, width }) => sizeOf([channels, height, width]));
}
