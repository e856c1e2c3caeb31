import { ShapeError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { type RdmStack, subsetStack } from './rdm.ts';

/**
 * The stack with its rows relabelled: row i becomes what row permutation[i] was, in every subject and time alike. Names stay where they are,
 * which is the point: the values of one image now stand under another's name.
 * @param permutation each row from 0 to nConditions - 1 once
 * @throws ShapeError where it is no such permutation
 */
export function permuteLabels(stack: RdmStack, permutation: ArrayLike<number>): RdmStack {
  const { nConditions: n, conditions } = stack;
  const rows = Array.from(permutation);
  const known = rows.every((row) => Number.isInteger(row) && row >= 0 && row < n);
  if (!known || rows.length !== n || new Set(rows).size !== n) {
    throw new ShapeError(`label permutation: expected each row from 0 to ${n - 1} once, got ${rows.length} rows`);
  }
  return { ...subsetStack(stack, rows), conditions };
}

/**
 * A random permutation of 0 ... n - 1 that leaves all but some rows where they are.
 * @param rows those that are dealt out anew among themselves; their order decides, with the random numbers, where each goes
 */
export function permutationAmong(rows: ArrayLike<number>, n: number, random: Random): Uint32Array {
  const permutation = Uint32Array.from({ length: n }, (_, row) => row);
  random.permutation(rows.length).forEach((from, k) => {
    permutation[rows[k]] = rows[from];
  });
  return permutation;
}
