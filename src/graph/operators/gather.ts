import { sizeOf } from '../../core/shape.ts';
import type { Shape } from '../operator.ts';

/** Values of an array read in another order: position (i, j, ...) of `shape` from offset + i strides[0] + j strides[1] ... */
export function gather(data: Float64Array, shape: Shape, strides: readonly number[], offset = 0): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const position = new Array<number>(shape.length).fill(0);
  for (let k = 0, at = offset; k < result.length; k++) {
    result[k] = data[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++position[axis] < shape[axis]) break;
      position[axis] = 0;
      at -= strides[axis] * shape[axis];
    }
  }
  return result;
}
