import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator, Shape } from '../operator.ts';

/** a + b */
export const add = binary('Add', (a, b) => a + b);

/** a - b */
export const subtract = binary('Sub', (a, b) => a - b);

/** a b, value by value */
export const multiply = binary('Mul', (a, b) => a * b);

/** a / b, value by value */
export const divide = binary('Div', (a, b) => a / b, [0.5, 2]);

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
      const data = new Float64Array(sizeOf(shape));
      const stepsA = steps(a.shape, shape);
      const stepsB = steps(b.shape, shape);
      const position = new Array<number>(shape.length).fill(0);
      for (let k = 0, atA = 0, atB = 0; k < data.length; k++) {
        data[k] = combine(a.data[atA], b.data[atB]);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          atA += stepsA[axis];
          atB += stepsB[axis];
          if (++position[axis] < shape[axis]) break;
          position[axis] = 0;
          atA -= stepsA[axis] * shape[axis];
          atB -= stepsB[axis] * shape[axis];
        }
      }
      return { shape, data };
    },
    emit: (emitter, inputs, output) => emitter.node(onnx, inputs, output),
    example(random) {
      const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
      const repeated = () =>
        shape.map((length) => (random.uniform() < 0.3 ? 1 : length)).slice(random.integer(0, shape.length - 1));
      return { inputs: [repeated(), repeated()], attributes: {}, ranges: [[-1, 1], rangeOfSecond] };
    },
  };
}

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

/** For each axis of `shape`, how far one step along it goes in an array of shape `from`; 0 where that array is repeated. */
function steps(from: Shape, shape: Shape): number[] {
  const missing = shape.length - from.length;
  return shape.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : sizeOf(from.slice(axis - missing + 1)),
  );
}
