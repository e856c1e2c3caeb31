/**
 * How 8-bit RGB becomes a network's input: channels in `order`, then (value * scale - mean) / std with value from 0 to 255. `mean` and
 * `std` are in the order of the network's channels.
 */
export interface InputNormalisation {
  readonly order: 'rgb' | 'bgr';
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** The two conventions that pretrained networks come with: torchvision's and Caffe's. */
export const INPUT_NORMALISATIONS = {
  imagenet: { order: 'rgb', scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  caffe: { order: 'bgr', scale: 1, mean: [104, 117, 123], std: [1, 1, 1] },
} as const satisfies Record<string, InputNormalisation>;
