import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Builder, Operator, Shape, Tensor } from '../operator.ts';
import { gather } from './gather.ts';

/**
 * A tensor repeated until it has a shape, as numpy repeats: along axes of length 1, or along ones that it lacks in front. Lengths that stay may
 * be another when the graph runs.
 */
export const expand: Operator<{ readonly shape: Shape }> = {
  shape([from], { shape }) {
    if (formatShape(broadcast('expand', from, shape)) !== formatShape(shape)) {
      throw new ShapeError(`expand: shape ${formatShape(from)} is not repeated to ${formatShape(shape)}`);
    }
    return shape;
  },
  evaluate: ([input], { shape }) => ({ shape, data: repeated(input.data, input.shape, shape) }),
  emit(emitter, [input], output, { shape }, [from]) {
    const missing = shape.length - from.length;
    const wanted = shape.map((length, axis) => (from[axis - missing] === length ? 1 : length));
    emitter.node('Expand', [input, emitter.integers(wanted)], output);
  },
  gradient: (graph, { inputs: [input], gradient }) => [() => sumTo(graph, gradient, input.shape)],
  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
    return { inputs: [shortened(shape, random)], attributes: { shape } };
  },
};

/** The shape two shapes are repeated to. */
export function broadcast(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const lengthA = a[axis - rank + a.length] ?? 1;
    const lengthB = b[axis - rank + b.length] ?? 1;
    if (lengthA !== lengthB && lengthA !== 1 && lengthB !== 1) {
      throw new ShapeError(`${operator}: shapes ${formatShape(a)} and ${formatShape(b)} do not fit each other`);
    }
    return lengthA === 1 ? lengthB : lengthA;
  });
}

/** The derivative by something that was repeated to the tensor's shape: its sum over the axes that it was repeated along. */
export function sumTo(graph: Builder, tensor: Tensor, shape: Shape): Tensor {
  const missing = tensor.shape.length - shape.length;
  const axes = [...tensor.shape.keys()].filter(
    (axis) => axis < missing || (shape[axis - missing] === 1 && tensor.shape[axis] !== 1),
  );
  if (axes.length === 0) return tensor;
  const sum = graph.apply('reduceSum', [tensor], { axes, keep: missing === 0 });
  return formatShape(sum.shape) === formatShape(shape) ? sum : graph.apply('reshape', [sum], { shape });
}

/** Values of an array of shape `from` repeated to `shape`. */
export function repeated(data: Float64Array, from: Shape, shape: Shape): Float64Array {
  const missing = shape.length - from.length;
  const strides = shape.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : sizeOf(from.slice(axis - missing + 1)),
  );
  return gather(data, shape, strides);
}

/** For examples: a shape with some axes of length 1, or left out in front. */
export function shortened(
  shape: Shape,
  random: { uniform(): number; integer(from: number, to: number): number },
): number[] {
  return shape.map((length) => (random.uniform() < 0.3 ? 1 : length)).slice(random.integer(0, shape.length - 1));
}
