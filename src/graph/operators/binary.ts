import type { Operator } from '../operator.ts';
import { broadcast, repeated, shortened, sumTo } from './broadcast.ts';

/** a + b */
export const add: Operator<object> = {
  ...binary('Add', (a, b) => a + b),
  gradient: (graph, { inputs: [a, b], gradient }) => [
    () => sumTo(graph, gradient, a.shape),
    () => sumTo(graph, gradient, b.shape),
  ],
};

/** a - b */
export const subtract: Operator<object> = {
  ...binary('Sub', (a, b) => a - b),
  gradient: (graph, { inputs: [a, b], gradient }) => [
    () => sumTo(graph, gradient, a.shape),
    () => graph.apply('negate', [sumTo(graph, gradient, b.shape)]),
  ],
};

/** a b, value by value */
export const multiply: Operator<object> = {
  ...binary('Mul', (a, b) => a * b),
  gradient: (graph, { inputs: [a, b], gradient }) => [
    () => sumTo(graph, graph.apply('multiply', [gradient, b]), a.shape),
    () => sumTo(graph, graph.apply('multiply', [gradient, a]), b.shape),
  ],
};

/** a / b, value by value */
export const divide: Operator<object> = {
  ...binary('Div', (a, b) => a / b, [0.5, 2]),
  gradient(graph, { inputs: [a, b], output, gradient }) {
    return [
      () => sumTo(graph, graph.apply('divide', [gradient, b]), a.shape),
      () => {
        const product = sumTo(graph, graph.apply('multiply', [gradient, output]), b.shape);
        return graph.apply('negate', [graph.apply('divide', [product, b])]);
      },
    ];
  },
};

/** An operator on two tensors, value by value; an axis of length 1, or one that is not there in front, is repeated, as in numpy. */
function binary(
  onnx: string,
  combine: (a: number, b: number) => number,
  rangeOfSecond: readonly [from: number, to: number] = [-1, 1],
): Operator<object> {
  return {
    shape: ([a, b]) => broadcast(onnx, a, b),
    evaluate([a, b]) {
      const shape = broadcast(onnx, a.shape, b.shape);
      const left = repeated(a.data, a.shape, shape);
      const right = repeated(b.data, b.shape, shape);
      return { shape, data: left.map((value, k) => combine(value, right[k])) };
    },
    emit: (emitter, inputs, output) => emitter.node(onnx, inputs, output),
    example(random) {
      const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
      return {
        inputs: [shortened(shape, random), shortened(shape, random)],
        attributes: {},
        ranges: [[-1, 1], rangeOfSecond],
      };
    },
  };
}
