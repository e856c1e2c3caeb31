import { ShapeError } from '../core/errors.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Encoder, MaskResolution } from './encoder.ts';

type Stages = PairStatistics['stages'];

/** Number of values of a mask of this resolution. */
export function countMaskValues(stages: Stages, resolution: MaskResolution): number {
  return resolution === 'stage' ? stages.length : layOutStages(stages).nChannels;
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
  const { places, nChannels } = layOutStages(stages);
  const channels = new Float64Array(nChannels);
  for (const [k, { stage, firstChannel }] of places.entries()) {
    channels.fill(mask[k], firstChannel, firstChannel + stage.channels);
  }
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
  scale: Float64Array = new Float64Array(layOutStages(stages).nChannels).fill(1),
): Encoder {
  const mask = new Float64Array(countMaskValues(stages, maskResolution)).fill(1);
  return { stages, maskResolution, mask, scale, readouts: [] };
}
