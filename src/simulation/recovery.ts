import { seededRandom } from '../core/random.ts';
import { channelWeights, untrainedEncoder } from '../encoder/channel-weights.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { predictDissimilarities } from '../encoder/predict.ts';
import { stageShares } from '../encoder/tuning.ts';
import { type PairStatistics, subsetStatistics } from '../features/pair-statistics.ts';
import type { NoiseCeiling } from '../rdm/ceiling.ts';
import { permutationAmong, permuteLabels } from '../rdm/permuted-labels.ts';
import { makeRdm, type RdmStack, subsetStack } from '../rdm/rdm.ts';
import { scoreRdm } from '../rdm/score.ts';
import type { SimulatedStudy } from './simulated-study.ts';

/** What a fit is given: nothing of the truth. */
export interface FitInput {
  readonly statistics: PairStatistics;
  readonly targets: RdmStack;
  /** Rows that may be learnt from. */
  readonly trainingImages: readonly number[];
  readonly seed: number;
}

/** Fits an encoder; with `fitMask`: `async (input) => (await fitMask([{ name: 'simulation', imageSet: 'simulation', ...input }])).encoder`. */
export type FitEncoder = (input: FitInput) => Encoder | Promise<Encoder>;

/** A stage's share of the embedding's variance. */
export interface StageRecovery {
  readonly stage: string;
  readonly trueShare: number;
  readonly share: number;
  /** After fits of label-permuted RDMs, one value a fit. */
  readonly permutedShares: readonly number[];
}

/** How much of a simulated truth a fit has found. Every rho is the mean over subjects of Spearman's on the test images. */
export interface Recovery {
  readonly stages: readonly StageRecovery[];
  /** Half the sum of the shares' distances from the true ones: 0 all right, 1 all wrong. */
  readonly shareError: { readonly fitted: number; readonly untrained: number; readonly permuted: readonly number[] };
  readonly rho: {
    readonly fitted: number;
    readonly untrained: number;
    /** The truth itself: no fit can be expected to do better. */
    readonly truth: number;
    readonly permuted: readonly number[];
  };
  readonly ceiling: NoiseCeiling;
  /** (1 + permuted fits that predict the test images as well) / (1 + permuted fits). */
  readonly p: number;
}

/**
 * Fits a simulated study, and label-permuted copies of it, and holds what comes out against the truth.
 *
 * Labels are permuted among the training images, the same way in every subject: what subjects share stays, what it has to do with the
 * images goes.
 * @param study whose truth is known
 * @param fitEncoder what is tested: a network's masks are fitted by `fitMask`
 * @param options of the test
 * @param options.nPermutations permuted fits; 0 for none, and then p is 1
 */
export async function recoverShares(
  study: SimulatedStudy,
  fitEncoder: FitEncoder,
  { nPermutations = 20 }: { readonly nPermutations?: number } = {},
): Promise<Recovery> {
  const { statistics, targets, trainingImages, truth, seed } = study;
  const random = seededRandom(seed).derive('label permutations');
  const fitted = await fitEncoder({ statistics, targets, trainingImages, seed });
  const permuted: Encoder[] = [];
  for (let k = 0; k < nPermutations; k++) {
    const shuffled = permuteLabels(targets, permutationAmong(trainingImages, targets.nConditions, random));
    permuted.push(await fitEncoder({ statistics, targets: shuffled, trainingImages, seed }));
  }
  const untrained = untrainedEncoder(statistics.stages, 'stage', truth.encoder.scale);
  const shares = (encoder: Encoder) => stageShares(encoder, [statistics]);
  const rho = (encoder: Encoder) => heldOutRho(study, encoder);
  const error = (encoder: Encoder) => distance(shares(encoder), truth.shares);
  const fittedShares = shares(fitted);
  const permutedShares = permuted.map(shares);
  const rhos = { fitted: rho(fitted), permuted: permuted.map(rho) };
  return {
    stages: statistics.stages.map(({ name }, k) => ({
      stage: name,
      trueShare: truth.shares[k],
      share: fittedShares[k],
      permutedShares: permutedShares.map((of) => of[k]),
    })),
    shareError: { fitted: error(fitted), untrained: error(untrained), permuted: permuted.map(error) },
    rho: { ...rhos, untrained: rho(untrained), truth: rho(truth.encoder) },
    ceiling: study.ceiling,
    p: (1 + rhos.permuted.filter((value) => value >= rhos.fitted).length) / (1 + nPermutations),
  };
}

/** What repeated simulations found. */
export interface SimulatedPower {
  /** Part of the repeats with p at or below alpha. */
  readonly power: number;
  readonly recoveries: readonly Recovery[];
}

/**
 * Power: how often a fit of data such as these predicts held-out images better than fits of label-permuted RDMs do.
 * @param simulate the study of a seed: `(seed) => simulateStudy(statistics, { mask, noise, seed })`
 * @param fitEncoder what is tested
 * @param options of the test
 * @param options.nPermutations at least 1 / alpha - 1, or p cannot come down to alpha
 */
export async function simulatedPower(
  simulate: (seed: number) => SimulatedStudy,
  fitEncoder: FitEncoder,
  {
    nRepeats = 20,
    nPermutations = 19,
    alpha = 0.05,
  }: { readonly nRepeats?: number; readonly nPermutations?: number; readonly alpha?: number } = {},
): Promise<SimulatedPower> {
  const recoveries: Recovery[] = [];
  for (let seed = 0; seed < nRepeats; seed++) {
    recoveries.push(await recoverShares(simulate(seed), fitEncoder, { nPermutations }));
  }
  return { power: recoveries.filter(({ p }) => p <= alpha).length / nRepeats, recoveries };
}

function heldOutRho({ statistics, targets, testImages }: SimulatedStudy, encoder: Encoder): number {
  const test = subsetStatistics(statistics, testImages);
  const predicted = makeRdm(predictDissimilarities(test, channelWeights(encoder)), test.conditions);
  return scoreRdm(predicted, subsetStack(targets, testImages)).rho;
}

function distance(shares: ArrayLike<number>, truth: readonly number[]): number {
  return truth.reduce((sum, share, k) => sum + Math.abs(shares[k] - share), 0) / 2;
}
