import { sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { type MaxPoolAttributes, padsOf, pooledShape } from './pool-windows.ts';
import { type Padding, sides } from './spatial.ts';

/**
 * Largest value in each window of a map.
 * @source torch.nn.functional.max_pool2d, whose rule for `ceil_mode` this follows
 */
export const maxPool: Operator<MaxPoolAttributes> = {
  shape: ([maps], attributes) => pooledShape('maxPool', maps, attributes),

  evaluate([maps], attributes) {
    const { kernel, stride, pad = 0 } = attributes;
    const [before, beside] = sides(pad);
    const shape = maxPool.shape([maps.shape], attributes);
    const [n, channels, outHeight, outWidth] = shape;
    const [, , height, width] = maps.shape;
    const data = new Float64Array(sizeOf(shape));
    let at = 0;
    for (let plane = 0; plane < n * channels; plane++) {
      for (let y = 0; y < outHeight; y++) {
        const top = y * stride - before;
        for (let x = 0; x < outWidth; x++) {
          const left = x * stride - beside;
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

  emit(emitter, inputs, output, attributes, [shape]) {
    const { kernel, stride } = attributes;
    emitter.node('MaxPool', inputs, output, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: padsOf(shape, attributes),
    });
  },

  gradient: (graph, { inputs: [maps], attributes, gradient }) => [
    () => graph.apply('maxPoolGradient', [maps, gradient], attributes),
  ],

  example(random) {
    const kernel = random.integer(1, 4);
    const side = () => random.integer(0, Math.floor(kernel / 2));
    return {
      inputs: [[random.integer(1, 3), random.integer(1, 3), random.integer(4, 9), random.integer(4, 9)]],
      attributes: {
        kernel,
        stride: random.integer(1, 3),
        pad: random.uniform() < 0.5 ? side() : ([side(), side(), side(), side()] as Padding),
        ceil: random.uniform() < 0.5,
      },
    };
  },
};
