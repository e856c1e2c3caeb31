import type { Random } from '../../core/random.ts';
import type { Operator } from '../operator.ts';

/** max(x, 0) */
export const relu = unary('Relu', (x) => (x < 0 ? 0 : x));

/** 1 / (1 + exp(-x)) */
export const sigmoid = unary('Sigmoid', (x) => 1 / (1 + Math.exp(-x)), [-8, 8]);

/** The square root of x, which must not be negative. */
export const sqrt = unary('Sqrt', Math.sqrt, [0.1, 4]);

/** x^2 */
export const square: Operator<object> = {
  ...unary('Mul', (x) => x * x),
  emit: (emitter, [input], output) => emitter.node('Mul', [input, input], output),
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

function anyShape(random: Random): number[] {
  return Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 5));
}
