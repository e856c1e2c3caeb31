import { condensedIndex, condensedLength } from '../core/condensed.ts';
import { ShapeError } from '../core/errors.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { type SignedMeanMask, signedMeanMasks, stageShares } from '../encoder/tuning.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { fitMask } from './fit.ts';
import type { TrainingOptions, TrainingSet } from './options.ts';

/**
 * The stack with its rows relabelled: row i becomes what row permutation[i] was, in every subject and time alike. Names stay where they are,
 * which is the point: the values of one image now stand under another's name.
 * @param permutation each row from 0 to nConditions - 1 once
 * @throws ShapeError where it is no such permutation
 */
export function permuteLabels(stack: RdmStack, permutation: ArrayLike<number>): RdmStack {
  const n = stack.nConditions;
  const rows = Array.from(permutation);
  if (
    rows.length !== n ||
    new Set(rows).size !== n ||
    !rows.every((row) => Number.isInteger(row) && row >= 0 && row < n)
  ) {
    throw new ShapeError(`label permutation: expected each row from 0 to ${n - 1} once, got ${rows.length} rows`);
  }
  const nPairs = condensedLength(n);
  const from = new Uint32Array(nPairs);
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      from[pair++] = condensedIndex(Math.min(rows[i], rows[j]), Math.max(rows[i], rows[j]), n);
    }
  }
  const values = new Float64Array(stack.values.length);
  for (let first = 0; first < values.length; first += nPairs) {
    for (let pair = 0; pair < nPairs; pair++) values[first + pair] = stack.values[first + from[pair]];
  }
  return { ...stack, values };
}

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

/**
 * The same fit on RDMs whose labels are permuted: one permutation an image set, shared by all subjects and by all data sets of these images,
 * so that what RDMs have in common among themselves stays and only their tie to the images goes. Only images that may be learnt from are
 * permuted.
 */
export async function fitPermuted({ sets, options, permutationSeed }: PermutedFitInput): Promise<PermutedFitResult> {
  const random = seededRandom(permutationSeed);
  const permuted = sets.map((set) => {
    const permutation = permutationOf(set, random.derive(`labels/${set.imageSet}`));
    return { ...set, targets: permuteLabels(set.targets, permutation) };
  });
  const { encoder } = await fitMask(permuted, options);
  const statistics = [...new Set(sets.map((set) => set.statistics))];
  return { permutationSeed, shares: stageShares(encoder, statistics), signedMeanMasks: signedMeanMasks(encoder) };
}

/** Rows in random order, drawn over the images' names in alphabetical order so that two sets of one image set get the same. */
function permutationOf({ statistics, trainingImages }: TrainingSet, random: Random): Uint32Array {
  const { conditions } = statistics;
  const permutation = Uint32Array.from(conditions, (_, row) => row);
  const rows = [...(trainingImages ?? permutation)].sort((a, b) => (conditions[a] < conditions[b] ? -1 : 1));
  const order = random.permutation(rows.length);
  rows.forEach((row, k) => {
    permutation[row] = rows[order[k]];
  });
  return permutation;
}
