import { channelWeights } from '../encoder/channel-weights.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { predictDissimilarities } from '../encoder/predict.ts';
import { type NoiseCeiling, noiseCeiling } from '../rdm/ceiling.ts';
import { makeRdm, type RdmStack, subsetRdm, subsetStack } from '../rdm/rdm.ts';
import { type Score, scoreRdm } from '../rdm/score.ts';
import type { TrainingSet } from '../training/options.ts';

/** Agreement of a prediction with subjects' RDMs of some images, beside what the subjects allow. */
export interface SetScore extends Score {
  readonly nImages: number;
  /** null for a single subject. */
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
  /** On pairs of images that were held out; null where none were, or fewer than three. */
  readonly heldOut: SetScore | null;
}

const FEWEST_IMAGES = 3; // A rank correlation needs more than one pair.

/**
 * @param heldOut for each set the images that were not learnt from
 */
export function summariseSets(
  sets: readonly TrainingSet[],
  encoder: Encoder,
  heldOut: readonly (readonly number[])[],
): SetSummary[] {
  const weights = channelWeights(encoder);
  return sets.map(({ name, statistics, targets }, k) => {
    const predicted = predictDissimilarities(statistics, weights);
    const held = new Set(heldOut[k]);
    const learnt = statistics.conditions.map((_, image) => image).filter((image) => !held.has(image));
    return {
      name,
      nImages: targets.nConditions,
      nSubjects: targets.nSubjects,
      nTimes: targets.nTimes,
      training: scoreImages(predicted, targets, learnt),
      heldOut: held.size < FEWEST_IMAGES ? null : scoreImages(predicted, targets, heldOut[k]),
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
    ceiling: stack.nSubjects < 2 ? null : noiseCeiling(stack),
  };
}
