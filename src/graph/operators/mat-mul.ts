import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator, Shape } from '../operator.ts';

/** Matrix product of the last two axes, a: ... x m x k and b: ... x k x n; the axes before them are equal, or b has none and meets every matrix of a. */
export const matMul: Operator<object> = {
  shape([a, b]) {
    const batch = a.slice(0, -2);
    if (
      a.length < 2 ||
      b.length < 2 ||
      a.at(-1) !== b.at(-2) ||
      (b.length > 2 && formatShape(batch) !== formatShape(b.slice(0, -2)))
    ) {
      throw new ShapeError(`matMul: shapes ${formatShape(a)} and ${formatShape(b)} do not fit each other`);
    }
    return [...batch, a.at(-2)!, b.at(-1)!];
  },

  evaluate([a, b]) {
    const shape = matMul.shape([a.shape, b.shape], {});
    const [rows, inner] = a.shape.slice(-2);
    const columns = b.shape.at(-1)!;
    const data = new Float64Array(sizeOf(shape));
    const nMatrices = sizeOf(shape.slice(0, -2));
    for (let matrix = 0; matrix < nMatrices; matrix++) {
      const startA = matrix * rows * inner;
      const startB = b.shape.length > 2 ? matrix * inner * columns : 0;
      const start = matrix * rows * columns;
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < inner; k++) {
          const value = a.data[startA + i * inner + k];
          for (let j = 0; j < columns; j++) {
            data[start + i * columns + j] += value * b.data[startB + k * columns + j];
          }
        }
      }
    }
    return { shape, data };
  },

  emit(emitter, inputs, output) {
    emitter.node('MatMul', inputs, output);
  },

  example(random) {
    const batch: Shape = Array.from({ length: random.integer(0, 2) }, () => random.integer(1, 3));
    const [m, k, n] = [random.integer(1, 5), random.integer(1, 5), random.integer(1, 5)];
    return {
      inputs: [
        [...batch, m, k],
        [...(random.uniform() < 0.5 ? batch : []), k, n],
      ],
      attributes: {},
    };
  },
};
