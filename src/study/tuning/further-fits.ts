import { LARGEST_SEED, seededRandom } from '../../core/random.ts';
import { trainingOptions } from '../encoder-fit.ts';
import type { Environment } from '../environment.ts';
import type { FitInput } from '../fit-input.ts';
import { dealImages } from '../image-folds.ts';
import type { SeedFit } from '../seed-fits.ts';
import type { FurtherFit, RunTuning } from '../tuning.ts';
import { type ShareFitInput, shareFit } from './share-fit.ts';

/** Fits of other seeds, beside the first. */
export const FURTHER_SEEDS = 4;
/** Fits that each leave out another part of the images. */
export const SPLITS = 5;
/** Of fewer images a fifth is one, and leaving it out says nothing. */
const FEWEST_IMAGES_TO_SPLIT = 10;

/**
 * How much of a tuning stays when the fit is repeated: with four other seeds, and five times without another fifth of the images. Shares are
 * of all images. Fits side by side on worker threads; what cannot be fitted is left out, and said.
 * @param input of a study for which pair statistics are all that a fit needs
 * @param fits of the study's own seeds, which are not fitted again
 */
export async function furtherFits(
  input: FitInput,
  fits: readonly Pick<SeedFit, 'seed' | 'shares'>[],
  { runTasks, onProgress, onNotice }: Pick<Environment, 'runTasks' | 'onProgress' | 'onNotice'>,
): Promise<RunTuning['stability']> {
  const { study, sets } = input;
  const options = trainingOptions(study);
  const { seed } = study.training;
  const seeds = Array.from({ length: FURTHER_SEEDS }, (_, k) => (seed + k + 1) % (LARGEST_SEED + 1));
  const known = new Map(fits.map((fit) => [fit.seed, fit.shares]));
  const ofSeeds = seeds
    .filter((other) => !known.has(other))
    .map((other) => ({ name: `seed ${other}`, input: { sets, options: { ...options, seed: other } } }));
  const ofSplits = splitInputs({ sets, options }, seed);
  if (ofSplits.length === 0) {
    onNotice(
      `tuning: fits that leave out a fifth of the images take ${FEWEST_IMAGES_TO_SPLIT} images or more in each data set, so there are none`,
    );
  }
  const jobs = [...ofSeeds, ...ofSplits];
  const results = await runTasks(
    shareFit,
    jobs.map((job) => job.input),
    (done) => onProgress({ phase: 'fitting other seeds and splits', done, total: jobs.length }),
  );
  const fitted = new Map<string, readonly number[]>();
  for (const [k, result] of results.entries()) {
    if ('shares' in result) fitted.set(jobs[k].name, result.shares);
    else onNotice(`tuning: the fit of ${jobs[k].name} is left out (${result.problem})`);
  }
  const fitOf = (name: string, shares = fitted.get(name)): FurtherFit[] =>
    shares === undefined ? [] : [{ name, shares }];
  return {
    seeds: seeds.flatMap((other) => fitOf(`seed ${other}`, known.get(other))),
    splits: ofSplits.flatMap(({ name }) => fitOf(name)),
  };
}

function splitInputs({ sets, options }: ShareFitInput, seed: number): { name: string; input: ShareFitInput }[] {
  if (sets.some(({ statistics }) => statistics.conditions.length < FEWEST_IMAGES_TO_SPLIT)) return [];
  const folds = dealImages(sets, SPLITS, seededRandom(seed).derive('splits'));
  return Array.from({ length: SPLITS }, (_, fold) => ({
    name: `split ${fold + 1} of ${SPLITS}`,
    input: {
      options,
      sets: sets.map((set, k) => ({
        ...set,
        trainingImages: [...set.statistics.conditions.keys()].filter((row) => !folds[k][fold].includes(row)),
      })),
    },
  }));
}
