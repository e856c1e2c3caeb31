import { type RunTasks, runInTurn } from '../core/parallel.ts';
import type { OnNotice, OnProgress } from '../core/progress.ts';
import { seededRandom } from '../core/random.ts';
import { type CeilingAveraging, lowerCeilingsWithout, noiseCeiling } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import { everyPair } from '../rdm/pair-sample.ts';
import type { Rdm, RdmStack } from '../rdm/rdm.ts';
import { assertEvaluable, assertNumbers, assertResampled, assertScored } from './checks.ts';
import { comparedRdms, nRows, scoreSample } from './compared-rdms.ts';
import type { Evaluation, ModelComparison, ModelEvaluation } from './evaluation.ts';
import { drawCounts } from './resample-block.ts';
import { resampleAll, roundsOf } from './resampling.ts';
import { type Contrast, mean, type ScoreTables } from './score-tables.ts';
import { adjusted, estimateOf, permutationTest, tTest } from './tests.ts';
import { bootstrapVariances, contrastVariance, type Generalisation } from './variance.ts';

/** A model's prediction. */
export interface ModelRdm {
  readonly name: string;
  readonly rdm: Rdm;
}

/** How models are evaluated. */
export interface EvaluateOptions {
  readonly comparator?: ComparatorName;
  /** How the lower and upper noise ceilings average subjects. */
  readonly averaging?: CeilingAveraging;
  /**
   * What is a sample of more, and so is drawn anew: `both` (default) speaks of new subjects who see new stimuli of the kind, `stimuli` of these
   * subjects and new stimuli, `subjects` of new subjects and exactly these stimuli. With `subjects` there are standard errors and no tests: a
   * model that has nothing to do with the stimuli agrees or disagrees with what subjects share on exactly these stimuli by chance, and a t
   * test over subjects takes that for an effect (18 to 37 % of label-permuted models on the 2019 challenge's fMRI data, at 5 %).
   */
  readonly over?: Generalisation;
  /** Bootstrap samples; over subjects alone none are needed. */
  readonly nSamples?: number;
  /** Permutations of the models' labels; 0 leaves that test out. */
  readonly nPermutations?: number;
  readonly seed?: number;
  /** Worker threads, say; the numbers are the same whatever runs them. */
  readonly runTasks?: RunTasks;
  readonly onProgress?: OnProgress;
  readonly onNotice?: OnNotice;
}

/**
 * Inference over models' RDMs against subjects' RDMs: scores with standard errors, each model against 0, against permuted labels, against the
 * lower noise ceiling and against each other, p values adjusted within each of these families.
 *
 * A model's score is mean_s mean_t c(model, D_st), its variance that of `contrastVariance`, its tests t tests of the estimate over its standard
 * error. Each test's null is said at its field of `Evaluation`. Stimuli are drawn with replacement; pairs of a stimulus with its copy are left
 * out.
 * @param models at least one, of the target's conditions in the same order
 * @param target subjects' RDMs; at least 2 subjects unless `over` is `stimuli`, and at least 4 conditions
 * @throws ShapeError where conditions differ
 * @throws UsageError for too few of anything, NaN, and RDMs that the comparator has no similarity for (most have none for a constant one, whole
 * or without one condition); the message names them
 * @remarks Ties are the comparator's business. No number in the result is NaN: what cannot be said is null.
 * @source Schütt et al. 2023, eLife 12:e82566; Nili et al. 2014, PLoS Computational Biology 10:e1003553
 */
export async function evaluate(
  models: readonly ModelRdm[],
  target: RdmStack,
  {
    comparator = 'spearman',
    averaging = 'raw',
    over = 'both',
    nSamples = 1000,
    nPermutations = 1000,
    seed = 0,
    runTasks = runInTurn,
    onProgress = () => {},
    onNotice = () => {},
  }: EvaluateOptions = {},
): Promise<Evaluation> {
  assertNumbers('evaluate', nSamples, nPermutations);
  assertEvaluable(models, target, over, onNotice);
  const { nConditions, nSubjects } = target;
  const ceiling = ceilingOf(target, comparator, averaging, onNotice);
  const rdms = comparedRdms(models, target, {
    comparator,
    averaging,
    withCeiling: (ceiling?.lowerWithout ?? null) !== null,
  });
  const full = scoreSample(rdms, everyPair(nConditions));
  assertScored(full, models, target, comparator);

  const names = models.map(({ name }) => name);
  const nDrawn = over === 'subjects' ? 0 : nSamples;
  const resampled = await resampleAll(rdms, { nSamples: nDrawn, nPermutations, seed }, { runTasks, onProgress });
  assertResampled(resampled, names, target);
  const subjectRandom = seededRandom(seed).derive('subjects');
  const tables: ScoreTables = {
    ...{ nRows: nRows(rdms), nSubjects, nConditions, full },
    ...{ bootstrap: resampled.bootstrap, jackknife: resampled.jackknife },
    subjectCounts: Array.from({ length: nDrawn }, () => drawCounts(nSubjects, subjectRandom)),
    ceilingWithout: ceiling?.lowerWithout ?? null,
  };
  return {
    ...{
      comparator,
      averaging,
      over,
      nConditions,
      nSubjects,
      nSamples: nDrawn,
      nRedrawn: resampled.nRedrawn,
      nPermutations,
    },
    models: modelEvaluations(
      names,
      tables,
      names.map((_, row) => Float64Array.from(roundsOf(resampled.permuted, row, names.length, nSubjects), mean)),
      over,
    ),
    comparisons: modelComparisons(names, tables, over),
    ceiling:
      ceiling === null
        ? null
        : {
            lower: tables.ceilingWithout === null ? null : contrastEstimate(tables, ceilingRow(tables), over).estimate,
            upper: ceiling.upper,
          },
  };
}

