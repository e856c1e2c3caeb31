import type { Stimulus } from '../../images/image.ts';
import { makeRdm, subsetRdm } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import type { FitInput } from '../fit-input.ts';
import { type KnownImages, knownImages } from '../overlap.ts';
import type { Rivals } from '../rivals/rivals.ts';
import { studyRivals } from '../rivals/study-rivals.ts';
import { neverLearnt, type SeedFit } from '../seed-fits.ts';
import { scoreSet } from './score-set.ts';
import type { ScoredSet } from './scored-set.ts';
import { type ShownSet, shownSets } from './shown-sets.ts';

/** How a fit stands on images, and small pictures of what it learnt from, by which a later test is known to hold none of them. */
export interface Scoring {
  readonly scored: readonly ScoredSet[];
  readonly learnt: KnownImages;
}

/**
 * Scores the mean of a study's fits, beside rivals that had the same images and RDMs to learn from, on the study's tests and on what was held
 * out; where there is neither, on what was learnt from, which is said.
 */
export async function scoreFits(input: FitInput, fits: readonly SeedFit[], environment: Environment): Promise<Scoring> {
  const { study, images } = input;
  const heldOut = neverLearnt(fits);
  const shown = shownSets(input, fits, environment.onNotice);
  const learntOnce = imagesLearntFrom(images, heldOut);
  const learnt = await knownImages(learntOnce);
  const { rivals, leftOut } = await rivalsBeside(input, shown, heldOut, environment);
  const scored: ScoredSet[] = [];
  for (const [k, set] of shown.entries()) {
    const beside = rivals.flatMap(({ name, kind, about, predicted }) => {
      const values = predicted[k];
      return values === null ? [] : [{ name, kind, about, values: subsetRdm(makeRdm(values), set.rows).values }];
    });
    const missing = leftOut.filter(({ test }) => test === null || test === k);
    scored.push(await scoreSet(set, { rivals: beside, leftOut: missing, learnt, study }, environment));
  }
  return { scored, learnt };
}

/** Rivals that have the same images and RDMs to learn from as the fits had. */
function rivalsBeside(
  { study, sets }: FitInput,
  shown: readonly ShownSet[],
  heldOut: readonly (readonly number[])[],
  environment: Environment,
): Promise<Rivals> {
  const training = sets.map((set, k) => {
    const trainingImages = set.statistics.conditions.map((_, row) => row).filter((row) => !heldOut[k].includes(row));
    return { ...set, trainingImages };
  });
  const tests = shown.map(({ images: { stimuli, labels }, statistics, rows }) => {
    return { stimuli, labels, statistics, images: rows };
  });
  return studyRivals({ study, sets: training }, tests, environment);
}

/** Each image once, whatever number of data sets show it. */
function imagesLearntFrom(images: FitInput['images'], heldOut: readonly (readonly number[])[]): Stimulus[] {
  const learnt = images.flatMap(({ stimuli, imageSet }, k) =>
    stimuli.flatMap((stimulus, row): [string, Stimulus][] =>
      heldOut[k].includes(row) ? [] : [[JSON.stringify([imageSet, stimulus.name]), stimulus]],
    ),
  );
  return [...new Map(learnt).values()];
}
