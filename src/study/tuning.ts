import type { Encoder } from '../encoder/encoder.ts';
import { countMaskValues, type SignedMeanMask, signedMeanMasks } from '../encoder/tuning.ts';
import { falseDiscoveryRates } from '../inference/multiple-tests.ts';
import type { PermutedFitResult } from '../training/permuted.ts';
import { groupShares, type StageGroup, stageGroups, stagesAlone } from './tuning/stage-groups.ts';

/** Permuted fits that it takes to give a distance in their standard deviations. */
export const FEWEST_FOR_Z = 5;

/** What one stage means to the encoder. */
export interface StageTuning {
  readonly stage: string;
  /** Its share of the embedding's variance, mean over the images. */
  readonly share: number;
  /** The same share after fitting label-permuted RDMs, one value a fit: what this network and method give without any signal. */
  readonly permutedShares: readonly number[];
  /** Mean and standard deviation of those; null without permuted fits (the deviation with fewer than two). */
  readonly permuted: { readonly mean: number; readonly sd: number | null } | null;
  /** (share - mean) / sd of the permuted shares; null with fewer than `FEWEST_FOR_Z` permuted fits, whose sd says too little, and where it is 0. */
  readonly z: number | null;
  /**
   * Two-sided rank p of the share among the permuted ones, which are skewed and few, so that z alone misleads:
   * (1 + number of permuted fits at least as far from the mean of all, the share included) / (1 + number of permuted fits). The null: the RDMs
   * have nothing to do with the images. Null without permuted fits; 1 with a single one.
   */
  readonly p: number | null;
  /** p adjusted over all stages by Benjamini and Hochberg: rejecting those at most .05 keeps the expected part of false ones among them at .05. */
  readonly pFdr: number | null;
  /** The paper's measure: the signed mean of the stage's mask values. The correlation sees neither its sign nor its size, so it says little. */
  readonly signedMeanMask: SignedMeanMask;
  /** The same mean after fitting label-permuted RDMs, one value a fit: what of it the network and the method make without any signal. */
  readonly permutedSignedMeans: readonly number[];
}

/** What a fit of label-permuted RDMs gives, as `fitPermuted` does. */
export type PermutedFit = Pick<PermutedFitResult, 'shares' | 'signedMeanMasks'>;

/** Shares of a further fit of the same study. */
export interface FurtherFit {
  /** What is other about it: `seed 1`, `split 3 of 5`. */
  readonly name: string;
  /** One a stage. */
  readonly shares: readonly number[];
}

/** A run's tuning, and how much of it stays when the fit is repeated. */
export interface RunTuning {
  readonly stages: readonly StageTuning[];
  /** Blocks of a stage (`layer1.0`, `layer1.1` ...) taken together, where the network was tapped at blocks; null elsewhere. */
  readonly grouped: readonly StageTuning[] | null;
  /** null where no further fits were asked for. */
  readonly stability: {
    /** Fits of other seeds on the same data. */
    readonly seeds: readonly FurtherFit[];
    /** Fits that each leave out another part of the images. */
    readonly splits: readonly FurtherFit[];
  } | null;
}

/**
 * Tuning of a fitted encoder to the network's stages, beside the same fit on label-permuted RDMs.
 * @param encoder the fitted one
 * @param shares its stages' shares of the embedding's variance
 * @param permuted what permuted fits gave; none where there were no such fits
 * @param groups stages that are read as one: their shares are summed, permuted ones fit by fit, and the signed mean is over all their mask
 *   values; by default each stage stands alone
 */
export function stageTuning(
  encoder: Encoder,
  shares: readonly number[],
  permuted: readonly PermutedFit[],
  groups: readonly StageGroup[] = stagesAlone(encoder.stages.map(({ name }) => name)),
): StageTuning[] {
  const signedMeans = signedMeanMasks(
    encoder,
    groups.map(({ members }) => members),
  );
  const ofGroups = groupShares(shares, groups);
  const permutedOfGroups = permuted.map((ofFit) => groupShares(ofFit.shares, groups));
  const nValues = countMaskValues(encoder);
  const beside = ofGroups.map((share, k) => {
    const permutedShares = permutedOfGroups.map((ofFit) => ofFit[k]);
    return { permutedShares, ...besidePermuted(share, permutedShares) };
  });
  const adjusted = falseDiscoveryRates(beside.flatMap(({ p }) => p ?? []));
  return groups.map(({ name }, k) => ({
    stage: name,
    share: ofGroups[k],
    ...beside[k],
    pFdr: adjusted[k] ?? null,
    signedMeanMask: signedMeans[k],
    permutedSignedMeans: permuted.map((ofFit) => pooledMean(ofFit, groups[k], nValues)),
  }));
}

/** The mean over all mask values of a group's stages, from those of its stages. */
function pooledMean({ signedMeanMasks }: PermutedFit, { members }: StageGroup, nValues: readonly number[]): number {
  const n = members.reduce((sum, k) => sum + nValues[k], 0);
  return members.reduce((sum, k) => sum + signedMeanMasks[k].mean * nValues[k], 0) / n;
}

/** The tuning of a run: its stages, these grouped where they are blocks, and what further fits gave. */
export function runTuning(
  encoder: Encoder,
  shares: readonly number[],
  permuted: readonly PermutedFit[],
  stability: RunTuning['stability'],
): RunTuning {
  const groups = stageGroups(encoder.stages.map(({ name }) => name));
  return {
    stages: stageTuning(encoder, shares, permuted),
    grouped: groups === null ? null : stageTuning(encoder, shares, permuted, groups),
    stability,
  };
}

/** Shares whose distances differ by rounding alone are as far. */
const ROUNDING = 1e-12;

/** A share beside those of permuted fits; ties count as at least as far. */
export function besidePermuted(
  share: number,
  permutedShares: readonly number[],
): Pick<StageTuning, 'permuted' | 'z' | 'p'> {
  const n = permutedShares.length;
  if (n === 0) return { permuted: null, z: null, p: null };
  const sum = permutedShares.reduce((total, value) => total + value, 0);
  // About the mean without the share itself, the share would be further off than a permuted one by chance alone.
  const centre = (sum + share) / (n + 1);
  const distance = Math.abs(share - centre) * (1 - ROUNDING);
  const p = (1 + permutedShares.filter((value) => Math.abs(value - centre) >= distance).length) / (1 + n);
  const mean = sum / n;
  if (n === 1) return { permuted: { mean, sd: null }, z: null, p };
  const sd = Math.sqrt(permutedShares.reduce((total, value) => total + (value - mean) ** 2, 0) / (n - 1));
  return { permuted: { mean, sd }, z: n >= FEWEST_FOR_Z && sd > 0 ? (share - mean) / sd : null, p };
}
