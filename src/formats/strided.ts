import type { NumericData } from './array.ts';

/**
 * The numbers of a strided view in row-major order.
 * @param data holds the view's numbers from `offset` on; `parts` numbers make one element (2 for complex)
 * @param shape lengths of the axes
 * @param stride steps of the axes in elements
 */
export function gather<T extends NumericData>(data: T, { offset = 0, shape, stride, parts = 1 }: StridedView): T {
  const count = shape.reduce((size, length) => size * length, 1);
  const result = new (data.constructor as new (length: number) => T)(count * parts);
  if (count === 0) return result;
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  const innerLength = rank === 0 ? 1 : shape[rank - 1];
  const innerStride = rank === 0 ? 0 : stride[rank - 1] * parts;
  let from = offset * parts;
  for (let to = 0; to < result.length; ) {
    for (let k = 0, at = from; k < innerLength; k++, at += innerStride) {
      for (let part = 0; part < parts; part++) result[to++] = data[at + part];
    }
    for (let axis = rank - 2; axis >= 0; axis--) {
      from += stride[axis] * parts;
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * parts * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

export interface StridedView {
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly parts?: number;
}

/** Strides of the row-major order. */
export function rowMajorStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) stride[axis] = step;
  return stride;
}

/** Strides of the column-major order, MATLAB's and Fortran's. */
export function columnMajorStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  for (let axis = 0, step = 1; axis < shape.length; step *= shape[axis++]) stride[axis] = step;
  return stride;
}
