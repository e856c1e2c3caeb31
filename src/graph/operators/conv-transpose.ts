import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Emitter } from '../emitter.ts';
import type { Operator, Shape } from '../operator.ts';
import { axesOf, type Padding, sides, windows } from './spatial.ts';
import { forEachTap } from './taps.ts';

/** Inputs: maps n x k x oh x ow and the convolution's kernels k x (c / groups) x kh x kw. */
export interface ConvTransposeAttributes {
  /** Height and width of the result; a stride leaves them open. */
  readonly size: readonly [height: number, width: number];
  readonly stride?: number;
  readonly pad?: Padding;
  readonly groups?: number;
}

/**
 * The adjoint of a convolution: what each of its maps' values gets from all places of the result that it went into, n x c x h x w. Stride, padding
 * and groups are the convolution's.
 * @source torch.nn.functional.conv_transpose2d
 */
export const convTranspose: Operator<ConvTransposeAttributes> = {
  shape([maps, kernels], { size, stride = 1, pad = 0, groups = 1 }) {
    const [n, nKernels, outHeight, outWidth] = axesOf('convTranspose', maps);
    const [k, perGroup, height, width] = axesOf('convTranspose kernels', kernels);
    const [top, left, bottom, right] = sides(pad);
    if (
      k !== nKernels ||
      k % groups !== 0 ||
      windows(size[0], top, bottom, height, stride) !== outHeight ||
      windows(size[1], left, right, width, stride) !== outWidth
    ) {
      throw new ShapeError(
        `convTranspose: kernels ${formatShape(kernels)} in ${groups} groups do not make maps ${formatShape(maps)} of ${formatShape(size)}`,
      );
    }
    return [n, perGroup * groups, ...size];
  },

  evaluate([maps, kernels], attributes) {
    const shape = convTranspose.shape([maps.shape, kernels.shape], attributes);
    const { stride, pad, groups } = attributes;
    const data = new Float64Array(sizeOf(shape));
    const connected = { maps: shape, kernels: kernels.shape, output: maps.shape, stride, pad, groups };
    forEachTap(connected, (at, map, kernel) => {
      data[map] += maps.data[at] * kernels.data[kernel];
    });
    return { shape, data };
  },

  // With stride 1 a convolution with turned kernels is three times as fast in onnxruntime as ConvTranspose; with stride 2, where it would meet
  // zeros between all values, it takes twice as long.
  emit(emitter, [maps, kernels], output, attributes, [shapeOfMaps, shapeOfKernels]) {
    const { size, stride = 1, pad = 0, groups = 1 } = attributes;
    const kernel = shapeOfKernels.slice(2);
    const pads = sides(pad);
    const around = pads.map((side, k) => kernel[k % 2] - 1 - side);
    if (stride === 1 && around.every((count) => count >= 0)) {
      const turned = emitTurned(emitter, kernels, shapeOfKernels, groups, `${output}/kernels`);
      emitter.node('Conv', [maps, turned], output, {
        kernel_shape: kernel,
        strides: [1, 1],
        pads: around,
        group: groups,
      });
      return;
    }
    const reached = [0, 1].map((k) => (shapeOfMaps[k + 2] - 1) * stride + kernel[k] - pads[k] - pads[k + 2]);
    emitter.node('ConvTranspose', [maps, kernels], output, {
      kernel_shape: kernel,
      strides: [stride, stride],
      pads,
      output_padding: reached.map((length, k) => size[k] - length),
      group: groups,
    });
  },

  gradient(graph, { inputs: [maps, kernels], attributes: { stride, pad, groups }, gradient }) {
    const kernel = kernels.shape.slice(2);
    return [
      () => graph.apply('conv', [gradient, kernels], { stride, pad, groups }),
      () => graph.apply('convKernelGradient', [gradient, maps], { kernel, stride, pad, groups }),
    ];
  },

  example(random) {
    const groups = random.integer(1, 3);
    const nKernels = groups * random.integer(1, 3);
    const [height, width] = [random.integer(1, 4), random.integer(1, 4)];
    const pad = [0, 1, 2, 3].map(() => random.integer(0, 2)) as [number, number, number, number];
    const stride = random.integer(1, 3);
    const size = [random.integer(4, 9), random.integer(4, 9)] as const;
    const out = [windows(size[0], pad[0], pad[2], height, stride), windows(size[1], pad[1], pad[3], width, stride)];
    return {
      inputs: [
        [random.integer(1, 3), nKernels, ...out],
        [nKernels, random.integer(1, 3), height, width],
      ],
      attributes: { size, stride, pad, groups },
    };
  },
};

/** Adds kernels turned by 180 degrees, with input and output channels exchanged within each group, and gives their name. */
function emitTurned(
  emitter: Emitter,
  kernels: string,
  [nKernels, perGroup, height, width]: Shape,
  groups: number,
  output: string,
): string {
  const split = emitter.integers([groups, nKernels / groups, perGroup, height * width]);
  emitter.node('Reshape', [kernels, split], `${output}/groups`);
  emitter.node('Transpose', [`${output}/groups`], `${output}/exchanged`, { perm: [0, 2, 1, 3] });
  const [last, beforeFirst, axis, back] = [height * width - 1, -height * width - 1, 3, -1].map((value) =>
    emitter.integers([value]),
  );
  const isOne = height * width === 1;
  if (!isOne) emitter.node('Slice', [`${output}/exchanged`, last, beforeFirst, axis, back], `${output}/turned`);
  const shape = emitter.integers([perGroup * groups, nKernels / groups, height, width]);
  emitter.node('Reshape', [isOne ? `${output}/exchanged` : `${output}/turned`, shape], output);
  return output;
}
