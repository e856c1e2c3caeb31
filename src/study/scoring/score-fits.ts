import type { Stimulus } from '../../images/image.ts';
import { makeThumbnails, type Thumbnails } from '../../images/thumbnails.ts';
import { type SheetWarning, scoreSheet } from '../../inference/score-sheet.ts';
import { makeRdm, subsetRdm } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import type { FitInput } from '../fit-input.ts';
import { overlapWarning } from '../overlap.ts';
import type { Rivals } from '../rivals/rivals.ts';
import { studyRivals } from '../rivals/study-rivals.ts';
import { digestRdms } from '../runs/fit-ground.ts';
import { neverLearnt, type SeedFit } from '../seed-fits.ts';
import { measuredSpread } from './measured.ts';
import type { ScoredRival, ScoredSet } from './scored-set.ts';
import { type ShownSet, shownSets } from './shown-sets.ts';

/** How a fit stands on images, and small pictures of what it learnt from, by which a later test is known to hold none of them. */
export interface Scoring {
  readonly scored: readonly ScoredSet[];
  readonly learnt: { readonly names: readonly string[]; readonly thumbnails: Thumbnails };
}

/** What the fit is called among its rivals. */
export const FIT = 'fit';

/**
 * Scores the mean of a study's fits, beside rivals that had the same images and RDMs to learn from, on the study's tests and on what was held
 * out; where there is neither, on what was learnt from, which is said.
 */
export async function scoreFits(input: FitInput, fits: readonly SeedFit[], environment: Environment): Promise<Scoring> {
  const { study, images } = input;
  const heldOut = neverLearnt(fits);
  const shown = shownSets(input, fits);
  const learntOnce = imagesLearntFrom(images, heldOut);
  const learnt = {
    names: learntOnce.map(({ name }) => name),
    thumbnails: await makeThumbnails(learntOnce),
  };
  const { rivals, leftOut } = await rivalsBeside(input, shown, heldOut, environment);
  const scored: ScoredSet[] = [];
  for (const [k, set] of shown.entries()) {
    const beside = rivals.flatMap(({ name, kind, about, predicted }) => {
      const values = predicted[k];
      return values === null ? [] : [{ name, kind, about, values: subsetRdm(makeRdm(values), set.rows).values }];
    });
    const missing = leftOut.filter(({ test }) => test === null || test === k);
    scored.push(await scoreSet(set, beside, { learnt, leftOut: missing, study }, environment));
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

async function scoreSet(
  set: ShownSet,
  rivals: readonly ScoredRival[],
  {
    learnt,
    leftOut,
    study,
  }: Pick<Scoring, 'learnt'> & {
    readonly leftOut: Rivals['leftOut'];
    readonly study: FitInput['study'];
  },
  environment: Environment,
): Promise<ScoredSet> {
  const { name, role, images, targets, predicted, stageParts, stimuli } = set;
  const { conditions, nSubjects, nTimes } = targets;
  const { runTasks, onProgress, onNotice } = environment;
  const thumbnails = await makeThumbnails(stimuli);
  const { comparator, samples, permutations } = study.scoring;
  const models = [{ name: FIT, values: predicted }, ...rivals].map(({ name, values }) => ({
    name,
    rdm: makeRdm(values, conditions),
  }));
  const sheet = await scoreSheet(models, targets, {
    ...{ comparator, nSamples: samples, nPermutations: permutations, seed: study.training.seed },
    ...{ runTasks, onProgress, onNotice },
  });
  const warnings: SheetWarning[] = [
    ...roleWarning(set),
    ...(role === 'test'
      ? overlapOf(
          stimuli.map((stimulus) => stimulus.name),
          thumbnails,
          learnt,
        )
      : []),
    ...leftOut.map(({ name, why }) => ({ code: 'left-out' as const, text: `${name} is left out: ${why}` })),
    ...sheet.warnings,
  ];
  return {
    ...{ name, role, nSubjects, nTimes, predicted, stageParts, rivals, thumbnails },
    source: images.source,
    digests: { images: set.imagesKey, rdms: await digestRdms(targets) },
    conditions: stimuli.map((stimulus) => stimulus.name),
    labels: images.labels === null ? null : set.rows.map((row) => images.labels![row]),
    measured: measuredSpread(targets),
    sheet: { ...sheet, warnings },
  };
}

function overlapOf(names: readonly string[], thumbnails: Thumbnails, learnt: Scoring['learnt']): SheetWarning[] {
  const warning = overlapWarning({ names, thumbnails }, learnt);
  return warning === null ? [] : [warning];
}

function roleWarning({ role, images: { name } }: ShownSet): SheetWarning[] {
  if (role === 'learnt') {
    return [
      {
        code: 'learnt',
        text: `the images of ${name} were learnt from, so these figures say how well the fit describes them and nothing of new images; name others under test, or hold some out with training.holdout`,
      },
    ];
  }
  if (role === 'held-out') {
    return [
      {
        code: 'chose-epoch',
        text: `the held-out images of ${name} also chose the epoch that was kept, so the fit's figures are a little too good`,
      },
    ];
  }
  return [];
}
