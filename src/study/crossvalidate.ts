import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { untrainedEncoder } from '../encoder/channel-weights.ts';
import { type RdmStack, subsetSubjects } from '../rdm/rdm.ts';
import type { TrainingSet } from '../training/options.ts';
import { assess } from './assessment.ts';
import { checkSampling } from './check-sampling.ts';
import type { Environment } from './environment.ts';
import { type FitInput, withFitInput } from './fit-input.ts';
import { copiesAcrossFolds } from './fold-copies.ts';
import { deal, dealImages } from './image-folds.ts';
import { studyRivals } from './rivals/study-rivals.ts';
import { fitSeeds, meanPrediction } from './seed-fits.ts';
import { type SetScore, scoreImages } from './set-summary.ts';
import type { Study } from './settings/study-file.ts';
import { whyUnscored } from './unscored-images.ts';

/** What is left out together: images, or subjects. */
export type FoldUnit = 'image' | 'subject';

/** One data set's score in one fold, on what the fold's fit did not see. */
export interface FoldScore extends SetScore {
  readonly fold: number;
  readonly variable: string;
  readonly nSubjects: number;
  /** Mean signed rho of the mask at its start, all ones, on the same pairs. */
  readonly untrainedRho: number;
  /** Mean signed rho of rivals that learnt from the same, on the same pairs; null for one that there is none of in this fold. */
  readonly rivals: readonly { readonly name: string; readonly rho: number | null }[];
}

/** Mean over folds of one data set. */
export interface CrossvalidationSummary {
  readonly variable: string;
  readonly rho: number;
  /** Standard deviation over folds. */
  readonly rhoSd: number;
  readonly r2: number;
  readonly untrainedRho: number;
  /** Rivals that there are in every fold. */
  readonly rivals: readonly { readonly name: string; readonly rho: number }[];
  /** Mean over folds; null where a fold leaves a single subject. */
  readonly ceiling: { readonly lower: number; readonly upper: number } | null;
}

/** How a study is cross-validated. */
export interface CrossvalidateOptions {
  readonly nFolds: number;
  readonly by?: FoldUnit;
  readonly rivals?: boolean;
}

/** Result of a cross-validation. */
export interface Crossvalidation {
  readonly by: FoldUnit;
  readonly folds: readonly FoldScore[];
  readonly summary: readonly CrossvalidationSummary[];
}

const FEWEST_TEST_IMAGES = 3;

/**
 * Fits a study k times, each time without a part of the images (scored on pairs of left-out images) or of the subjects (scored on the
 * left-out subjects' RDMs of all images). Data sets that show the same images leave out the same ones, and data sets with equal numbers of
 * subjects leave out the same subjects: they are taken to be the same people (EVC and IT of one study), which is said.
 * @param study what to learn from what; its tests are not looked at
 * @param options how it is divided
 * @param options.rivals whether the study's rivals learn from, and are scored on, the same parts
 * @throws UsageError where a fold would be too small, or leave images out that a subject tells apart all alike
 */
export async function crossvalidate(
  study: Study,
  { nFolds, by = 'image', rivals = false }: CrossvalidateOptions,
  environment: Environment,
): Promise<Crossvalidation> {
  const scoreFolds = async (input: FitInput) => {
    const { sets } = input;
    const random = seededRandom(study.training.seed).derive('folds');
    const { onNotice } = environment;
    const parts = FOLDS[by](sets, nFolds, random, onNotice);
    if (rivals && study.scoring.rivals === 'none') {
      onNotice('the study asks for no rivals (scoring.rivals: none), so there are none to score');
    }
    const copies = by === 'image' ? await copiesAcrossFolds(input.images, parts) : null;
    if (copies !== null) onNotice(copies);
    const folds: FoldScore[] = [];
    for (let fold = 0; fold < nFolds; fold++) {
      const leftOut = parts.map((part) => part[fold]);
      folds.push(...(await scoreFold(input, { fold, by, leftOut, rivals }, environment)));
      environment.onProgress({ phase: 'cross-validating', done: fold + 1, total: nFolds });
    }
    return {
      by,
      folds,
      summary: sets.map(({ name }) =>
        summarise(
          name,
          folds.filter(({ variable }) => variable === name),
        ),
      ),
    };
  };
  return withFitInput({ ...study, test: [] }, environment, scoreFolds, async (input) => checkSampling(input));
}

/** For each data set its folds: the images or subjects that each leaves out. */
type MakeFolds = (sets: readonly TrainingSet[], nFolds: number, random: Random, onNotice: OnNotice) => number[][][];

const FOLDS: Record<FoldUnit, MakeFolds> = {
  image(sets, nFolds, random) {
    for (const { name, statistics } of sets) {
      const n = statistics.conditions.length;
      checkFolds(name, nFolds, Math.floor(n / FEWEST_TEST_IMAGES), `${n} images`);
    }
    const folds = dealImages(sets, nFolds, random);
    for (const [k, { name, targets }] of sets.entries()) checkParts(name, targets, folds[k]);
    return folds;
  },
  subject(sets, nFolds, random, onNotice) {
    const orders = new Map<number, Uint32Array>();
    for (const { name, targets } of sets) {
      const n = targets.nSubjects;
      checkFolds(name, nFolds, n, `${n} subjects`);
      if (!orders.has(n)) orders.set(n, random.permutation(n));
    }
    if (orders.size < sets.length) {
      onNotice('subjects of sets with equal numbers are taken to be the same people');
    }
    return sets.map(({ targets }) => deal(orders.get(targets.nSubjects)!, nFolds));
  },
};

