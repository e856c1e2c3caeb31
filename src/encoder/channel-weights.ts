import { ShapeError } from '../core/errors.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import type { Encoder, MaskResolution } from './encoder.ts';

type Stages = PairStatistics['stages'];

/** Where each stage's channels lie among the concatenated channels: from `first` up to, not including, `end`. */
export interface ChannelRange {
  readonly first: number;
  readonly end: number;
  /** Positions of a channel: height x width. */
  readonly positions: number;
}

/** Ranges of the stages' channels, in order; the last `end` is the number of channels in all. */
export function channelRanges(stages: Stages): ChannelRange[] {
  let end = 0;
  return stages.map((stage) => {
    const first = end;
    end += stage.channels;
    return { first, end, positions: stage.height * stage.width };
  });
}

/** Number of channels of all stages. */
export function countChannels(stages: Stages): number {
  return stages.reduce((sum, stage) => sum + stage.channels, 0);
}

/** D, the number of features of an embedding: the sum over stages of channels x height x width. */
export function countFeatures(stages: Stages): number {
  return stages.reduce((sum, stage) => sum + stage.channels * stage.height * stage.width, 0);
}

/** Number of values of a mask of this resolution. */
export function countMaskValues(stages: Stages, resolution: MaskResolution): number {
  return resolution === 'stage' ? stages.length : countChannels(stages);
}

/**
 * The mask with one value a channel: a stage's value repeated over its channels, or the channels' own.
 * @throws ShapeError where the mask has not as many values as its resolution asks for
 */
export function maskOfChannels(encoder: Pick<Encoder, 'stages' | 'mask' | 'maskResolution'>): Float64Array {
  const { stages, mask, maskResolution } = encoder;
  const expected = countMaskValues(stages, maskResolution);
  if (mask.length !== expected) {
    throw new ShapeError(
      `encoder: expected ${expected} mask values (one a ${maskResolution}), got ${mask.length}; use the stages the mask was fitted on`,
    );
  }
  if (maskResolution === 'channel') return Float64Array.from(mask);
  const channels = new Float64Array(countChannels(stages));
  for (const [k, { first, end }] of channelRanges(stages).entries()) channels.fill(mask[k], first, end);
  return channels;
}

/**
 * What each channel is multiplied by in the embedding: w_c = mask_c scale_c.
 * @returns nChannels weights, channels of all stages concatenated
 * @throws ShapeError where mask or scale do not have the stages' sizes
 */
export function channelWeights(encoder: Encoder): Float64Array {
  const weights = maskOfChannels(encoder);
  if (encoder.scale.length !== weights.length) {
    throw new ShapeError(
      `encoder: expected ${weights.length} scale values (one a channel), got ${encoder.scale.length}; use the stages it was fitted on`,
    );
  }
  for (let c = 0; c < weights.length; c++) weights[c] *= encoder.scale[c];
  return weights;
}

/**
 * An encoder that has learned nothing: every mask value 1, no readouts.
 * @param scale one factor a channel; ones by default
 */
export function untrainedEncoder(
  stages: Stages,
  maskResolution: MaskResolution = 'channel',
  scale: Float64Array = new Float64Array(countChannels(stages)).fill(1),
): Encoder {
  const mask = new Float64Array(countMaskValues(stages, maskResolution)).fill(1);
  return { stages, maskResolution, mask, scale, readouts: [] };
}

/**
 * @throws ShapeError naming the first stage in which two lists of stages differ
 */
export function assertSameStages(where: string, expected: Stages, got: Stages): void {
  const words = (stage: Stages[number] | undefined) =>
    stage === undefined ? 'no stage' : `${stage.name} ${stage.channels} x ${stage.height} x ${stage.width}`;
  for (let k = 0; k < Math.max(expected.length, got.length); k++) {
    if (words(expected[k]) !== words(got[k])) {
      throw new ShapeError(
        `${where}: expected ${words(expected[k])} as stage ${k + 1}, got ${words(got[k])}; use the same backbone and stages throughout`,
      );
    }
  }
}
