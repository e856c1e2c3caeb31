import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Emitter } from '../emitter.ts';
import type { Builder, Operator, Shape, Tensor } from '../operator.ts';

/** Which of the matrices are meant with rows and columns exchanged. */
export interface MatMulAttributes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Matrix product of the last two axes, a: ... x m x k and b: ... x k x n, or k x m and n x k where they are transposed; the axes before them are
 * equal, or b has none and meets every matrix of a.
 */
export const matMul: Operator<MatMulAttributes> = {
  shape([a, b], { transposeA = false, transposeB = false }) {
    const batch = a.slice(0, -2);
    const [m, inner] = matrix(a, transposeA);
    const [k, n] = matrix(b, transposeB);
    if (
      a.length < 2 ||
      b.length < 2 ||
      inner !== k ||
      (b.length > 2 && formatShape(batch) !== formatShape(b.slice(0, -2)))
    ) {
      throw new ShapeError(`matMul: shapes ${formatShape(a)} and ${formatShape(b)} do not fit each other`);
    }
    return [...batch, m, n];
  },

  evaluate([a, b], attributes) {
    const { transposeA = false, transposeB = false } = attributes;
    const shape = matMul.shape([a.shape, b.shape], attributes);
    const [rows, columns] = shape.slice(-2);
    const inner = matrix(b.shape, transposeB)[0];
    const [rowA, innerA] = transposeA ? [1, rows] : [inner, 1];
    const [innerB, columnB] = transposeB ? [1, inner] : [columns, 1];
    const data = new Float64Array(sizeOf(shape));
    const nMatrices = sizeOf(shape.slice(0, -2));
    for (let matrix = 0; matrix < nMatrices; matrix++) {
      const startA = matrix * rows * inner;
      const startB = b.shape.length > 2 ? matrix * inner * columns : 0;
      const start = matrix * rows * columns;
      for (let i = 0; i < rows; i++) {
        for (let k = 0; k < inner; k++) {
          const value = a.data[startA + i * rowA + k * innerA];
          for (let j = 0; j < columns; j++) {
            data[start + i * columns + j] += value * b.data[startB + k * innerB + j * columnB];
          }
        }
      }
    }
    return { shape, data };
  },

  // Gemm reads transposed matrices where they lie; of more axes onnxruntime takes Transpose into its own product.
  emit(emitter, [a, b], output, { transposeA = false, transposeB = false }, [shapeA, shapeB]) {
    if (!transposeA && !transposeB) {
      emitter.node('MatMul', [a, b], output);
    } else if (shapeA.length === 2 && shapeB.length === 2) {
      emitter.node('Gemm', [a, b], output, { transA: Number(transposeA), transB: Number(transposeB) });
    } else {
      const left = transposeA ? exchanged(emitter, a, shapeA, `${output}/a`) : a;
      const right = transposeB ? exchanged(emitter, b, shapeB, `${output}/b`) : b;
      emitter.node('MatMul', [left, right], output);
    }
  },

  gradient(graph, { inputs: [a, b], attributes: { transposeA = false, transposeB = false }, gradient }) {
    const product = (x: Tensor, y: Tensor, ofX: boolean, ofY: boolean) =>
      graph.apply('matMul', [x, y], { transposeA: ofX, transposeB: ofY });
    if (b.shape.length === a.shape.length) {
      return [
        () => (transposeA ? product(b, gradient, transposeB, true) : product(gradient, b, false, !transposeB)),
        () => (transposeB ? product(gradient, a, true, transposeA) : product(a, gradient, !transposeA, false)),
      ];
    }
    // b met every matrix of a: for its gradient their rows are those of one tall matrix.
    const rowsOfA = () => tall(graph, transposeA ? transposed(graph, a) : a);
    return [
      () => {
        const ofRows = product(gradient, b, false, !transposeB);
        return transposeA ? transposed(graph, ofRows) : ofRows;
      },
      () => {
        const rows = tall(graph, gradient);
        return transposeB ? product(rows, rowsOfA(), true, false) : product(rowsOfA(), rows, true, false);
      },
    ];
  },

  example(random) {
    const batch: Shape = Array.from({ length: random.integer(0, 2) }, () => random.integer(1, 3));
    const [m, k, n] = [random.integer(1, 5), random.integer(1, 5), random.integer(1, 5)];
    const [transposeA, transposeB] = [random.uniform() < 0.5, random.uniform() < 0.5];
    return {
      inputs: [
        [...batch, ...(transposeA ? [k, m] : [m, k])],
        [...(random.uniform() < 0.5 ? batch : []), ...(transposeB ? [n, k] : [k, n])],
      ],
      attributes: { transposeA, transposeB },
    };
  },
};

/** Rows and columns of the matrix that is meant. */
function matrix(shape: Shape, isTransposed: boolean): readonly [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

/** The order of axes with the last two exchanged. */
function exchange({ length }: Shape): number[] {
  return [...Array.from({ length: length - 2 }, (_, axis) => axis), length - 1, length - 2];
}

function exchanged(emitter: Emitter, input: string, shape: Shape, output: string): string {
  emitter.node('Transpose', [input], output, { perm: exchange(shape) });
  return output;
}

function transposed(graph: Builder, tensor: Tensor): Tensor {
  return graph.apply('transpose', [tensor], { order: exchange(tensor.shape) });
}

function tall(graph: Builder, tensor: Tensor): Tensor {
  return graph.apply('reshape', [tensor], { shape: [-1, tensor.shape.at(-1)!] });
}
