import { ShapeError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { Emitter } from '../emitter.ts';
import type { Operator, Shape } from '../operator.ts';
import { interleave } from './interleave.ts';
import { type MaxPoolAttributes, padsOf, pooledShape } from './pool-windows.ts';
import { axesOf, type Padding, sides } from './spatial.ts';

/** Lower than any activation: what the pool reads beyond the edge. */
const LOWEST = -1e30;
/** So steep that only a difference of 0 gives 1: activations that differ do so by more than its inverse. */
const STEEP = 1e30;

/**
 * Derivative by a max pool's maps. Inputs: maps n x c x h x w, the derivative by the pool's output. Each window's goes to its largest value,
 * among equal ones to the first in row-major order.
 * @source torch.nn.functional.max_pool2d, whose choice among ties this follows
 */
export const maxPoolGradient: Operator<MaxPoolAttributes> = {
  shape([maps, gradient], attributes) {
    const expected = formatShape(pooledShape('maxPoolGradient', maps, attributes));
    if (formatShape(gradient) !== expected) {
      throw new ShapeError(`maxPoolGradient: expected a gradient of ${expected}, got ${formatShape(gradient)}`);
    }
    return maps;
  },

  evaluate([maps, gradient], { kernel, stride, pad = 0 }) {
    const [before, beside] = sides(pad);
    const [n, channels, height, width] = axesOf('maxPoolGradient', maps.shape);
    const [, , outHeight, outWidth] = gradient.shape;
    const data = new Float64Array(maps.data.length);
    let at = 0;
    for (let plane = 0; plane < n * channels; plane++) {
      for (let y = 0; y < outHeight; y++) {
        const top = y * stride - before;
        for (let x = 0; x < outWidth; x++) {
          const left = x * stride - beside;
          let first = -1;
          for (let row = Math.max(0, top); row < Math.min(height, top + kernel); row++) {
            for (let column = Math.max(0, left); column < Math.min(width, left + kernel); column++) {
              const place = (plane * height + row) * width + column;
              if (first < 0 || maps.data[place] > maps.data[first]) first = place;
            }
          }
          data[first] += gradient.data[at++];
        }
      }
    }
    return { shape: maps.shape, data };
  },

  // The first largest value of a window lies in the first line whose own maximum is the window's, and is the first such value of that line.
  // So a pool is one along lines and then one along columns, and its derivative goes back through both: six comparisons of slices, not nine.
  emit(emitter, [maps, gradient], output, attributes, [shape]) {
    const { kernel, stride } = attributes;
    const [top, left, bottom, right] = padsOf(shape, attributes);
    emitter.node('MaxPool', [maps], `${output}/lines`, {
      kernel_shape: [1, kernel],
      strides: [1, stride],
      pads: [0, left, 0, right],
    });
    emitter.node('MaxPool', [`${output}/lines`], `${output}/pooled`, {
      kernel_shape: [kernel, 1],
      strides: [stride, 1],
      pads: [top, 0, bottom, 0],
    });
    const ofLines = [...shape.slice(0, 3), pooledShape('maxPoolGradient', shape, attributes)[3]];
    const back = `${output}/vertical`;
    along(emitter, [`${output}/lines`, `${output}/pooled`, gradient], back, attributes, ofLines, 2, [top, bottom]);
    along(emitter, [maps, `${output}/lines`, back], output, attributes, shape, 3, [left, right]);
  },

  example(random) {
    const kernel = random.integer(1, 4);
    const side = () => random.integer(0, Math.floor(kernel / 2));
    const attributes = {
      kernel,
      stride: random.integer(1, 3),
      pad: random.uniform() < 0.5 ? side() : ([side(), side(), side(), side()] as Padding),
      ceil: random.uniform() < 0.5,
    };
    const maps = [random.integer(1, 3), random.integer(1, 3), random.integer(4, 9), random.integer(4, 9)];
    return { inputs: [maps, pooledShape('maxPoolGradient', maps, attributes)], attributes };
  },
};

/** Adds the derivative of a pool along one axis. */
function along(
  emitter: Emitter,
  [maps, pooled, gradient]: readonly string[],
  output: string,
  { kernel, stride }: MaxPoolAttributes,
  shape: Shape,
  axis: 2 | 3,
  [before, after]: readonly [before: number, after: number],
): void {
  const windows = Math.floor((shape[axis] + before + after - kernel) / stride) + 1;
  const padded = paddedAxis(emitter, maps, `${output}/padded`, axis, [before, Math.max(0, after)], LOWEST);
  const name = (k: number, what: string) => `${output}/${k}/${what}`;

  let left = gradient; // the derivative of windows whose largest value has not come yet
  const parts = Array.from({ length: kernel }, (_, k) => {
    if (k === kernel - 1) return left;
    slice(emitter, padded, name(k, 'values'), axis, k, k + (windows - 1) * stride + 1, stride);
    emitter.node('Sub', [name(k, 'values'), pooled], name(k, 'below'));
    emitter.node('HardSigmoid', [name(k, 'below')], name(k, 'largest'), {
      alpha: { float: STEEP },
      beta: { float: 1 },
    });
    emitter.node('Mul', [left, name(k, 'largest')], name(k, 'taken'));
    emitter.node('Sub', [left, name(k, 'taken')], name(k, 'left'));
    left = name(k, 'left');
    return name(k, 'taken');
  });

  // Position i stride + r gets from every kernel position r + q stride what window i - q gives it.
  const reach = Math.floor((kernel - 1) / stride);
  const phases = Array.from({ length: stride }, (_, r) => {
    let sum: string | undefined;
    for (let q = 0; r + q * stride < kernel; q++) {
      const k = r + q * stride;
      const moved = paddedAxis(emitter, parts[k], name(k, 'moved'), axis, [q, reach - q], 0);
      if (sum !== undefined) emitter.node('Add', [sum, moved], name(k, 'sum'));
      sum = sum === undefined ? moved : name(k, 'sum');
    }
    return sum;
  });
  const length = (windows + reach) * stride;
  const reached = [...shape.slice(0, axis), length, ...shape.slice(axis + 1)];
  const turns = stride === 1 ? phases[0]! : interleave(emitter, phases, reached.slice(axis), `${output}/phases`);
  emitter.node('Reshape', [turns, emitter.integers([-1, ...reached.slice(1)])], `${output}/reached`);
  const missing = Math.max(0, before + shape[axis] - length);
  const whole = paddedAxis(emitter, `${output}/reached`, `${output}/whole`, axis, [0, missing], 0);
  slice(emitter, whole, output, axis, before, before + shape[axis], 1);
}

function paddedAxis(
  emitter: Emitter,
  input: string,
  output: string,
  axis: 2 | 3,
  [before, after]: readonly number[],
  value: number,
): string {
  if (before === 0 && after === 0) return input;
  const counts = [0, 0, 0, 0, 0, 0, 0, 0];
  counts[axis] = before;
  counts[axis + 4] = after;
  const around = value === 0 ? [] : [emitter.filled([], value)];
  emitter.node('Pad', [input, emitter.integers(counts), ...around], output);
  return output;
}

function slice(
  emitter: Emitter,
  input: string,
  output: string,
  axis: number,
  from: number,
  to: number,
  step: number,
): void {
  emitter.node('Slice', [input, ...[[from], [to], [axis], [step]].map((list) => emitter.integers(list))], output);
}
