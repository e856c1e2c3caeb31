import { conditionsOfCondensed } from '../core/condensed.ts';
import { ShapeError } from '../core/errors.ts';

/**
 * Names of an RDM's conditions in row order, or null where the file it came from holds none: such an RDM meets others by size alone, and
 * whoever reads it says so.
 */
export type Conditions = readonly string[] | null;

/** Representational dissimilarity matrix: dissimilarities of n conditions, condensed (upper triangle i < j, row-major). */
export interface Rdm {
  readonly nConditions: number;
  readonly conditions: Conditions;
  readonly values: Float64Array;
}

/** RDMs of the same conditions: one a subject, and in each one a time point (fMRI: a single one). */
export interface RdmStack {
  readonly nConditions: number;
  readonly conditions: Conditions;
  readonly nSubjects: number;
  readonly nTimes: number;
  /** nSubjects x nTimes x nPairs, row-major. */
  readonly values: Float64Array;
}

/**
 * @param values condensed dissimilarities, nConditions (nConditions - 1) / 2
 * @throws ShapeError where the length is no such number, or the names do not match it
 */
export function makeRdm(values: Float64Array, conditions: Conditions = null): Rdm {
  const nConditions = conditionsOfCondensed(values.length);
  if (conditions !== null && conditions.length !== nConditions) {
    throw new ShapeError(
      `RDM: expected ${nConditions} condition names for ${values.length} values, got ${conditions.length}`,
    );
  }
  return { nConditions, conditions, values };
}
