import type { Shape } from '../operator.ts';
import { type Padding, sides } from './spatial.ts';

/** The shapes that a convolution connects, and how. */
export interface Connected {
  /** n x c x h x w */
  readonly maps: Shape;
  /** k x (c / groups) x kh x kw */
  readonly kernels: Shape;
  /** n x k x outHeight x outWidth */
  readonly output: Shape;
  readonly stride?: number | undefined;
  readonly pad?: Padding | undefined;
  readonly groups?: number | undefined;
}

/**
 * Visits every product of a convolution, which is linear in maps and in kernels: output[o] is the sum of maps[m] kernels[k] over the visits with
 * that o, and each derivative a sum over the same visits.
 * @param visit is called with three positions in row-major arrays, those of one output after the other
 */
export function forEachTap(
  { maps, kernels, output, stride = 1, pad = 0, groups = 1 }: Connected,
  visit: (output: number, map: number, kernel: number) => void,
): void {
  const [n, nKernels, outHeight, outWidth] = output;
  const [, channels, height, width] = maps;
  const [, perGroup, kernelHeight, kernelWidth] = kernels;
  const [top, left] = sides(pad);
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let k = 0; k < nKernels; k++) {
      const firstChannel = Math.floor(k / (nKernels / groups)) * perGroup;
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++, at++) {
          for (let c = 0; c < perGroup; c++) {
            const plane = (image * channels + firstChannel + c) * height;
            for (let dy = 0; dy < kernelHeight; dy++) {
              const row = y * stride - top + dy;
              if (row < 0 || row >= height) continue;
              const kernelRow = ((k * perGroup + c) * kernelHeight + dy) * kernelWidth;
              for (let dx = 0; dx < kernelWidth; dx++) {
                const column = x * stride - left + dx;
                if (column >= 0 && column < width) visit(at, (plane + row) * width + column, kernelRow + dx);
              }
            }
          }
        }
      }
    }
  }
}
