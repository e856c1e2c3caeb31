import { twoSided95 } from '../core/student-t.ts';
import { weightParts } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages, type StagePlace } from '../features/stage-layout.ts';
import { channelWeights } from './channel-weights.ts';
import type { Encoder, MaskResolution } from './encoder.ts';
import { embeddingMoments } from './predict.ts';

/**
 * Share of each stage in the variance of the embedding over its features, mean over images; shares sum to 1.
 *
 * share_s = mean_i (sum over channels c of s of w_c^2 E_ic - 2 mu_i w_c S_ic + n_c mu_i^2) / (the same over all stages), w = mask x scale,
 * E and S a channel's energy and sum, n_c its positions (a split channel's two parts are added up as `predictDissimilarities` does), mu_i the mean of image i's embedding. Features are centred about that mean because
 * Pearson's correlation centres so: the parts add up to the variance that a prediction rests on, and channels of a single position have one.
 * Say it beside the shares of fits of label-permuted RDMs: by itself it tells of the network and the method as much as of the brain.
 * @param statistics one a set of images
 * @returns one share a stage
 * @throws ShapeError where the statistics are of other stages
 * @throws UsageError naming an image whose weighted features are constant; for a mask of features, whose shares `predictStream` gives
 */
export function stageShares(encoder: Encoder, statistics: readonly PairStatistics[]): number[] {
  const weights = channelWeights(encoder);
  const { pattern, mean: ofMean } = weightParts(weights);
  const { places, nChannels, nFeatures } = layOutStages(encoder.stages);
  const shares = places.map(() => 0);
  const nImages = statistics.reduce((sum, { conditions }) => sum + conditions.length, 0);
  for (const set of statistics) {
    const { sums, variances } = embeddingMoments(set, weights);
    for (let image = 0; image < set.conditions.length; image++) {
      const mean = sums[image] / nFeatures;
      places.forEach(({ stage, firstChannel, nPositions }, k) => {
        let part = stage.channels * nPositions * mean ** 2;
        for (let c = firstChannel; c < firstChannel + stage.channels; c++) {
          const at = image * nChannels + c;
          const square = set.sums[at] ** 2 / nPositions;
          part +=
            pattern[c] ** 2 * (set.energies[at] - square) + ofMean[c] * (ofMean[c] * square - 2 * mean * set.sums[at]);
        }
        shares[k] += part / variances[image] / nImages;
      });
    }
  }
  return shares;
}

/** Mean of mask values with their signs: the measure of the paper's Figure 2. */
export interface SignedMeanMask {
  readonly mean: number;
  /** 95 % confidence interval of the mean over the mask values; null where there is a single one. */
  readonly ci95: readonly [lower: number, upper: number] | null;
}

/**
 * The paper's stage tuning: mean mask value a stage, mean +- t sd / sqrt(n) over its n values, t the 97.5 % point of Student's
 * distribution with n - 1 degrees of freedom (1.96 for many).
 *
 * The correlation ignores the mask's sign and overall size, so this says little; `stageShares` beside permuted fits says more.
 * @param encoder a fitted one
 * @param groups positions of the stages that are taken together, each value counting once; by default each stage stands alone
 * @returns one a group
 * @source Gaziv 2019, Figure 2
 */
export function signedMeanMasks(
  encoder: Encoder,
  groups: readonly (readonly number[])[] = encoder.stages.map((_, k) => [k]),
): SignedMeanMask[] {
  const { places, nChannels } = layOutStages(encoder.stages);
  return groups.map((members) =>
    meanWithInterval(
      encoder.maskResolution === 'stage'
        ? members.map((k) => encoder.mask[k])
        : members.flatMap((k) => [...valuesOfStage(encoder, places[k], nChannels)]),
    ),
  );
}

/** How many mask values each stage has: what its mean counts for in that of several stages. */
export function countMaskValues({ stages, maskResolution }: Pick<Encoder, 'stages' | 'maskResolution'>): number[] {
  const count = VALUES_OF_STAGE[maskResolution];
  return layOutStages(stages).places.map(count);
}

const VALUES_OF_STAGE: Record<MaskResolution, (place: StagePlace) => number> = {
  stage: () => 1,
  channel: ({ stage }) => stage.channels,
  split: ({ stage }) => 2 * stage.channels,
  feature: ({ stage, nPositions }) => stage.channels * nPositions,
};

function meanWithInterval(values: readonly number[]): SignedMeanMask {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, ci95: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = twoSided95(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { mean, ci95: [mean - half, mean + half] };
}

/** A stage's mask values: one a feature or channel, or both parts of its channels where the mask splits them. */
function valuesOfStage({ mask, maskResolution }: Encoder, place: StagePlace, nChannels: number): Float64Array {
  const { stage, nPositions, firstFeature, firstChannel } = place;
  if (maskResolution === 'feature') return mask.subarray(firstFeature, firstFeature + stage.channels * nPositions);
  return mask.filter((_, k) => k % nChannels >= firstChannel && k % nChannels < firstChannel + stage.channels);
}
