import { UsageError } from '../core/errors.ts';
import type { LearnerState } from './learner.ts';

/**
 * An array of a learner's state, not copied.
 * @throws UsageError where it is not there, or not of this length
 */
export function stateArray({ arrays }: LearnerState, name: string, length: number): Float32Array | Float64Array {
  const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  if (found?.length === length) return found;
  throw new UsageError(
    `checkpoint: expected ${length} values of ${name}, got ${found === undefined ? 'none' : found.length}; it is of a fit with other settings or another network, start anew`,
  );
}
