import type { PairStatistics } from '../features/pair-statistics.ts';

/** The resolutions whose masks weigh channels, so that pair statistics know all that they need of the features. */
export const PAIR_RESOLUTIONS = ['stage', 'channel', 'split'] as const;

/** The values `mask` may have in a study. */
export const MASK_RESOLUTIONS = [...PAIR_RESOLUTIONS, 'feature'] as const;

/** A resolution that pair statistics serve. */
export type PairResolution = (typeof PAIR_RESOLUTIONS)[number];

/**
 * How finely the mask weighs: one value a `stage`, one a `channel`, with `split` two a channel: one for its pattern, the deviations from
 * its mean over positions, and one for that mean; or one a `feature`, each position of each channel.
 */
export type MaskResolution = (typeof MASK_RESOLUTIONS)[number];

/** What predicted dissimilarities become before they meet one data set: a (1 - r) + b with a = exp(alpha) > 0. */
export interface Readout {
  /** Name of the data set. */
  readonly name: string;
  readonly alpha: number;
  readonly b: number;
}

/** A fitted aggregation of a network's stages. */
export interface Encoder {
  readonly stages: PairStatistics['stages'];
  readonly maskResolution: MaskResolution;
  /**
   * Learned values, all 1 at the start: one a stage, or one a channel (channels of all stages concatenated), or with `split` those of all
   * patterns and then those of all means, or one a feature (stages concatenated, each channels x height x width).
   */
  readonly mask: Float64Array;
  /** One fixed factor a channel (with `split` one a pattern, then one a mean) that is applied before the mask; ones where nothing is scaled. */
  readonly scale: Float64Array;
  readonly readouts: readonly Readout[];
}
