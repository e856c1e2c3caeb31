import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { axesOf, type Padding, sides, windows } from './spatial.ts';

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
    const { stride = 1, pad = 0, groups = 1 } = attributes;
    const shape = conv.shape(bias ? [maps.shape, kernels.shape, bias.shape] : [maps.shape, kernels.shape], attributes);
    const [n, nKernels, outHeight, outWidth] = shape;
    const [, channels, height, width] = maps.shape;
    const [, perGroup, kernelHeight, kernelWidth] = kernels.shape;
    const [top, left] = sides(pad);
    const data = new Float64Array(sizeOf(shape));
    let at = 0;
    for (let image = 0; image < n; image++) {
      for (let k = 0; k < nKernels; k++) {
        const firstChannel = Math.floor(k / (nKernels / groups)) * perGroup;
        for (let y = 0; y < outHeight; y++) {
          for (let x = 0; x < outWidth; x++) {
            let sum = bias ? bias.data[k] : 0;
            for (let c = 0; c < perGroup; c++) {
              const plane = (image * channels + firstChannel + c) * height;
              for (let dy = 0; dy < kernelHeight; dy++) {
                const row = y * stride - top + dy;
                if (row < 0 || row >= height) continue;
                const kernelRow = ((k * perGroup + c) * kernelHeight + dy) * kernelWidth;
                for (let dx = 0; dx < kernelWidth; dx++) {
                  const column = x * stride - left + dx;
                  if (column < 0 || column >= width) continue;
                  sum += maps.data[(plane + row) * width + column] * kernels.data[kernelRow + dx];
                }
              }
            }
            data[at++] = sum;
          }
        }
      }
    }
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
