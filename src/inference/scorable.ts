import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { assertModelsMeet, conditionName, hasNoValue, namedRdms, nonFinite } from './checks.ts';
import type { ModelRdm } from './evaluate.ts';

const WHERE = 'scoreSheet';

/** Models that a sheet can hold, and those that it cannot, with why. */
export interface ScorableModels {
  readonly models: readonly ModelRdm[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Models of which every number of a sheet exists. The first model and the subjects must be such; rivals that are not are left out. That takes
 * finite dissimilarities that differ, and without any one condition differ still.
 * @throws UsageError for no models, two of one name, a single pair of conditions, and where the first model or a subject has NaN, infinity or
 * the same dissimilarity for every pair
 * @throws ShapeError where conditions differ
 */
export function scorableModels(
  models: readonly ModelRdm[],
  target: RdmStack,
  comparator: ComparatorName,
  onNotice: OnNotice,
): ScorableModels {
  assertModelsMeet(WHERE, models, target, onNotice);
  if (target.nConditions < 3) {
    throw new UsageError(
      `${WHERE}: expected at least 3 conditions, got ${target.nConditions}; a single pair cannot be correlated`,
    );
  }
  for (const { what, values } of namedRdms(models.slice(0, 1), target)) {
    const problem = whyNot(values, target, comparator);
    if (problem !== null) throw new UsageError(`${WHERE}: ${what}, ${problem}; leave it out`);
  }
  const [first, ...rivals] = models;
  const judged = rivals.map((model) => ({
    model,
    why: whyNot(model.rdm.values, target, comparator) ?? constantWithout(model.rdm.values, target),
  }));
  return {
    models: [first, ...judged.flatMap(({ model, why }) => (why === null ? [model] : []))],
    leftOut: judged.flatMap(({ model: { name }, why }) => (why === null ? [] : [{ name, why }])),
  };
}

/** The official figure is Spearman's, so that it must have a value too. */
function whyNot(values: Float64Array, target: RdmStack, comparator: ComparatorName): string | null {
  const bad = nonFinite(values, target);
  if (bad !== null) return bad;
  const without = ([comparator, 'spearman'] as const).find((name) => hasNoValue(values, name));
  return without === undefined ? null : `all dissimilarities are ${values[0]}, which ${without} cannot compare`;
}

function constantWithout(values: Float64Array, { nConditions, conditions }: RdmStack): string | null {
  if (nConditions < 4) return null;
  for (let out = 0; out < nConditions; out++) {
    let [pair, first] = [0, Number.NaN];
    let constant = true;
    for (let i = 0; i < nConditions && constant; i++) {
      for (let j = i + 1; j < nConditions && constant; j++, pair++) {
        if (i === out || j === out) continue;
        if (Number.isNaN(first)) first = values[pair];
        constant = values[pair] === first;
      }
    }
    if (constant) return `without condition ${conditionName(conditions, out)} all its dissimilarities are ${first}`;
  }
  return null;
}
