import type { OnNotice } from '../../core/progress.ts';
import type { Stimulus } from '../../images/image.ts';
import { makeRdm, type RdmStack, subsetRdm, subsetStack } from '../../rdm/rdm.ts';
import type { TrainingSet } from '../../training/options.ts';
import type { FitInput } from '../fit-input.ts';
import { meanPrediction, meanStageParts, neverLearnt, type SeedFit } from '../seed-fits.ts';
import type { StudyImages } from '../study-images.ts';
import { whyUnscored } from '../unscored-images.ts';
import type { SetRole } from './scored-set.ts';

/** A set of images that fits are scored on, before anything is scored. */
export interface ShownSet {
  readonly name: string;
  readonly role: SetRole;
  /** The data set that it is of, all its images. */
  readonly images: StudyImages;
  readonly imagesKey: string;
  readonly statistics: TrainingSet['statistics'];
  /** Which of them are scored on. */
  readonly rows: readonly number[];
  readonly stimuli: readonly Stimulus[];
  readonly targets: RdmStack;
  readonly predicted: Float64Array;
  readonly stageParts: Float64Array | null;
}

/**
 * What a study's fits are scored on: its tests, and the images that no fit learnt from, where these can be scored on; where it has neither, all
 * that was learnt from.
 */
export function shownSets(input: FitInput, fits: readonly SeedFit[], onNotice: OnNotice): ShownSet[] {
  const { images, streams, sets, tests } = input;
  const learnt = { images, streams, sets, predicted: meanPrediction(fits), stageParts: meanStageParts(fits) };
  const ofTests = fits.map((fit) => fit.tests);
  const tested = { ...tests, predicted: meanPrediction(ofTests), stageParts: meanStageParts(ofTests) };
  const heldOut = neverLearnt(fits);
  const unseen = [
    ...tests.images.map((set, k) => shownSet(tested, k, 'test', everyRow(set))),
    ...images.flatMap(({ name, targets }, k) => {
      const why = whyUnscored(targets, heldOut[k]);
      if (why === null) return [shownSet(learnt, k, 'held-out', heldOut[k])];
      const n = heldOut[k].length;
      if (n > 0) onNotice(`${name}: the ${n} ${n === 1 ? 'image' : 'images'} held out are not scored on: ${why}`);
      return [];
    }),
  ];
  return unseen.length > 0 ? unseen : images.map((set, k) => shownSet(learnt, k, 'learnt', everyRow(set)));
}

function shownSet(
  { images, streams, sets, predicted, stageParts }: FitInput['tests'] & Pick<SeedFit, 'predicted' | 'stageParts'>,
  k: number,
  role: SetRole,
  rows: readonly number[],
): ShownSet {
  const set = images[k];
  const n = set.targets.nConditions;
  const parts = stageParts[k];
  return {
    ...{ name: set.name, role, images: set, imagesKey: streams[k].key, statistics: sets[k].statistics, rows },
    stimuli: rows.map((row) => set.stimuli[row]),
    targets: subsetStack(set.targets, rows),
    predicted: subsetRdm(makeRdm(predicted[k]), rows).values,
    stageParts: parts === null || rows.length === n ? parts : subsetParts(parts, predicted[k].length, rows),
  };
}

function subsetParts(parts: Float64Array, nPairs: number, rows: readonly number[]): Float64Array {
  const nStages = parts.length / nPairs;
  const ofStages = Array.from(
    { length: nStages },
    (_, s) => subsetRdm(makeRdm(parts.slice(s * nPairs, (s + 1) * nPairs)), rows).values,
  );
  return Float64Array.from(ofStages.flatMap((values) => [...values]));
}

function everyRow({ targets }: StudyImages): number[] {
  return Array.from({ length: targets.nConditions }, (_, row) => row);
}
