import type { InputNormalisation } from '../images/normalisation.ts';

/** A declared tap of a network: `channels` feature maps of `height` x `width` positions at the network's input size. */
export interface StageShape {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A network with its weights, loaded and ready to give stage features. */
export interface Backbone {
  /** As results are labelled: `resnet50`, `gabor`, `onnx:googlenet.onnx`. */
  readonly name: string;
  /** Names the contents: architecture, weights, stages, input. Equal keys mean equal features of equal pixels. */
  readonly key: string;
  readonly stages: readonly StageShape[];
  readonly input: { readonly height: number; readonly width: number; readonly normalisation: InputNormalisation };
  /**
   * Stage features of a batch.
   * @param pixels n x 3 x height x width, normalised
   * @returns for each stage n x channels x height x width
   */
  run(pixels: Float32Array, n: number): Promise<Float32Array[]>;
  release(): Promise<void>;
}
