import { pairsOf } from '../core/condensed.ts';
import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { assertSameConditions } from '../rdm/alignment.ts';
import { COMPARATORS, type ComparatorName } from '../rdm/comparators.ts';
import { indexOfNonFinite } from '../rdm/distances.ts';
import { type Rdm, type RdmStack, rdmValuesAt } from '../rdm/rdm.ts';
import type { Generalisation } from './variance.ts';

// One less leaves three conditions, the fewest with more than one pair.
const FEWEST_CONDITIONS = 4;

/** Resamples of the conditions on which some similarity has no value. */
export class UnscoredResample extends UsageError {}

/**
 * @param where what messages begin with
 * @param nSamples from 2, since one sample has no variance
 * @param mayHaveNone whether nSamples may be 0 too
 * @throws UsageError where the numbers of resamples are no such numbers
 */
export function assertNumbers(where: string, nSamples: number, nPermutations: number, mayHaveNone = false): void {
  if (!Number.isInteger(nSamples) || (nSamples < 2 && !(mayHaveNone && nSamples === 0))) {
    const none = mayHaveNone ? '0 or ' : '';
    throw new UsageError(`${where}: nSamples: expected ${none}a whole number from 2, got ${nSamples}`);
  }
  if (!Number.isInteger(nPermutations) || nPermutations < 0) {
    throw new UsageError(`${where}: nPermutations: expected a whole number from 0, got ${nPermutations}`);
  }
}

/** @throws UsageError, ShapeError where models and subjects cannot be evaluated, or not over what is asked for */
export function assertEvaluable(
  models: readonly { readonly name: string; readonly rdm: Rdm }[],
  target: RdmStack,
  over: Generalisation,
  onNotice: OnNotice,
): void {
  const { nConditions, nSubjects } = target;
  assertModelsMeet('evaluate', models, target, onNotice);
  if (nConditions < FEWEST_CONDITIONS) {
    throw new UsageError(
      `evaluate: expected at least ${FEWEST_CONDITIONS} conditions, got ${nConditions}; with fewer nothing can be left out`,
    );
  }
  if (nSubjects < 2 && over !== 'stimuli') {
    throw new UsageError(
      `evaluate: expected at least 2 subjects to generalise over ${over}, got ${nSubjects}; take over: 'stimuli'`,
    );
  }
  for (const { what, values } of namedRdms(models, target)) {
    const bad = nonFinite(values, target);
    if (bad !== null) throw new UsageError(`evaluate: ${what}, ${bad}; leave one of the two conditions out everywhere`);
  }
}

/** @throws UsageError for no models, or two of one name; ShapeError where their conditions are not the target's, or each other's */
export function assertModelsMeet(
  where: string,
  models: readonly { readonly name: string; readonly rdm: Rdm }[],
  target: RdmStack,
  onNotice: OnNotice,
): void {
  if (models.length === 0) throw new UsageError(`${where}: expected at least 1 model, got none`);
  const twice = models.find(({ name }, k) => models.findIndex((other) => other.name === name) < k);
  if (twice !== undefined) {
    throw new UsageError(`${where}: expected models of different names, got "${twice.name}" twice; rename one`);
  }
  for (const { name, rdm } of models) {
    assertSameConditions({ what: `model "${name}"`, ...rdm }, { what: 'the target', ...target }, onNotice);
  }
  if (target.conditions !== null) return;
  // A target without names meets any by size; models of different ones cannot all be right.
  const [first, ...others] = models.filter(({ rdm }) => rdm.conditions !== null);
  for (const { name, rdm } of others) {
    assertSameConditions({ what: `model "${name}"`, ...rdm }, { what: `model "${first.name}"`, ...first.rdm });
  }
}

/** Every RDM of models and subjects beside what messages call it. */
export function* namedRdms(
  models: readonly { readonly name: string; readonly rdm: Rdm }[],
  target: RdmStack,
): Generator<{ readonly what: string; readonly values: Float64Array }> {
  for (const { name, rdm } of models) yield { what: `model "${name}"`, values: rdm.values };
  for (let subject = 0; subject < target.nSubjects; subject++) {
    for (let time = 0; time < target.nTimes; time++) {
      yield { what: subjectName(target, subject, time), values: rdmValuesAt(target, subject, time) };
    }
  }
}

/** What is wrong with an RDM that holds NaN or infinity, naming the pair; null where none is. */
export function nonFinite(values: Float64Array, { nConditions, conditions }: RdmStack): string | null {
  const bad = indexOfNonFinite(values);
  if (bad === -1) return null;
  const [i, j] = [...pairsOf(nConditions)][bad];
  return `conditions ${conditionName(conditions, i)} and ${conditionName(conditions, j)}: expected a finite dissimilarity, got ${values[bad]}`;
}

/** Whether a comparator has no value for an RDM beside any other, as most have none for a constant one. */
export function hasNoValue(values: Float64Array, comparator: ComparatorName): boolean {
  const { prepare, similarity } = COMPARATORS[comparator];
  const prepared = prepare(values);
  return Number.isNaN(similarity(prepared, prepared));
}

/** @throws UsageError where a score of the table has no value, naming the RDM that has none with any */
export function assertScored(
  scores: Float64Array,
  models: readonly { readonly name: string; readonly rdm: Rdm }[],
  target: RdmStack,
  comparator: ComparatorName,
): void {
  if (!scores.some(Number.isNaN)) return;
  for (const { what, values } of namedRdms(models, target)) {
    if (!hasNoValue(values, comparator)) continue;
    throw new UsageError(
      `evaluate: ${what}: expected dissimilarities that ${comparator} can compare, got ${values[0]} for every pair; leave it out`,
    );
  }
}

/** @throws UnscoredResample where resampled scores have no value */
export function assertResampled(
  { bootstrap, jackknife }: { readonly bootstrap: Float64Array; readonly jackknife: Float64Array },
  names: readonly string[],
  { nConditions, conditions, nSubjects }: RdmStack,
): void {
  const bad = jackknife.findIndex(Number.isNaN);
  if (bad !== -1) {
    const size = jackknife.length / nConditions;
    const row = Math.floor((bad % size) / nSubjects);
    const which = names[row] === undefined ? 'the mean of other subjects' : `model "${names[row]}"`;
    throw new UnscoredResample(
      `evaluate: without condition ${conditionName(conditions, Math.floor(bad / size))} the similarity of ${which} and subject ${(bad % nSubjects) + 1} has no value, ` +
        "since one of them is the same for all pairs; leave that out, or take over: 'subjects'",
    );
  }
  if (bootstrap.some(Number.isNaN)) {
    throw new UnscoredResample(
      `evaluate: on samples of the ${nConditions} conditions some similarity has no value, since an RDM is the same for all pairs of nearly every one; take more conditions, or over: 'subjects'`,
    );
  }
}

export function conditionName(conditions: readonly string[] | null, row: number): string {
  return conditions === null ? `${row + 1}` : `"${conditions[row]}"`;
}

function subjectName({ nSubjects, nTimes }: RdmStack, subject: number, time: number): string {
  const at = nTimes > 1 ? `, time ${time + 1} of ${nTimes}` : '';
  return `subject ${subject + 1} of ${nSubjects}${at}`;
}
