import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { countScaleValues } from '../encoder/channel-weights.ts';
import type { Readout } from '../encoder/encoder.ts';
import { checkPairStatistics, type PairStatistics } from '../features/pair-statistics.ts';
import { channelScale, checkSameStages } from '../features/scale.ts';
import { layOutStages, stageOfChannel } from '../features/stage-layout.ts';
import { assertSameConditions } from '../rdm/alignment.ts';
import type { TrainingSet } from './options.ts';
import { type PairList, pairList } from './pair-list.ts';
import { reliabilityWeights } from './reliability.ts';
import type { TrainingSettings } from './settings.ts';
import { type SetSplit, splitPairs, type UnseenSet, VALIDATION_KINDS } from './split.ts';
import { pairTargets } from './targets.ts';
import type { DrawValues } from './time-window.ts';

type ValidationKind = (typeof VALIDATION_KINDS)[number];

/** What one data set brings to a fit. */
export interface ProblemSet {
  readonly name: string;
  /** Names of its images. */
  readonly conditions: readonly string[];
  readonly nSubjects: number;
  /** nPairs x nSubjects, in the set's unit; times are averaged. */
  readonly values: Float64Array;
  /** Reliability weight of each pair. */
  readonly weights: Float64Array;
  /** What the set's values were divided by: see `decimalUnit`. */
  readonly unit: number;
  /** Draws the time points of values (not yet in the set's unit); null where the mean over times is learnt from. */
  readonly draw: DrawValues | null;
}

/** Data sets and settings made ready for any learner and the training loop. */
export interface FitProblem {
  readonly sets: readonly ProblemSet[];
  /** Of all sets' features. */
  readonly stages: PairStatistics['stages'];
  /** The training pairs come first, set by set. */
  readonly pairs: PairList;
  readonly nTrainingPairs: number;
  /** Numbers in `pairs` of those validated on, by kind. */
  readonly validation: Readonly<Record<ValidationKind, Uint32Array>>;
  readonly splits: readonly SetSplit[];
  /** The encoder's fixed factors. */
  readonly scale: Float64Array;
}

/**
 * @throws ShapeError where sets and their statistics, targets or stages do not fit each other
 * @throws UsageError where there is nothing to train on, or a value cannot be used
 */
export function fitProblem(sets: readonly TrainingSet[], settings: TrainingSettings, onNotice: OnNotice): FitProblem {
  checkSets(sets);
  const splits = splitOf(sets, settings);
  const { stages } = sets[0].statistics;
  const scale =
    settings.scale === 'none'
      ? new Float64Array(countScaleValues(stages, settings.mask)).fill(1)
      : scaleOf(sets, splits, settings.mask === 'split');
  if (settings.time !== 'mean') checkTimes(sets, onNotice);
  const problemSets = sets.map(({ name, statistics: { conditions }, targets: stack }, s): ProblemSet => {
    const { trainingPairs } = splits[s];
    const targets = pairTargets(stack, name, settings.time);
    const unit = settings.readout === 'identity' ? 1 : decimalUnit(targets.means, trainingPairs);
    return {
      ...{ name, conditions, unit, nSubjects: targets.nSubjects, draw: targets.draw },
      values: targets.values.map((value) => value / unit),
      weights: reliabilityWeights(targets, trainingPairs, settings.reliability, name, onNotice),
    };
  });
  const lists = (['trainingPairs', ...VALIDATION_KINDS] as const).map((kind) =>
    splits.map((split) => (kind === 'trainingPairs' ? split.trainingPairs : split.validationPairs[kind])),
  );
  const lengths = lists.map((bySet) => bySet.reduce((sum, pairs) => sum + pairs.length, 0));
  let first = lengths[0];
  const validation = Object.fromEntries(
    VALIDATION_KINDS.map((kind, k) => {
      const numbers = Uint32Array.from({ length: lengths[k + 1] }, (_, n) => first + n);
      first += numbers.length;
      return [kind, numbers];
    }),
  ) as Record<ValidationKind, Uint32Array>;
  const nConditions = sets.map(({ statistics }) => statistics.conditions.length);
  return {
    ...{ sets: problemSets, stages, validation, splits, scale },
    pairs: pairList(nConditions, lists),
    nTrainingPairs: lengths[0],
  };
}

/**
 * What the settings hold out of the sets.
 * @throws UsageError where nothing is left to train on
 */
export function splitOf(sets: readonly UnseenSet[], { holdout, seed }: TrainingSettings): SetSplit[] {
  return splitPairs(sets, holdout, seededRandom(holdout?.seed ?? seed).derive('holdout'));
}

/**
 * Draws the subjects' values of a batch's pairs, one pair after another, in their sets' units.
 * @param stream gives the random numbers; asked for only where there is something to draw
 * @returns undefined where no set has times to draw from: the sets' own values are meant
 */
