import { sizeOf } from '../../core/shape.ts';
import type { EngineTensor } from '../../engine/session.ts';

/** An array with a name. */
export interface ArrayShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Values of all arrays together. */
export function countValues(arrays: readonly ArrayShape[]): number {
  return arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Arrays that lie one after another in one, as tensors that share its memory: what an optimiser takes as a whole, a network takes by name.
 * @param flat as long as all of them
 */
export function tensorsIn(
  flat: Float32Array,
  arrays: readonly ArrayShape[],
): Record<string, EngineTensor & { data: Float32Array }> {
  let first = 0;
  return Object.fromEntries(
    arrays.map(({ name, shape }) => {
      const data = flat.subarray(first, first + sizeOf(shape));
      first += data.length;
      return [name, { shape, data }];
    }),
  );
}
