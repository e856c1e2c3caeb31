import { ShapeError, UsageError } from '../core/errors.ts';
import type { ChannelWeights } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { EmbeddingWeights } from '../features/weighing.ts';
import { type Encoder, type MaskResolution, PAIR_RESOLUTIONS } from './encoder.ts';

type Stages = PairStatistics['stages'];

/** Number of values of a mask of this resolution. */
export function countMaskValues(stages: Stages, resolution: MaskResolution): number {
  if (resolution === 'stage') return stages.length;
  return resolution === 'feature' ? layOutStages(stages).nFeatures : countScaleValues(stages, resolution);
}

/** Number of fixed factors beside a mask of this resolution: one a channel, or two where channels are split. */
export function countScaleValues(stages: Stages, resolution: MaskResolution): number {
  return layOutStages(stages).nChannels * (resolution === 'split' ? 2 : 1);
}

/**
 * What each channel is multiplied by in the embedding: w_c = mask_c scale_c, its pattern and its mean apart where the mask splits them.
 * @returns nChannels weights, or two times as many; channels of all stages concatenated
 * @throws ShapeError where mask or scale do not have the stages' sizes
 * @throws UsageError for a mask of features, which pair statistics cannot weigh
 */
export function channelWeights(encoder: Encoder): ChannelWeights {
  const { stages, maskResolution, mask, scale } = encoder;
  if (maskResolution === 'feature') {
    throw new UsageError(
      `encoder: expected a mask that pair statistics can weigh (${PAIR_RESOLUTIONS.join(', ')}), got one of features; predict from the features themselves`,
    );
  }
  checkSizes(encoder);
  const values = maskResolution === 'stage' ? repeatOverChannels(mask, stages) : mask;
  const weights = scale.map((factor, k) => factor * values[k]);
  if (maskResolution !== 'split') return weights;
  const nChannels = weights.length / 2;
  return { pattern: weights.subarray(0, nChannels), mean: weights.subarray(nChannels) };
}

/**
 * What the embedding multiplies features by, for a mask of any resolution: `channelWeights`, or for one of features w_f = mask_f scale_c of the
 * feature's channel c.
 * @throws ShapeError where mask or scale do not have the stages' sizes
 */
export function embeddingWeights(encoder: Encoder): EmbeddingWeights {
  const { stages, maskResolution, mask, scale } = encoder;
  if (maskResolution !== 'feature') return channelWeights(encoder);
  checkSizes(encoder);
  const features = mask.slice();
  for (const { stage, nPositions, firstFeature, firstChannel } of layOutStages(stages).places) {
    for (let c = 0, at = firstFeature; c < stage.channels; c++) {
      const factor = scale[firstChannel + c];
      for (const end = at + nPositions; at < end; at++) features[at] *= factor;
    }
  }
  return { features };
}

function checkSizes({ stages, maskResolution, mask, scale }: Encoder): void {
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
