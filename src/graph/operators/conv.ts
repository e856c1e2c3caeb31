import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { axesOf, type Padding, sides, windows } from './spatial.ts';
import { forEachTap } from './taps.ts';

/** Inputs: maps n x c x h x w, kernels k x (c / groups) x kh x kw, and where wanted a bias of k values. */
export interface ConvAttributes {
  readonly stride?: number;
  readonly pad?: Padding;
  readonly groups?: number;
}

/** Two-dimensional convolution, as networks mean it: a correlation, kernels not flipped, zeros beyond the edge. */
export const conv: Operator<ConvAttributes> = {
  shape([maps, kernels, bias], { stride = 1, pad = 0, groups = 1 }) {
    const [n, channels, height, width] = axesOf('conv', maps);
    const [nKernels, channelsPerGroup, kernelHeight, kernelWidth] = axesOf('conv kernels', kernels);
    if (channels !== channelsPerGroup * groups || nKernels % groups !== 0) {
      throw new ShapeError(
        `conv: kernels ${formatShape(kernels)} in ${groups} groups do not fit maps ${formatShape(maps)}`,
      );
    }
    if (bias !== undefined && (bias.length !== 1 || bias[0] !== nKernels)) {
      throw new ShapeError(`conv: expected a bias of ${nKernels} values, got ${formatShape(bias)}`);
    }
    const [top, left, bottom, right] = sides(pad);
    const outHeight = windows(height, top, bottom, kernelHeight, stride);
    const outWidth = windows(width, left, right, kernelWidth, stride);
    if (outHeight < 1 || outWidth < 1) {
      throw new ShapeError(
        `conv: a ${kernelHeight} x ${kernelWidth} kernel does not fit into maps ${formatShape(maps)}`,
      );
    }
    return [n, nKernels, outHeight, outWidth];
  },

  evaluate([maps, kernels, bias], attributes) {
    const shape = conv.shape(bias ? [maps.shape, kernels.shape, bias.shape] : [maps.shape, kernels.shape], attributes);
    const [, nKernels, outHeight, outWidth] = shape;
    const data = new Float64Array(sizeOf(shape));
    if (bias) {
      for (let k = 0; k < data.length; k++) data[k] = bias.data[Math.floor(k / (outHeight * outWidth)) % nKernels];
    }
    forEachTap({ maps: maps.shape, kernels: kernels.shape, output: shape, ...attributes }, (at, map, kernel) => {
      data[at] += maps.data[map] * kernels.data[kernel];
    });
    return { shape, data };
  },

  emit(emitter, inputs, output, { stride = 1, pad = 0, groups = 1 }, shapes) {
    emitter.node('Conv', inputs, output, {
      kernel_shape: shapes[1].slice(2),
      strides: [stride, stride],
      pads: sides(pad),
      group: groups,
    });
  },

  gradient(graph, { inputs: [maps, kernels], attributes: { stride, pad, groups }, gradient }) {
    const [size, kernel] = [maps.shape.slice(2), kernels.shape.slice(2)];
    return [
      () => graph.apply('convTranspose', [gradient, kernels], { size, stride, pad, groups }),
      () => graph.apply('convKernelGradient', [maps, gradient], { kernel, stride, pad, groups }),
      () => graph.apply('reduceSum', [gradient], { axes: [0, 2, 3], keep: false }),
    ];
  },

  example(random) {
    const groups = random.integer(1, 3);
    const perGroup = random.integer(1, 3);
    const nKernels = groups * random.integer(1, 3);
    const kernel = [random.integer(1, 4), random.integer(1, 4)];
    const pad: Padding =
      random.uniform() < 0.5
        ? random.integer(0, 2)
        : [random.integer(0, 2), random.integer(0, 2), random.integer(0, 2), random.integer(0, 2)];
    const maps = [random.integer(1, 3), groups * perGroup, random.integer(4, 9), random.integer(4, 9)];
    const bias = random.uniform() < 0.5 ? [[nKernels]] : [];
    return {
      inputs: [maps, [nKernels, perGroup, ...kernel], ...bias],
      attributes: { stride: random.integer(1, 3), pad, groups },
    };
  },
};