export function drawTargets(
  { sets, pairs }: Pick<FitProblem, 'sets' | 'pairs'>,
  batch: Uint32Array,
  stream: () => Random,
): Float64Array | undefined {
  if (sets.every(({ draw }) => draw === null)) return undefined;
  const random = stream();
  let length = 0;
  for (let k = 0; k < batch.length; k++) length += sets[pairs.set[batch[k]]].nSubjects;
  const out = new Float64Array(length);
  let first = 0;
  for (let k = 0; k < batch.length; k++) {
    const { nSubjects, values, unit, draw } = sets[pairs.set[batch[k]]];
    const pair = pairs.pair[batch[k]];
    if (draw === null) out.set(values.subarray(pair * nSubjects, (pair + 1) * nSubjects), first);
    else {
      draw(pair, random, out, first);
      for (let s = first; s < first + nSubjects; s++) out[s] /= unit;
    }
    first += nSubjects;
  }
  return out;
}

/** Readouts by their parameters, in the units of the sets' own values. */
export function readoutsOf(
  { sets }: Pick<FitProblem, 'sets'>,
  { alpha, b }: { readonly alpha: ArrayLike<number>; readonly b: ArrayLike<number> },
): Readout[] {
  return sets.map(({ name, unit }, s) => ({ name, alpha: alpha[s] + Math.log(unit), b: b[s] * unit }));
}

function checkTimes(sets: readonly TrainingSet[], onNotice: OnNotice): void {
  const single = sets.filter(({ targets }) => targets.nTimes === 1);
  if (single.length === sets.length) {
    throw new UsageError(
      `training.time: expected RDMs of at least 2 time points (nSubjects x nTimes x n x n) to draw from, got 1 in data set ${sets[0].name}${sets.length > 1 ? ' and the others' : ''}; name such RDMs or take time: mean`,
    );
  }
  for (const { name } of single) onNotice(`data set ${name} has a single time point: none is drawn from it`);
}

function checkSets(sets: readonly TrainingSet[]): void {
  if (sets.length === 0) throw new UsageError('training: expected at least one data set, got none');
  const names = sets.map((set) => set.name);
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) {
    throw new UsageError(`training: expected data sets of different names, got ${twice} twice; rename one`);
  }
  for (const { name, statistics, targets } of sets) {
    checkPairStatistics(statistics);
    checkSameStages(statistics, sets[0].statistics);
    const images = { what: `the images of ${name}`, nConditions: statistics.conditions.length };
    assertSameConditions({ ...images, conditions: statistics.conditions }, { ...targets, what: `the RDMs of ${name}` });
  }
  for (const statistics of new Set(sets.map((set) => set.statistics))) checkFinite(statistics);
}

function checkFinite({ conditions, stages, energies, sums }: PairStatistics): void {
  const layout = layOutStages(stages);
  for (let k = 0; k < energies.length; k++) {
    if (Number.isFinite(energies[k]) && Number.isFinite(sums[k])) continue;
    const image = conditions[Math.floor(k / layout.nChannels)];
    throw new UsageError(
      `image ${image}, stage ${stageOfChannel(layout, k % layout.nChannels)}: expected finite features, got NaN or infinity; leave the image or the stage out`,
    );
  }
}

/** The scale, from training images only, each image of an image set once whatever the number of data sets that show it. */
function scaleOf(sets: readonly TrainingSet[], splits: readonly SetSplit[], split: boolean): Float64Array {
  const counted = new Map<string, Set<string>>();
  const images = sets.map(({ imageSet, statistics }, s) => {
    const names = counted.get(imageSet) ?? new Set();
    counted.set(imageSet, names);
    const fresh = splits[s].trainingImages.filter((image) => !names.has(statistics.conditions[image]));
    for (const image of fresh) names.add(statistics.conditions[image]);
    return fresh;
  });
  return channelScale(
    sets.map((set) => set.statistics),
    images,
    { split },
  );
}

/**
 * The power of ten nearest to the root mean square of a set's dissimilarities: 1 for all kinds of 1 - r and of accuracies. Without it a set
 * in other units (Euclidean distances around 100) would outweigh the rest, and its readout, which starts at a = 1 and b = 0 of this unit,
 * could not get there in steps of the learning rate.
 */
function decimalUnit(means: Float64Array, trainingPairs: readonly number[]): number {
  const meanSquare = trainingPairs.reduce((sum, pair) => sum + means[pair] ** 2, 0) / trainingPairs.length;
  return meanSquare > 0 ? 10 ** Math.round(Math.log10(meanSquare) / 2) : 1;
}

/** Rows of a set that are not trained on. */
export function untrainedImages(set: TrainingSet, split: SetSplit): number[] {
  const trained = new Set(split.trainingImages);
  return set.statistics.conditions.map((_, image) => image).filter((image) => !trained.has(image));
}
