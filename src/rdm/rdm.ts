import { condensedLength, condensedSubset, conditionsOfCondensed, expand } from '../core/condensed.ts';
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
 * An RDM of condensed dissimilarities, with or without names.
 * @param values condensed dissimilarities, nConditions (nConditions - 1) / 2
 * @throws ShapeError where the length is no such number, or the names do not match it
 */
export function makeRdm(values: Float64Array, conditions: Conditions = null): Rdm {
  const nConditions = conditionsOfCondensed(values.length);
  checkNames('RDM', nConditions, conditions);
  return { nConditions, conditions, values };
}

/**
 * Subjects' RDMs as a stack, with or without names.
 * @param values nSubjects x nTimes x nPairs, row-major
 * @throws ShapeError where their number is no multiple of nSubjects x nTimes, or what is left is no n (n - 1) / 2
 */
export function makeRdmStack(
  values: Float64Array,
  { nSubjects, nTimes = 1, conditions = null }: { nSubjects: number; nTimes?: number; conditions?: Conditions },
): RdmStack {
  const nRdms = nSubjects * nTimes;
  if (!Number.isInteger(nRdms) || nRdms < 1 || values.length % nRdms !== 0) {
    throw new ShapeError(
      `RDM stack: expected ${nSubjects} subjects x ${nTimes} times x n (n - 1) / 2 values, got ${values.length} values`,
    );
  }
  const nConditions = conditionsOfCondensed(values.length / nRdms);
  checkNames('RDM stack', nConditions, conditions);
  return { nConditions, conditions, nSubjects, nTimes, values };
}

/** Dissimilarities of one subject at one time point, nPairs: a view, not a copy. */
export function rdmValuesAt(stack: RdmStack, subject: number, time = 0): Float64Array {
  const nPairs = condensedLength(stack.nConditions);
  const start = (subject * stack.nTimes + time) * nPairs;
  return stack.values.subarray(start, start + nPairs);
}

/**
 * RDMs of the same conditions as a stack, one a subject.
 * @throws ShapeError where there are none, or they do not have the same conditions in the same order
 */
export function stackRdms(rdms: readonly Rdm[]): RdmStack {
  if (rdms.length === 0) throw new ShapeError('RDM stack: expected at least 1 RDM, got none');
  const [{ nConditions, conditions }] = rdms;
  const values = new Float64Array(rdms.length * condensedLength(nConditions));
  rdms.forEach((rdm, subject) => {
    if (rdm.nConditions !== nConditions || !sameNames(rdm.conditions, conditions)) {
      throw new ShapeError(
        `RDM stack: expected every RDM to have the ${nConditions} conditions of the first in their order, RDM ${subject + 1} has others`,
      );
    }
    values.set(rdm.values, subject * condensedLength(nConditions));
  });
  return makeRdmStack(values, { nSubjects: rdms.length, conditions });
}

/** Each subject's mean over time points; a stack of one time point comes back as it is. */
export function averageTimes(stack: RdmStack): RdmStack {
  if (stack.nTimes === 1) return stack;
  const { nSubjects, nTimes, conditions } = stack;
  const nPairs = condensedLength(stack.nConditions);
  const values = new Float64Array(nSubjects * nPairs);
  for (let subject = 0; subject < nSubjects; subject++) {
    const mean = values.subarray(subject * nPairs, (subject + 1) * nPairs);
    for (let time = 0; time < nTimes; time++) {
      const at = rdmValuesAt(stack, subject, time);
      for (let k = 0; k < nPairs; k++) mean[k] += at[k] / nTimes;
    }
  }
  return makeRdmStack(values, { nSubjects, conditions });
}

/**
 * Some of an RDM's conditions, in the subset's order.
 * @param subset positions of the conditions, from 0, each at most once
 * @throws ShapeError for a position that is not there or there twice
 */
export function subsetRdm({ nConditions, conditions, values }: Rdm, subset: readonly number[]): Rdm {
  const picked = subsetStack({ nConditions, conditions, values, nSubjects: 1, nTimes: 1 }, subset);
  return makeRdm(picked.values, picked.conditions);
}

/**
 * Some of a stack's conditions, in the subset's order.
 * @param subset positions of the conditions, from 0, each at most once
 * @throws ShapeError for a position that is not there or there twice
 */
export function subsetStack(stack: RdmStack, subset: readonly number[]): RdmStack {
  const { nConditions, nSubjects, nTimes, conditions } = stack;
  const bad = subset.find((row) => !Number.isInteger(row) || row < 0 || row >= nConditions);
  if (bad !== undefined || new Set(subset).size !== subset.length) {
    throw new ShapeError(
      `RDM stack: expected different conditions from 0 to ${nConditions - 1}, got ${bad ?? 'one of them twice'}`,
    );
  }
  const nPairs = condensedLength(subset.length);
  const values = new Float64Array(nSubjects * nTimes * nPairs);
  for (let subject = 0; subject < nSubjects; subject++) {
    for (let time = 0; time < nTimes; time++) {
      const picked = condensedSubset(rdmValuesAt(stack, subject, time), nConditions, subset);
      values.set(picked, (subject * nTimes + time) * nPairs);
    }
  }
  return makeRdmStack(values, {
    nSubjects,
    nTimes,
    conditions: conditions === null ? null : subset.map((row) => conditions[row]),
  });
}

/**
 * Some of a stack's subjects, in the subset's order.
 * @param subset positions of the subjects, from 0
 * @throws ShapeError for a position that is not there, or none at all
 */
export function subsetSubjects(stack: RdmStack, subset: readonly number[]): RdmStack {
  const { nSubjects, nTimes, conditions } = stack;
  const bad = subset.find((subject) => !Number.isInteger(subject) || subject < 0 || subject >= nSubjects);
  if (bad !== undefined || subset.length === 0) {
    throw new ShapeError(`RDM stack: expected subjects from 0 to ${nSubjects - 1}, got ${bad ?? 'none'}`);
  }
  const length = nTimes * condensedLength(stack.nConditions);
  const values = new Float64Array(subset.length * length);
  subset.forEach((subject, k) => {
    values.set(stack.values.subarray(subject * length, (subject + 1) * length), k * length);
  });
  return makeRdmStack(values, { nSubjects: subset.length, nTimes, conditions });
}

/** The RDM as a symmetric row-major n x n matrix with zeros on its diagonal. */
export function squareOf(rdm: Rdm): Float64Array {
  return expand(rdm.values, rdm.nConditions);
}

function checkNames(what: string, nConditions: number, conditions: Conditions): void {
  if (conditions === null) return;
  if (conditions.length !== nConditions) {
    throw new ShapeError(`${what}: expected ${nConditions} condition names, got ${conditions.length}`);
  }
}

function sameNames(a: Conditions, b: Conditions): boolean {
  return a === b || (a !== null && b !== null && a.every((name, row) => name === b[row]));
}
