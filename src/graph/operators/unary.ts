import type { Random } from '../../core/random.ts';
import type { Builder, Operator, Tensor } from '../operator.ts';

/** max(x, 0); its derivative at 0 is 0, as PyTorch's. */
export const relu: Operator<object> = {
  ...unary('Relu', (x) => (x < 0 ? 0 : x)),
  gradient: (graph, { output, gradient }) => [() => graph.apply('gate', [gradient, output])],
};

/** 1 / (1 + exp(-x)) */
export const sigmoid: Operator<object> = {
  ...unary('Sigmoid', (x) => 1 / (1 + Math.exp(-x)), [-8, 8]),
  gradient: (graph, { output: y, gradient }) => [
    () => {
      const slope = graph.apply('multiply', [y, graph.apply('subtract', [number(graph, 1), y])]);
      return graph.apply('multiply', [gradient, slope]);
    },
  ],
};

/** The square root of x, which must not be negative. */
export const sqrt: Operator<object> = {
  ...unary('Sqrt', Math.sqrt, [0.1, 4]),
  gradient: (graph, { output, gradient }) => [
    () => graph.apply('divide', [gradient, graph.apply('multiply', [number(graph, 2), output])]),
  ],
};

/** x^2 */
export const square: Operator<object> = {
  ...unary('Mul', (x) => x * x),
  emit: (emitter, [input], output) => emitter.node('Mul', [input, input], output),
  gradient: (graph, { inputs: [x], gradient }) => [
    () => graph.apply('multiply', [graph.apply('multiply', [number(graph, 2), gradient]), x]),
  ],
};

/** x^exponent for positive x. */
export const power: Operator<{ readonly exponent: number }> = {
  shape: ([shape]) => shape,
  evaluate: ([{ shape, data }], { exponent }) => ({ shape, data: data.map((x) => x ** exponent) }),
  emit: (emitter, [x], output, { exponent }) => emitter.node('Pow', [x, emitter.filled([], exponent)], output),
  gradient(graph, { inputs: [x], attributes: { exponent }, gradient }) {
    return [
      () => {
        const slope = graph.apply('power', [x], { exponent: exponent - 1 });
        return graph.apply('multiply', [gradient, graph.apply('multiply', [slope, number(graph, exponent)])]);
      },
    ];
  },
  example: (random) => ({
    inputs: [anyShape(random)],
    attributes: { exponent: random.uniform() * 4 - 2 },
    ranges: [[0.5, 2]],
  }),
};

/** x, but nothing below `least` and nothing above `most`; the derivative is 0 at both, as PyTorch's of ReLU6. */
export const clip: Operator<{ readonly least: number; readonly most: number }> = {
  shape: ([shape]) => shape,
  evaluate: ([{ shape, data }], { least, most }) => ({
    shape,
    data: data.map((x) => Math.min(most, Math.max(least, x))),
  }),
  emit(emitter, [x], output, { least, most }) {
    emitter.node('Clip', [x, emitter.filled([], least), emitter.filled([], most)], output);
  },
  gradient: (graph, { inputs: [x], attributes: { least, most }, gradient }) => [
    () => {
      const fromLeast = graph.apply('gate', [gradient, graph.apply('subtract', [x, number(graph, least)])]);
      return graph.apply('gate', [fromLeast, graph.apply('subtract', [number(graph, most), x])]);
    },
  ],
  example: (random) => ({ inputs: [anyShape(random)], attributes: { least: -0.5, most: random.uniform() } }),
};

/** e^x */
export const exp: Operator<object> = {
  ...unary('Exp', Math.exp),
  gradient: (graph, { output, gradient }) => [() => graph.apply('multiply', [gradient, output])],
};

/** -x */
export const negate: Operator<object> = {
  ...unary('Neg', (x) => -x),
  gradient: (graph, { gradient }) => [() => graph.apply('negate', [gradient])],
};

/** |x|; its derivative at 0 is 0, as PyTorch's. */
export const abs: Operator<object> = {
  ...unary('Abs', Math.abs),
  gradient: (graph, { inputs: [x], gradient }) => [() => graph.apply('multiply', [gradient, graph.apply('sign', [x])])],
};

/** -1, 0 or 1 as x is negative, zero or positive; its derivative is zero. */
export const sign: Operator<object> = {
  ...unary('Sign', Math.sign),
  gradient: () => [undefined],
};

/** An operator that maps each value by itself. */
function unary(
  onnx: string,
  map: (x: number) => number,
  range: readonly [from: number, to: number] = [-1, 1],
): Operator<object> {
  return {
    shape: ([shape]) => shape,
    evaluate: ([input]) => ({ shape: input.shape, data: input.data.map(map) }),
    emit: (emitter, inputs, output) => emitter.node(onnx, inputs, output),
    example: (random) => ({ inputs: [anyShape(random)], attributes: {}, ranges: [range] }),
  };
}

function number(graph: Builder, value: number): Tensor {
  return graph.constant(String(value), [], Float64Array.of(value));
}

function anyShape(random: Random): number[] {
  return Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 5));
}
