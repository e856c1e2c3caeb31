import type { NoiseCeiling } from '../rdm/ceiling.ts';
import { makeRdm, type RdmStack, subsetRdm, subsetStack } from '../rdm/rdm.ts';
import { type Score, scoreRdm } from '../rdm/score.ts';
import type { TrainingSet } from '../training/options.ts';
import { ceilingOrNull } from './ceiling.ts';
import { whyUnscored } from './unscored-images.ts';

/** Agreement of a prediction with subjects' RDMs of some images, beside what the subjects allow. */
export interface SetScore extends Score {
  readonly nImages: number;
  /** null for a single subject, and where the subjects' mean is the same for all pairs. */
  readonly ceiling: NoiseCeiling | null;
}

/** A data set of a fit, and how well the encoder does on it. */
export interface SetSummary {
  readonly name: string;
  readonly nImages: number;
  readonly nSubjects: number;
  readonly nTimes: number;
  /** On the images that were learnt from: how well it fits, not how well it predicts. */
  readonly training: SetScore;
  /** On pairs of images that were held out; null where none were, fewer than three, or some that a subject tells apart all alike. */
  readonly heldOut: SetScore | null;
}

/**
 * How well predictions do on each data set.
 * @param predicted for each set the dissimilarities of its images, condensed
 * @param heldOut for each set the images that were not learnt from
 */
export function summariseSets(
  sets: readonly Pick<TrainingSet, 'name' | 'targets'>[],
  predicted: readonly Float64Array[],
  heldOut: readonly (readonly number[])[],
): SetSummary[] {
  return sets.map(({ name, targets }, k) => {
    const held = new Set(heldOut[k]);
    const learnt = Array.from({ length: targets.nConditions }, (_, image) => image).filter((image) => !held.has(image));
    return {
      name,
      nImages: targets.nConditions,
      nSubjects: targets.nSubjects,
      nTimes: targets.nTimes,
      training: scoreImages(predicted[k], targets, learnt),
      heldOut: whyUnscored(targets, heldOut[k]) !== null ? null : scoreImages(predicted[k], targets, heldOut[k]),
    };
  });
}

/** Scores a prediction on the pairs of some images. */
export function scoreImages(predicted: Float64Array, targets: RdmStack, images: readonly number[]): SetScore {
  const stack = subsetStack(targets, images);
  const model = subsetRdm(makeRdm(predicted, targets.conditions), images);
  return {
    ...scoreRdm(model, stack),
    nImages: images.length,
    ceiling: ceilingOrNull(stack, '', () => {}), // a table shows that there is none
  };
}
