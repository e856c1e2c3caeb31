import { UsageError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { pairsAmong, reweightChannels, reweightedRdm } from '../../training/rivals/reweighting.ts';
import { mixedRdm, regressOnStages } from '../../training/rivals/stage-regression.ts';
import { pairTargets } from '../../training/targets.ts';
import type { Environment } from '../environment.ts';
import { dealImages } from '../image-folds.ts';
import type { StageRdms } from './network-rivals.ts';
import type { MadeRival, RivalInput } from './rival-input.ts';

const MOST_FOLDS = 5;
const FEWEST_IMAGES_A_FOLD = 3;

/** The stages' RDMs, mixed as suits the training RDMs. */
export async function nnlsRival({ training, tests }: RivalInput, rdms: StageRdms): Promise<MadeRival> {
  const { stages } = training[0].statistics;
  const allOf = (statistics: RivalInput['tests'][number]['statistics']) => stages.map((_, k) => rdms(statistics, k));
  const fitted = regressOnStages(
    training.map((set) => ({
      stageRdms: allOf(set.statistics),
      targets: pairTargets(set.targets, set.name).means,
      pairs: pairsAmong(trainingImagesOf(set), set.statistics.conditions.length),
    })),
  );
  const used = stages.flatMap(({ name }, k) => (fitted.weights[k] > 0 ? [name] : []));
  return {
    about: `The stages' RDMs mixed by non-negative least squares on the mean subject RDM of the training images (weights above 0: ${used.join(', ')}).`,
    predicted: tests.map(({ statistics }) => mixedRdm(allOf(statistics), fitted)),
  };
}

/** A weight of either sign for each channel's products, which is the field's feature reweighting. */
export async function ridgeRival(
  { training, tests, seed }: RivalInput,
  { runTasks, onProgress }: Environment,
): Promise<MadeRival> {
  const folds = foldsOf(training, seed);
  const fitted = await reweightChannels(
    training.map((set, s) => ({
      statistics: set.statistics,
      targets: pairTargets(set.targets, set.name).means,
      folds: folds[s],
    })),
    { runTasks, onProgress },
  );
  return {
    about: `Feature reweighting: ridge regression of the mean subject RDM on every channel's products, the penalty (${Number(fitted.penalty.toPrecision(2))}) chosen by ${folds[0].length}-fold cross-validation over training images.`,
    predicted: tests.map(({ statistics }) => reweightedRdm(statistics, fitted)),
  };
}

/** For each data set its training images in folds; sets of one image set leave out the same images. */
function foldsOf(training: RivalInput['training'], seed: number): number[][][] {
  const rows = training.map(trainingImagesOf);
  const fewest = Math.min(...rows.map(({ length }) => length));
  const nFolds = Math.min(MOST_FOLDS, Math.floor(fewest / FEWEST_IMAGES_A_FOLD));
  if (nFolds < 2) {
    throw new UsageError(
      `ridge over channels: expected at least ${2 * FEWEST_IMAGES_A_FOLD} training images of each data set to choose the penalty by, got ${fewest}; learn from more images`,
    );
  }
  const learntFrom = training.map(({ name, imageSet, statistics }, s) => ({
    ...{ name, imageSet },
    statistics: { conditions: rows[s].map((row) => statistics.conditions[row]) },
  }));
  const dealt = dealImages(learntFrom, nFolds, seededRandom(seed).derive('folds of the ridge'));
  return dealt.map((folds, s) => folds.map((fold) => fold.map((k) => rows[s][k])));
}

function trainingImagesOf({ trainingImages, statistics }: RivalInput['training'][number]): readonly number[] {
  return trainingImages ?? statistics.conditions.map((_, row) => row);
}