interface Ceiling {
  readonly upper: number;
  /** The lower ceiling without each subject; null for fewer than 3, of which none can be left out. */
  readonly lowerWithout: Float64Array | null;
}

function ceilingOf(
  target: RdmStack,
  comparator: ComparatorName,
  averaging: CeilingAveraging,
  onNotice: OnNotice,
): Ceiling | null {
  const { nSubjects } = target;
  if (nSubjects < 2) {
    onNotice('evaluate: there is no noise ceiling for a single subject');
    return null;
  }
  const options = { comparator, averaging };
  const { lower, upper } = noiseCeiling(target, options);
  const lowerWithout = nSubjects < 3 ? null : lowerCeilingsWithout(target, options);
  if ([lower.rho, upper.rho, ...(lowerWithout ?? [])].some(Number.isNaN)) {
    onNotice(`evaluate: there is no noise ceiling, since ${comparator} has no value for a mean of subjects`);
    return null;
  }
  if (lowerWithout === null) onNotice('evaluate: with 2 subjects no test against the noise ceiling is possible');
  return { upper: upper.rho, lowerWithout };
}

function modelEvaluations(
  names: readonly string[],
  tables: ScoreTables,
  permuted: readonly Float64Array[],
  over: Generalisation,
): ModelEvaluation[] {
  const { full, nSubjects, ceilingWithout } = tables;
  const rows = names.map((_, row) => contrastEstimate(tables, { plus: row, minus: null }, over));
  const tested = over !== 'subjects';
  const aboveZero = adjusted(
    rows.map(({ estimate, variance }) => (tested ? tTest(estimate.value, variance, 'above') : null)),
  );
  const permutation = adjusted(
    rows.map(({ estimate }, row) =>
      permuted[row].length === 0 ? null : permutationTest(estimate.value, permuted[row]),
    ),
  );
  const againstLowerCeiling = adjusted(
    names.map((_, row) => {
      if (!tested || ceilingWithout === null) return null;
      const contrast = { plus: row, minus: ceilingRow(tables).plus };
      const { estimate, variance } = contrastEstimate(tables, contrast, over);
      return { difference: estimate, ...tTest(estimate.value, variance, 'two') };
    }),
  );
  return names.map((name, row) => ({
    name,
    score: rows[row].estimate,
    scoreBySubject: [...full.subarray(row * nSubjects, (row + 1) * nSubjects)],
    bootstrapVariances: tested && nSubjects > 1 ? bootstrapVariances(tables, { plus: row, minus: null }) : null,
    ...{ aboveZero: aboveZero[row], permutation: permutation[row], againstLowerCeiling: againstLowerCeiling[row] },
  }));
}

function modelComparisons(names: readonly string[], tables: ScoreTables, over: Generalisation): ModelComparison[] {
  const pairs = names.flatMap((_, plus) => names.slice(plus + 1).map((_, k) => ({ plus, minus: plus + 1 + k })));
  const rows = pairs.map((pair) => contrastEstimate(tables, pair, over));
  const tests = adjusted(
    rows.map(({ estimate, variance }) => (over === 'subjects' ? null : tTest(estimate.value, variance, 'two'))),
  );
  return pairs.map(({ plus, minus }, k) => ({
    models: [names[plus], names[minus]],
    difference: rows[k].estimate,
    test: tests[k],
  }));
}

function contrastEstimate(tables: ScoreTables, contrast: Contrast, over: Generalisation) {
  const { full, nSubjects } = tables;
  const meanOf = (row: number) => mean(full.subarray(row * nSubjects, (row + 1) * nSubjects));
  const variance = contrastVariance(tables, contrast, over);
  const value = meanOf(contrast.plus) - (contrast.minus === null ? 0 : meanOf(contrast.minus));
  return { estimate: estimateOf(value, variance, contrast.minus === null ? 1 : 2), variance };
}

function ceilingRow({ nRows }: ScoreTables): Contrast {
  return { plus: nRows - 1, minus: null };
}
