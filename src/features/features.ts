import type { StageShape } from '../backbones/backbone.ts';

/** Stage features of some images, one image after the other, never all at once. */
export interface FeatureStream {
  /** Names of the images, in order. */
  readonly conditions: readonly string[];
  readonly stages: readonly StageShape[];
  /** Names the contents: images, weights, architecture, stages, preprocessing. Equal keys mean equal features; caches rest on it. */
  readonly key: string;
  /** Each image in order: for each stage its features, channels x height x width. The arrays are the reader's to keep. */
  read(): AsyncIterable<readonly Float32Array[]>;
}
