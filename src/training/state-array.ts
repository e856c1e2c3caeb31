import { UsageError } from '../core/errors.ts';
import type { LearnerState } from './learner.ts';

/**
 * A copy of an array of a learner's state, in float64.
 * @throws UsageError where it is not there, or not of this length
 */
export function stateArray({ arrays }: LearnerState, name: string, length: number): Float64Array {
  const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  if (found?.length === length) return Float64Array.from(found);
  throw new UsageError(
    `checkpoint: expected ${length} values of ${name}, got ${found === undefined ? 'none' : found.length}; it is of a fit with other settings or another network, start anew`,
  );
}
