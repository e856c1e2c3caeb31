import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { type ConvKernelGradientAttributes, emitKernelGradient } from './shifted-rows.ts';
import { axesOf } from './spatial.ts';
import { forEachTap } from './taps.ts';

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
    const shape = convKernelGradient.shape([maps.shape, gradient.shape], attributes);
    const { stride, pad, groups } = attributes;
    const data = new Float64Array(sizeOf(shape));
    const connected = { maps: maps.shape, kernels: shape, output: gradient.shape, stride, pad, groups };
    forEachTap(connected, (at, map, kernel) => {
      data[kernel] += gradient.data[at] * maps.data[map];
    });
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