function checkFolds(name: string, nFolds: number, most: number, what: string): void {
  if (!Number.isInteger(nFolds) || nFolds < 2 || nFolds > most) {
    throw new UsageError(
      most < 2
        ? `${name}: ${what} are too few to leave some out`
        : `--folds: expected 2 to ${most} for the ${what} of ${name}, got ${nFolds}`,
    );
  }
}

/** Where data sets show different parts of one folder, a fold of the folder can leave a set too little; and so can RDMs of few different values. */
function checkParts(name: string, targets: RdmStack, folds: readonly (readonly number[])[]): void {
  const fewest = Math.min(...folds.map((rows) => rows.length));
  if (fewest < FEWEST_TEST_IMAGES) {
    throw new UsageError(
      `--folds: expected at least ${FEWEST_TEST_IMAGES} images of ${name} in each fold, got ${fewest} in one of ${folds.length}; take fewer folds`,
    );
  }
  for (const [fold, rows] of folds.entries()) {
    const why = whyUnscored(targets, rows);
    if (why === null) continue;
    throw new UsageError(
      `--folds: ${name}, the ${rows.length} images left out by fold ${fold + 1} cannot be scored on: ${why}; take fewer folds or another seed`,
    );
  }
}

interface Fold extends Required<Pick<CrossvalidateOptions, 'by' | 'rivals'>> {
  readonly fold: number;
  /** Images or subjects of each data set. */
  readonly leftOut: readonly (readonly number[])[];
}

async function scoreFold(
  input: FitInput,
  { fold, by, leftOut, rivals: withRivals }: Fold,
  environment: Environment,
): Promise<FoldScore[]> {
  const { study, sets } = input;
  const rest = (n: number, without: readonly number[]) =>
    Array.from({ length: n }, (_, k) => k).filter((k) => !without.includes(k));
  const training = sets.map((set, k) => {
    const { targets } = set;
    return by === 'image'
      ? { ...set, trainingImages: rest(targets.nConditions, leftOut[k]) }
      : { ...set, targets: subsetSubjects(targets, rest(targets.nSubjects, leftOut[k])) };
  });
  const fits = await fitSeeds({ ...input, sets: training }, environment);
  const [{ encoder }] = fits;
  const untrained = untrainedEncoder(encoder.stages, encoder.maskResolution, encoder.scale);
  const fitted = meanPrediction(fits);
  const { predicted: before } = await assess(untrained, input, environment);
  const testImages = sets.map(({ targets }, k) => (by === 'image' ? leftOut[k] : rest(targets.nConditions, [])));
  const tests = input.images.map(({ stimuli, labels }, k) => {
    return { stimuli, labels, statistics: sets[k].statistics, images: testImages[k] };
  });
  const { rivals, leftOut: unmade } = withRivals
    ? await studyRivals({ study, sets: training }, tests, environment)
    : { rivals: [], leftOut: [] };
  for (const { name, why, test } of unmade) {
    environment.onNotice(`rival ${name} is left out${test === null ? '' : ` for ${sets[test].name}`}: ${why}`);
  }
  return sets.map(({ name, targets }, k) => {
    const images = testImages[k];
    const truth = by === 'image' ? targets : subsetSubjects(targets, leftOut[k]);
    return {
      fold: fold + 1,
      variable: name,
      nSubjects: truth.nSubjects,
      ...scoreImages(fitted[k], truth, images),
      untrainedRho: scoreImages(before[k], truth, images).rho,
      rivals: rivals.map(({ name: rival, predicted: { [k]: values } }) => ({
        name: rival,
        rho: values === null ? null : scoreImages(values, truth, images).rho,
      })),
    };
  });
}

function summarise(variable: string, folds: readonly FoldScore[]): CrossvalidationSummary {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rho = mean(folds.map((fold) => fold.rho));
  const ceilings = folds.map(({ ceiling }) => ceiling);
  return {
    variable,
    rho,
    rhoSd: Math.sqrt(mean(folds.map((fold) => (fold.rho - rho) ** 2)) * (folds.length / (folds.length - 1))),
    r2: mean(folds.map((fold) => fold.r2)),
    untrainedRho: mean(folds.map((fold) => fold.untrainedRho)),
    rivals: folds[0].rivals.flatMap(({ name }) => {
      const rhos = folds.flatMap((fold) => fold.rivals.find((rival) => rival.name === name)?.rho ?? []);
      return rhos.length === folds.length ? [{ name, rho: mean(rhos) }] : [];
    }),
    ceiling: ceilings.every((ceiling) => ceiling !== null)
      ? { lower: mean(ceilings.map(({ lower }) => lower.rho)), upper: mean(ceilings.map(({ upper }) => upper.rho)) }
      : null,
  };
}
