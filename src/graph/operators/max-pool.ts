import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { axesOf, windows } from './spatial.ts';

/** Input: maps n x c x h x w. */
export interface MaxPoolAttributes {
  /** Positions a side of the window. */
  readonly kernel: number;
  readonly stride: number;
  /** Positions around the maps that hold nothing; at most half the kernel. */
  readonly pad?: number;
  /** Whether a last window may reach beyond the lower and right edge, as long as it begins inside. */
  readonly ceil?: boolean;
}

/**
 * Largest value in each window of a map.
 * @source torch.nn.functional.max_pool2d, whose rule for `ceil_mode` this follows
 */
export const maxPool: Operator<MaxPoolAttributes> = {
  shape([maps], attributes) {
    const [n, channels, height, width] = axesOf('maxPool', maps);
    const { kernel, pad = 0 } = attributes;
    if (2 * pad > kernel) throw new ShapeError(`maxPool: padding ${pad} is more than half the kernel ${kernel}`);
    const outHeight = pooled(height, attributes);
    const outWidth = pooled(width, attributes);
    if (outHeight < 1 || outWidth < 1) {
      throw new ShapeError(`maxPool: a kernel of ${kernel} does not fit into maps ${formatShape(maps)}`);
    }
    return [n, channels, outHeight, outWidth];
  },

  evaluate([maps], attributes) {
    const { kernel, stride, pad = 0 } = attributes;
    const shape = maxPool.shape([maps.shape], attributes);
    const [n, channels, outHeight, outWidth] = shape;
    const [, , height, width] = maps.shape;
    const data = new Float64Array(sizeOf(shape));
    let at = 0;
    for (let plane = 0; plane < n * channels; plane++) {
      for (let y = 0; y < outHeight; y++) {
        const top = y * stride - pad;
        for (let x = 0; x < outWidth; x++) {
          const left = x * stride - pad;
          let largest = Number.NEGATIVE_INFINITY;
          for (let row = Math.max(0, top); row < Math.min(height, top + kernel); row++) {
            for (let column = Math.max(0, left); column < Math.min(width, left + kernel); column++) {
              largest = Math.max(largest, maps.data[(plane * height + row) * width + column]);
            }
          }
          data[at++] = largest;
        }
      }
    }
    return { shape, data };
  },

  // Runtimes disagree on ceil_mode; padding below and to the right that says the same leaves no room for that.
  emit(emitter, inputs, output, attributes, shapes) {
    const { kernel, stride, pad = 0 } = attributes;
    const beyond = (length: number) =>
      Math.max(pad, (pooled(length, attributes) - 1) * stride + kernel - (length + pad));
    emitter.node('MaxPool', inputs, output, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, beyond(shapes[0][2]), beyond(shapes[0][3])],
    });
  },

  example(random) {
    const kernel = random.integer(1, 4);
    return {
      inputs: [[random.integer(1, 3), random.integer(1, 3), random.integer(4, 9), random.integer(4, 9)]],
      attributes: {
        kernel,
        stride: random.integer(1, 3),
        pad: random.integer(0, Math.floor(kernel / 2)),
        ceil: random.uniform() < 0.5,
      },
    };
  },
};

function pooled(length: number, { kernel, stride, pad = 0, ceil = false }: MaxPoolAttributes): number {
  if (!ceil) return windows(length, pad, pad, kernel, stride);
  const count = Math.ceil((length + 2 * pad - kernel) / stride) + 1;
  return (count - 1) * stride >= length + pad ? count - 1 : count;
}
