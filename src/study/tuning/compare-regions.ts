import { UsageError } from '../../core/errors.ts';
import { stageShares } from '../../encoder/tuning.ts';
import { averageTimes } from '../../rdm/rdm.ts';
import type { TrainingSet } from '../../training/options.ts';
import { trainingOptions } from '../encoder-fit.ts';
import { type Environment, readText } from '../environment.ts';
import { type FitInput, type FitInputUnseen, withFitInput } from '../fit-input.ts';
import { type FittedRun, RUN_FILES, readRun } from '../runs/run-folder.ts';
import { checked } from '../runs/stored-json.ts';
import { storedTuning } from '../runs/stored-schemas.ts';
import { firstDifference } from '../settings/study-difference.ts';
import type { Study } from '../settings/study-file.ts';
import { setNames } from '../study-images.ts';
import { fitsInTurn } from './permuted-fits.ts';
import { type RegionTest, testRegions } from './regions.ts';
import type { RegionPair } from './swapped-fit.ts';

/** A region as the result names it. */
export interface ComparedRegion {
  /** The run's folder, as the user named it. */
  readonly run: string;
  /** Its data sets, in the order in which they meet those of the other. */
  readonly sets: readonly string[];
  /**
   * Mean share of each stage in the run's own fits of label-permuted RDMs; null where it has none. Noise alone leaves a region nearer to these,
   * on the side it is on: two regions on different sides of theirs differ in more than noise.
   */
  readonly permuted: readonly number[] | null;
}

/** Whether two runs' regions are tuned differently: the file that `hypercolumn regions` writes. */
export interface RegionComparison extends RegionTest {
  readonly format: typeof REGIONS_FORMAT;
  /** Version of this package. */
  readonly hypercolumn: string;
  /** The network's name. */
  readonly network: string;
  readonly a: ComparedRegion;
  readonly b: ComparedRegion;
  /** Of each pair of data sets. */
  readonly nSubjects: readonly number[];
}

/** Names the file's form. */
export const REGIONS_FORMAT = 'hypercolumn-regions-1';

const FEATURE_FILE = /^features:.*$/;

/** Shares that are further from those of a run's own encoder are of other data or another version. */
const SAME_SHARE = 0.005;

/**
 * Tests whether the regions of two runs are tuned differently, as `testRegions` does: both are fitted again from their studies.
 *
 * Their data sets meet by their images; RDMs of several time points are averaged over these first, unless the fits draw from them.
 * @param runs folders of two runs whose studies differ in nothing but their RDMs
 * @param environment the platform it runs on
 * @param options of the test
 * @param options.nSwaps how many random exchanges
 * @throws UsageError where the runs differ in a setting, the network, their images or numbers of subjects, or each fit would ask the network anew
 */
export async function compareRegions(
  runs: readonly [string, string],
  environment: Environment,
  { nSwaps = 20 }: { readonly nSwaps?: number } = {},
): Promise<RegionComparison> {
  const [a, b] = [await readRun(runs[0], environment), await readRun(runs[1], environment)];
  checkAlike(runs, a, b);
  const permuted = [await permutedMeans(runs[0], environment), await permutedMeans(runs[1], environment)];
  const { study } = a;
  // One study of both regions' data, so that images which both show are seen once.
  const joint: Study = { ...study, data: [...study.data, ...b.study.data], test: [] };
  let places: readonly Meeting[] = [];
  const test = async (input: FitInput): Promise<RegionComparison> => {
    const pairs = places.map((place) => pairOf(input, place));
    const { runTasks, onProgress, onNotice, version } = environment;
    const result = await testRegions(pairs, {
      options: trainingOptions(study),
      nSwaps,
      runTasks,
      onProgress,
      onNotice,
    });
    for (const [k, run] of runs.entries()) {
      const refitted = result.stages.map(({ shareA, shareB }) => [shareA, shareB][k]);
      sayIfOthers(run, [a, b][k], pairs, refitted, environment);
    }
    const names = [setNames(study.data), setNames(b.study.data)];
    return {
      ...{ format: REGIONS_FORMAT, hypercolumn: version, network: input.features.name },
      a: { run: runs[0], sets: places.map((place) => names[0][place.a]), permuted: permuted[0] },
      b: { run: runs[1], sets: places.map((place) => names[1][place.b - study.data.length]), permuted: permuted[1] },
      nSubjects: pairs.map((pair) => pair.a.targets.nSubjects),
      ...result,
    };
  };
  return withFitInput(joint, environment, test, async (input) => {
    places = meetings(input, study.data.length, runs);
  });
}

/** Positions of two data sets of the same images among those of both regions. */
interface Meeting {
  readonly a: number;
  readonly b: number;
}

