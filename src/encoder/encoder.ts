import type { PairStatistics } from '../features/pair-statistics.ts';

/** How finely the mask weighs: one value a stage, or one a channel. */
export type MaskResolution = 'stage' | 'channel';

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
  /** One learned value a stage or a channel (stages in order, channels of all stages concatenated). Starts at 1. */
  readonly mask: Float64Array;
  /** One fixed factor a channel that is applied before the mask; ones where channels are not scaled. */
  readonly scale: Float64Array;
  readonly readouts: readonly Readout[];
}
