import { runInTurn } from '../core/parallel.ts';
import { type NoiseCeiling, noiseCeiling } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { assertNumbers } from './checks.ts';
import type { EvaluateOptions, ModelRdm } from './evaluate.ts';
import type { ModelComparison } from './evaluation.ts';
import { permuteModels } from './label-permutations.ts';
import { officialScore } from './official-scores.ts';
import { scorableModels } from './scorable.ts';
import { sharedSignal } from './shared-signal.ts';
import { leftOutWarning, type ScoreSheet, type SheetModel, type SheetWarning } from './sheet.ts';
import { FEWEST_RESAMPLED, inferAsFarAsPossible } from './sheet-inference.ts';
import { sheetWarnings } from './sheet-warnings.ts';
import { adjusted, permutationTest } from './tests.ts';

export {
  concerns,
  leftOutWarning,
  type OfficialScore,
  type ScoreSheet,
  type SharedSignal,
  type SheetModel,
  type SheetWarning,
  WARNING_CODES,
} from './sheet.ts';

/** How models are scored. */
export interface ScoreSheetOptions extends EvaluateOptions {
  /** What 100 % stands for, in units of r2, such as a published ceiling, or null for none; the subjects' own upper ceiling by default. */
  readonly ceiling?: number | null;
}

/**
 * Everything that can honestly be said of models against subjects' RDMs: the challenge's figure beside what permuted labels give, the signed
 * similarity with interval and tests (`evaluate`), ceilings both ways, whether the subjects share anything, and warnings.
 *
 * The official figure, its ceiling and its floor are Spearman's whatever the comparator; the rest is the comparator's. p values are adjusted
 * within each family: models against one thing, and the first model against each other. Each test's null is said at its field.
 * @param models the first one is what the sheet is about, the others its rivals; all of the target's conditions in the same order
 * @param target subjects' RDMs of at least 3 conditions
 * @throws UsageError for no models or two of one name, a single pair of conditions, and where the first model or a subject holds NaN or is constant
 * @throws ShapeError where conditions differ
 * @remarks A rival that is constant, or is without one of the conditions, or holds NaN, is left out and a warning says so. With one subject
 * there are no ceilings and the rest speaks of new stimuli alone; with 3 conditions there are no intervals, tests or floor, with nSamples 0 no
 * intervals and t tests; where a similarity has no value on too many resamples, intervals speak of the subjects alone and there are no tests. No number in the sheet is NaN.
 * @source Cichy et al. 2019, arXiv:1905.05675 (official figure); Schütt et al. 2023, eLife 12:e82566; Nili et al. 2014
 */
export async function scoreSheet(
  models: readonly ModelRdm[],
  target: RdmStack,
  {
    comparator = 'spearman',
    averaging = 'raw',
    over = 'both',
    nSamples = 1000,
    nPermutations = 1000,
    seed = 0,
    ceiling,
    runTasks = runInTurn,
    onProgress = () => {},
    onNotice = () => {},
  }: ScoreSheetOptions = {},
): Promise<ScoreSheet> {
  assertNumbers('scoreSheet', nSamples, nPermutations, true);
  const { models: scored, leftOut } = scorableModels(models, target, comparator, onNotice);
  const { nConditions, nSubjects, nTimes } = target;
  const work = { seed, runTasks, onProgress };
  const permutations = { ...work, nPermutations: nConditions < FEWEST_RESAMPLED ? 0 : nPermutations };
  const official = await permuteModels(scored, target, { ...permutations, comparator: 'spearman' });
  const compared =
    comparator === 'spearman' ? official : await permuteModels(scored, target, { ...permutations, comparator });
  const { evaluation, ...inferred } = await inferAsFarAsPossible(scored, target, {
    ...work,
    ...{ comparator, averaging, over, nSamples, nPermutations: 0 },
  });
  const found = sheetCeilings(target, comparator);
  const ceilingInUse = ceiling === undefined ? found.official : ceiling;
  const permutation = adjusted(
    compared.map(({ mean, permutedMeans }) =>
      permutedMeans.length === 0 ? null : permutationTest(mean, permutedMeans),
    ),
  );
  const mayShare = nSubjects > 1 && permutations.nPermutations > 0;
  const sheet = {
    ...{ comparator, averaging, over: inferred.over, nConditions, nSubjects, nTimes },
    ...{ nSamples: evaluation?.nSamples ?? 0, nPermutations: permutations.nPermutations },
    models: scored.map(
      ({ name }, k): SheetModel => ({
        name,
        official: officialScore(official[k], ceilingInUse),
        rho: compared[k].mean,
        rhoBySubject: [...compared[k].bySubject],
        estimate: evaluation?.models[k].score ?? null,
        aboveZero: evaluation?.models[k].aboveZero ?? null,
        permutation: permutation[k],
        againstLowerCeiling: evaluation?.models[k].againstLowerCeiling ?? null,
      }),
    ),
    comparisons: comparisonsWith(scored[0].name, evaluation?.comparisons ?? []),
    ...{ ceilingInUse, ceilings: found.ceilings, lowerCeiling: evaluation?.ceiling?.lower ?? null },
    sharedSignal: mayShare ? await sharedSignal(target, work) : null,
  };
  const warnings = [
    ...sheetWarnings(sheet, official),
    ...inferred.warnings,
    ...found.warnings,
    ...(mayShare && sheet.sharedSignal === null ? [NO_SHARED_SIGNAL_TEST] : []),
    ...leftOut.map(leftOutWarning),
  ];
  return { ...sheet, warnings };
}

const NO_SHARED_SIGNAL_TEST: SheetWarning = {
  code: 'left-out',
  text: 'whether the subjects share a signal is not tested: the mean of their RDMs, as they are or with labels shuffled apart, is the same for all pairs',
};

/** The comparator's ceilings, both ways, and the official one: Spearman's of raw means. null where there are none. */
function sheetCeilings(
  target: RdmStack,
  comparator: ComparatorName,
): {
  readonly ceilings: ScoreSheet['ceilings'];
  readonly official: number | null;
  readonly warnings: readonly SheetWarning[];
} {
  if (target.nSubjects < 2) return { ceilings: null, official: null, warnings: [] };
  const ways = {
    raw: noiseCeiling(target, { comparator }),
    normalised: noiseCeiling(target, { comparator, averaging: 'normalised' }),
  };
  const official = comparator === 'spearman' ? ways.raw : noiseCeiling(target);
  const none = [ways.raw, ways.normalised].some(hasNaN);
  return {
    ceilings: none ? null : ways,
    official: hasNaN(official) ? null : official.upper.r2,
    warnings: none
      ? [{ code: 'left-out', text: `noise ceilings are left out: ${comparator} has no value for a mean of subjects` }]
      : [],
  };
}

function hasNaN({ lower, upper }: NoiseCeiling): boolean {
  return Number.isNaN(lower.rho) || Number.isNaN(upper.rho);
}

/** One model with each other, p values adjusted for these alone. */
function comparisonsWith(first: string, all: readonly ModelComparison[]): ModelComparison[] {
  const own = all.filter(({ models }) => models[0] === first);
  const tests = adjusted(own.map(({ test }) => test));
  return own.map((comparison, k) => ({ ...comparison, test: tests[k] }));
}