function checkAlike(runs: readonly [string, string], a: FittedRun, b: FittedRun): void {
  const settings = ({ study }: FittedRun): Study => ({
    ...study,
    data: [],
    training: { ...study.training, seeds: 1 }, // tuning is of the first
  });
  const difference = firstDifference(settings(a), settings(b));
  if (difference !== undefined) {
    const { setting, before, now } = difference;
    throw new UsageError(
      `${runs[1]}: expected a run with ${setting} ${before} as ${runs[0]} has, got ${now}; fit both with the same settings`,
    );
  }
  if (fitsInTurn(a.study)) {
    throw new UsageError(
      `${runs[0]}: expected a run that was fitted from pair statistics (encoder.train: mask, no mask of features, training.crop: none), got one whose every fit asks the network anew; fit both regions with the mask alone`,
    );
  }
  // The key of a file of features does not tell what it holds, so there the file is compared.
  const [file, other] = [a, b].map(({ study: { backbone } }) => FEATURE_FILE.exec(backbone.architecture)?.[0]);
  if (a.fits[0].featuresKey !== b.fits[0].featuresKey || file !== other) {
    throw new UsageError(
      `${runs[1]}: expected a run on the same network with the same weights as ${runs[0]}, got one on other features; fit both on one network`,
    );
  }
  if (a.study.data.length !== b.study.data.length) {
    throw new UsageError(
      `${runs[1]}: expected as many data sets as ${runs[0]} has, ${a.study.data.length}, got ${b.study.data.length}; fit both on the same images`,
    );
  }
}

/** Which data sets meet: those of the same images in the same order, the first with the first. */
function meetings(
  { images, streams, study }: FitInputUnseen,
  nOfA: number,
  runs: readonly [string, string],
): Meeting[] {
  const free = Array.from({ length: images.length - nOfA }, (_, k) => nOfA + k);
  return Array.from({ length: nOfA }, (_, a) => {
    const k = free.findIndex((b) => streams[b].key === streams[a].key);
    if (k === -1) {
      throw new UsageError(
        `${runs[1]}: expected a data set of the images of ${images[a].name} in ${runs[0]}, in the same order, got none; fit both on the same images`,
      );
    }
    const [b] = free.splice(k, 1);
    const [one, other] = [images[a].targets, images[b].targets];
    if (one.nSubjects !== other.nSubjects) {
      throw new UsageError(
        `${runs[1]}: expected RDMs of the ${one.nSubjects} subjects of ${images[a].name} in ${runs[0]}, got ${other.nSubjects}; regions are exchanged within subjects, so both take the same ones in the same order`,
      );
    }
    if (study.training.time !== 'mean' && one.nTimes !== other.nTimes) {
      throw new UsageError(
        `${runs[1]}: expected RDMs of ${one.nTimes} time points as ${images[a].name} in ${runs[0]} has, got ${other.nTimes}, and training.time draws from them; fit both with time: mean`,
      );
    }
    return { a, b };
  });
}

/** Both regions of one data set, which differ in their RDMs alone. */
function pairOf({ study, sets }: FitInput, { a, b }: Meeting): RegionPair {
  const taken = ({ targets }: TrainingSet) => (study.training.time === 'mean' ? averageTimes(targets) : targets);
  const shown = sets[a];
  return {
    a: { ...shown, targets: taken(shown) },
    b: { ...shown, targets: { ...taken(sets[b]), conditions: shown.targets.conditions } },
  };
}

async function permutedMeans(run: string, environment: Environment): Promise<readonly number[] | null> {
  const path = environment.joinPath(run, RUN_FILES.tuning);
  if (!(await environment.isThere(path))) return null;
  const { stages } = checked(await readText(environment, path), path, storedTuning);
  const means = stages.flatMap(({ permuted }) => permuted?.mean ?? []);
  return means.length === stages.length ? means : null;
}

function sayIfOthers(
  run: string,
  { fits: [{ encoder }] }: FittedRun,
  pairs: readonly RegionPair[],
  refitted: readonly number[],
  { onNotice }: Pick<Environment, 'onNotice'>,
): void {
  const own = stageShares(encoder, [...new Set(pairs.map(({ a }) => a.statistics))]);
  const k = own.findIndex((share, stage) => Math.abs(share - refitted[stage]) > SAME_SHARE);
  if (k === -1) return;
  onNotice(
    `${run}: fitted again its share of ${encoder.stages[k].name} is ${refitted[k].toFixed(3)}, in its folder ${own[k].toFixed(3)}: its data or this package changed since; the test is of the fits made now`,
  );
}
