import { type Random, seededRandom } from '../core/random.ts';
import { type SignedMeanMask, signedMeanMasks, stageShares } from '../encoder/tuning.ts';
import { permutationAmong, permuteLabels } from '../rdm/permuted-labels.ts';
import { fitMask } from './fit.ts';
import type { TrainingOptions, TrainingSet } from './options.ts';

/** All that a permuted fit needs, structured-clonable: a worker thread can take it. */
export interface PermutedFitInput {
  readonly sets: readonly TrainingSet[];
  readonly options: TrainingOptions;
  /** Seed of the permutation; the fit's own seed is that of the options. */
  readonly permutationSeed: number;
}

/** What this network and method give where labels say nothing. */
export interface PermutedFitResult {
  readonly permutationSeed: number;
  /** Share of each stage in the embedding's variance over all images of the sets. */
  readonly shares: readonly number[];
  /** One a stage. */
  readonly signedMeanMasks: readonly SignedMeanMask[];
}

/** The same fit on RDMs whose labels are permuted, as `permutedSets` does. */
export async function fitPermuted({ sets, options, permutationSeed }: PermutedFitInput): Promise<PermutedFitResult> {
  const { encoder } = await fitMask(permutedSets(sets, permutationSeed), options);
  const statistics = [...new Set(sets.map((set) => set.statistics))];
  return { permutationSeed, shares: stageShares(encoder, statistics), signedMeanMasks: signedMeanMasks(encoder) };
}

/**
 * Data sets whose RDMs' labels are permuted: one permutation an image set, shared by all subjects and by all data sets of these images, so
 * that what RDMs have in common among themselves stays and only their tie to the images goes. Only images that may be learnt from are
 * permuted.
 */
export function permutedSets(sets: readonly TrainingSet[], permutationSeed: number): TrainingSet[] {
  const random = seededRandom(permutationSeed);
  return sets.map((set) => {
    const permutation = permutationOf(set, random.derive(`labels/${set.imageSet}`));
    return { ...set, targets: permuteLabels(set.targets, permutation) };
  });
}

/** Rows in random order, drawn over the images' names in alphabetical order so that two sets of one image set get the same. */
function permutationOf({ statistics, trainingImages }: TrainingSet, random: Random): Uint32Array {
  const { conditions } = statistics;
  const rows = [...(trainingImages ?? conditions.keys())];
  rows.sort((a, b) => (conditions[a] < conditions[b] ? -1 : 1));
  return permutationAmong(rows, conditions.length, random);
}
