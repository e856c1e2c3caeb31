import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { type ConvKernelGradientAttributes, emitKernelGradient } from './shifted-rows.ts';
import { axesOf, sides } from './spatial.ts';

/**
 * Derivative by a convolution's kernels: at (k, c, dy, dx) the sum over images and positions of gradient(n, k, y, x) maps(n, c, y stride + dy - top,
 * x stride + dx - left), k x (c / groups) x kh x kw.
 */
export const convKernelGradient: Operator<ConvKernelGradientAttributes> = {
  shape([maps, gradient], { kernel, groups = 1 }) {
    const [n, channels] = axesOf('convKernelGradient', maps);
    const [nGradient, nKernels] = axesOf('convKernelGradient', gradient);
    if (n !== nGradient || channels % groups !== 0 || nKernels % groups !== 0) {
      throw new ShapeError(
        `convKernelGradient: a gradient ${formatShape(gradient)} in ${groups} groups does not fit maps ${formatShape(maps)}`,
      );
    }
    return [nKernels, channels / groups, ...kernel];
  },

  evaluate([maps, gradient], attributes) {
    const { stride = 1, pad = 0, groups = 1 } = attributes;
    const shape = convKernelGradient.shape([maps.shape, gradient.shape], attributes);
    const [nKernels, perGroup, kernelHeight, kernelWidth] = shape;
    const [n, channels, height, width] = maps.shape;
    const [, , outHeight, outWidth] = gradient.shape;
    const [top, left] = sides(pad);
    const data = new Float64Array(sizeOf(shape));
    for (let image = 0; image < n; image++) {
      for (let k = 0; k < nKernels; k++) {
        const firstChannel = Math.floor(k / (nKernels / groups)) * perGroup;
        for (let c = 0; c < perGroup; c++) {
          const plane = (image * channels + firstChannel + c) * height;
          for (let dy = 0; dy < kernelHeight; dy++) {
            for (let dx = 0; dx < kernelWidth; dx++) {
              let sum = 0;
              for (let y = 0; y < outHeight; y++) {
                const row = y * stride + dy - top;
                if (row < 0 || row >= height) continue;
                const gradientRow = ((image * nKernels + k) * outHeight + y) * outWidth;
                for (let x = 0; x < outWidth; x++) {
                  const column = x * stride + dx - left;
                  if (column < 0 || column >= width) continue;
                  sum += gradient.data[gradientRow + x] * maps.data[(plane + row) * width + column];
                }
              }
              data[((k * perGroup + c) * kernelHeight + dy) * kernelWidth + dx] += sum;
            }
          }
        }
      }
    }
    return { shape, data };
  },

  emit: emitKernelGradient,

  example(random) {
    const groups = random.integer(1, 3);
    const kernel = [random.integer(1, 4), random.integer(1, 4)] as const;
    const pad = [0, 1, 2, 3].map(() => random.integer(0, 2)) as [number, number, number, number];
    const stride = random.integer(1, 3);
    const n = random.integer(1, 3);
    const [height, width] = [random.integer(4, 9), random.integer(4, 9)];
    const outHeight = Math.floor((height + pad[0] + pad[2] - kernel[0]) / stride) + 1;
    const outWidth = Math.floor((width + pad[1] + pad[3] - kernel[1]) / stride) + 1;
    return {
      inputs: [
        [n, groups * random.integer(1, 3), height, width],
        [n, groups * random.integer(1, 3), outHeight, outWidth],
      ],
      attributes: { kernel, stride, pad, groups },
    };
  },
};
