import type { StageShape } from '../backbones/backbone.ts';
import { ShapeError } from '../core/errors.ts';

/** Where a stage lies in an image's features when all stages are concatenated. */
export interface StagePlace {
  readonly stage: StageShape;
  /** Positions of a channel: height x width. */
  readonly nPositions: number;
  readonly firstFeature: number;
  readonly firstChannel: number;
}

/** The stages of an image's features, concatenated. */
export interface StageLayout {
  readonly places: readonly StagePlace[];
  readonly nFeatures: number;
  readonly nChannels: number;
}

/** Some channels of one stage, side by side. */
export interface ChannelBlock {
  readonly firstChannel: number;
  readonly nChannels: number;
  readonly firstFeature: number;
  readonly nPositions: number;
}

/**
 * @throws ShapeError where there is no stage, or one has no feature
 */
export function layOutStages(stages: readonly StageShape[]): StageLayout {
  if (stages.length === 0) throw new ShapeError('stages: expected at least one, got none');
  const places: StagePlace[] = [];
  let [nFeatures, nChannels] = [0, 0];
  for (const stage of stages) {
    const nPositions = stage.height * stage.width;
    if (!(nPositions * stage.channels >= 1)) {
      throw new ShapeError(
        `stage ${stage.name}: expected at least one channel and position, got ${stage.channels} x ${stage.height} x ${stage.width}`,
      );
    }
    places.push({ stage, nPositions, firstFeature: nFeatures, firstChannel: nChannels });
    nFeatures += nPositions * stage.channels;
    nChannels += stage.channels;
  }
  return { places, nFeatures, nChannels };
}

/** All channels in order, in blocks of one stage's channels that have at most `maxFeatures` features and `maxChannels` channels, or are a single channel. */
export function* channelBlocks(
  layout: StageLayout,
  maxFeatures: number,
  maxChannels: number = Number.POSITIVE_INFINITY,
): Generator<ChannelBlock> {
  for (const { stage, nPositions, firstFeature, firstChannel } of layout.places) {
    const most = Math.max(1, Math.min(maxChannels, Math.floor(maxFeatures / nPositions)));
    for (let channel = 0; channel < stage.channels; channel += most) {
      yield {
        firstChannel: firstChannel + channel,
        nChannels: Math.min(most, stage.channels - channel),
        firstFeature: firstFeature + channel * nPositions,
        nPositions,
      };
    }
  }
}

/**
 * Asserts that an image's features have the stages' sizes.
 * @throws ShapeError naming the image and the stage
 */
export function checkFeatureSizes(
  features: readonly Float32Array[],
  stages: readonly StageShape[],
  condition: string,
): void {
  if (features.length !== stages.length) {
    throw new ShapeError(`features of ${condition}: expected ${stages.length} stages, got ${features.length}`);
  }
  stages.forEach(({ name, channels, height, width }, k) => {
    if (features[k].length !== channels * height * width) {
      throw new ShapeError(
        `features of ${condition}, stage ${name}: expected ${channels} x ${height} x ${width} values, got ${features[k].length}`,
      );
    }
  });
}

/** Name of the stage that a channel of the concatenated stages belongs to. */
export function stageOfChannel(layout: StageLayout, channel: number): string {
  return layout.places.findLast(({ firstChannel }) => firstChannel <= channel)!.stage.name;
}
