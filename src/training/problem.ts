import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { seededRandom } from '../core/random.ts';
import { countScaleValues } from '../encoder/channel-weights.ts';
import { checkPairStatistics, type PairStatistics } from '../features/pair-statistics.ts';
import { channelScale, checkSameStages } from '../features/scale.ts';
import { layOutStages, stageOfChannel } from '../features/stage-layout.ts';
import { assertSameConditions } from '../rdm/alignment.ts';
import type { TrainingSet } from './options.ts';
import type { LossSet, PairList, PairLossProblem } from './pair-loss.ts';
import { pairTable } from './pair-table.ts';
import { reliabilityWeights } from './reliability.ts';
import type { TrainingSettings } from './settings.ts';
import { type SetSplit, splitPairs, VALIDATION_KINDS } from './split.ts';
import { pairTargets } from './targets.ts';

type ValidationKind = (typeof VALIDATION_KINDS)[number];

/** Data sets and settings made ready for the training loop. */
export interface FitProblem extends PairLossProblem {
  /** The encoder's fixed factors; what of them the loss applies is `scale`. */
  readonly channelScale: Float64Array;
  readonly splits: readonly SetSplit[];
  /** What each set's values were divided by: see `decimalUnit`. */
  readonly units: readonly number[];
  /** The training pairs come first in `pairs`, set by set. */
  readonly nTrainingPairs: number;
  /** Numbers in `pairs` of those validated on, by kind. */
  readonly validation: Readonly<Record<ValidationKind, Uint32Array>>;
}

/**
 * @throws ShapeError where sets and their statistics, targets or stages do not fit each other
 * @throws UsageError where there is nothing to train on, or a value cannot be used
 */
export function fitProblem(sets: readonly TrainingSet[], settings: TrainingSettings, onNotice: OnNotice): FitProblem {
  checkSets(sets);
  const splits = splitPairs(sets, settings.holdout, seededRandom(settings.seed).derive('holdout'));
  const { stages } = sets[0].statistics;
  const factors =
    settings.scale === 'none'
      ? new Float64Array(countScaleValues(stages, settings.mask)).fill(1)
      : scaleOf(sets, splits, settings.mask === 'split');
  const statistics = [...new Set(sets.map((set) => set.statistics))];
  const tables = statistics.map((each) => pairTable(each, settings.mask, factors));
  const targetsOfSets = sets.map((set) => pairTargets(set.targets, set.name));
  const units = targetsOfSets.map((targets, s) =>
    settings.readout === 'identity' ? 1 : decimalUnit(targets.means, splits[s].trainingPairs),
  );
  const lossSets = sets.map((set, s): LossSet => {
    const targets = targetsOfSets[s];
    const weights = reliabilityWeights(targets, splits[s].trainingPairs, settings.reliability, set.name, onNotice);
    const values = targets.values.map((value) => value / units[s]);
    return { table: statistics.indexOf(set.statistics), nSubjects: targets.nSubjects, values, weights };
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
  return {
    tables,
    sets: lossSets,
    pairs: pairList(sets, lists),
    scale: settings.mask === 'stage' ? new Float64Array(tables[0].nTerms).fill(1) : factors,
    loss: settings.loss,
    channelScale: factors,
    splits,
    units,
    nTrainingPairs: lengths[0],
    validation,
  };
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

function pairList(sets: readonly TrainingSet[], lists: readonly (readonly (readonly number[])[])[]): PairList {
  const length = lists.flat().reduce((sum, pairs) => sum + pairs.length, 0);
  const list = {
    length,
    set: new Uint32Array(length),
    pair: new Uint32Array(length),
    i: new Uint32Array(length),
    j: new Uint32Array(length),
  };
  let k = 0;
  for (const bySet of lists) {
    for (const [s, pairs] of bySet.entries()) {
      const n = sets[s].statistics.conditions.length;
      let [i, rowEnd] = [0, n - 1]; // pairs come in ascending order
      for (const pair of pairs) {
        while (pair >= rowEnd) rowEnd += n - 1 - ++i;
        list.set[k] = s;
        list.pair[k] = pair;
        list.i[k] = i;
        list.j[k++] = n - (rowEnd - pair);
      }
    }
  }
  return list;
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
