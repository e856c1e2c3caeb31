import { ShapeError } from '../core/errors.ts';
import type { ChannelWeights } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Encoder, MaskResolution } from './encoder.ts';

type Stages = PairStatistics['stages'];

/** Number of values of a mask of this resolution. */
export function countMaskValues(stages: Stages, resolution: MaskResolution): number {
  return resolution === 'stage' ? stages.length : countScaleValues(stages, resolution);
}

/** Number of fixed factors beside a mask of this resolution: one a channel, or two where channels are split. */
export function countScaleValues(stages: Stages, resolution: MaskResolution): number {
  return layOutStages(stages).nChannels * (resolution === 'split' ? 2 : 1);
}

/**
 * What each channel is multiplied by in the embedding: w_c = mask_c scale_c, its pattern and its mean apart where the mask splits them.
 * @returns nChannels weights, or two times as many; channels of all stages concatenated
 * @throws ShapeError where mask or scale do not have the stages' sizes
 */
export function channelWeights(encoder: Encoder): ChannelWeights {
  const { stages, maskResolution, mask, scale } = encoder;
  const expected = countMaskValues(stages, maskResolution);
  if (mask.length !== expected) {
    throw new ShapeError(
      `encoder: expected ${expected} mask values (resolution ${maskResolution}), got ${mask.length}; use the stages the mask was fitted on`,
    );
  }
  const nFactors = countScaleValues(stages, maskResolution);
  if (scale.length !== nFactors) {
    throw new ShapeError(
      `encoder: expected ${nFactors} scale values (one a channel, two with split), got ${scale.length}; use the stages it was fitted on`,
    );
  }
  const values = maskResolution === 'stage' ? repeatOverChannels(mask, stages) : mask;
  const weights = scale.map((factor, k) => factor * values[k]);
  if (maskResolution !== 'split') return weights;
  const nChannels = weights.length / 2;
  return { pattern: weights.subarray(0, nChannels), mean: weights.subarray(nChannels) };
}

/**
 * An encoder that has learned nothing: every mask value 1, no readouts.
 * @param scale fixed factors as the resolution asks for; ones by default
 */
export function untrainedEncoder(
  stages: Stages,
  maskResolution: MaskResolution = 'channel',
  scale: Float64Array = new Float64Array(countScaleValues(stages, maskResolution)).fill(1),
): Encoder {
  const mask = new Float64Array(countMaskValues(stages, maskResolution)).fill(1);
  return { stages, maskResolution, mask, scale, readouts: [] };
}

/** A stage's value repeated over its channels. */
function repeatOverChannels(mask: Float64Array, stages: Stages): Float64Array {
  const { places, nChannels } = layOutStages(stages);
  const channels = new Float64Array(nChannels);
  for (const [k, { stage, firstChannel }] of places.entries()) {
    channels.fill(mask[k], firstChannel, firstChannel + stage.channels);
  }
  return channels;
}
