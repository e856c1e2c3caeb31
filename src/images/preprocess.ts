import { UsageError } from '../core/errors.ts';
import { centreWindow, type PixelSize, shorterSideSize } from './crop.ts';
import type { RgbImage } from './image.ts';
import { INPUT_NORMALISATIONS, type InputNormalisation } from './normalisation.ts';
import { resizeBilinear } from './resize.ts';

/**
 * How an image of any shape becomes the network's: `crop` keeps its proportions and cuts out the centre, `squash` keeps all of it and
 * bends it to the network's shape. `squash-crop` bends it to a larger one and cuts out the centre: `squash` for networks that are trained on
 * random windows, which need room.
 */
export type Fit = 'crop' | 'squash' | 'squash-crop';

/** The size to which an image is resized before the network's window is cut out of it. */
const RESIZED: Record<Fit, (image: PixelSize, input: PixelSize) => PixelSize> = {
  crop: (image, { width, height }) => shorterSideSize(image, withMargin(Math.max(width, height))),
  squash: (_, input) => input,
  'squash-crop': (_, { width, height }) => ({ width: withMargin(width), height: withMargin(height) }),
};

/** The values `fit` may have. */
export const FIT_NAMES = Object.keys(RESIZED) as readonly Fit[];

/** The fit whose centre is seen at evaluation where random windows are trained on: the fit itself, and `squash-crop` for `squash`. */
export function fitOfRandomCrops(fit: Fit): Fit {
  return fit === 'squash' ? 'squash-crop' : fit;
}

/** What `preprocess` does with an image. */
export interface PreprocessOptions extends PixelSize {
  /** `crop` by default. */
  readonly fit?: Fit;
  /** ImageNet's mean and standard deviation by default. */
  readonly normalisation?: InputNormalisation;
}

/**
 * The pixels a network sees, resized and normalised.
 *
 * `crop`: the shorter side becomes round(size * 256 / 224) pixels, 256 for 224, where size is the longer side of the network's input; then
 * the centre is cut out. `squash`: height x width at once. `squash-crop`: round(height * 256 / 224) x round(width * 256 / 224), then the
 * centre. All equal PIL's and torchvision's pixels; the normalisation is float32 arithmetic as torchvision's ToTensor and Normalize do it.
 * @param image 8-bit RGB
 * @returns 3 x height x width, channels in the normalisation's order
 * @throws UsageError for an unknown fit, ShapeError for a size below 1 pixel
 * @source torchvision.transforms.{Resize, CenterCrop, ToTensor, Normalize}
 */
export function preprocess(image: RgbImage, options: PreprocessOptions): Float32Array<ArrayBuffer> {
  const { fit = 'crop', normalisation = INPUT_NORMALISATIONS.imagenet, width, height } = options;
  const resized = resizedSize(image, fit, { width, height });
  const window = centreWindow(resized, { width, height });
  return normalise(resizeBilinear(image, resized.width, resized.height, window), normalisation);
}

/**
 * The size to which a fit resizes an image, before a window of the network's `input` size is cut out of it.
 * @throws UsageError for an unknown fit
 */
export function resizedSize(image: PixelSize, fit: Fit, input: PixelSize): PixelSize {
  if (!Object.hasOwn(RESIZED, fit)) throw new UsageError(`preprocess: expected ${FIT_NAMES.join(' or ')}, got ${fit}`);
  return RESIZED[fit](image, input);
}

/** The side that leaves a window of `side` pixels an eighth of it to move in: 256 for 224. */
function withMargin(side: number): number {
  return Math.round((side * 256) / 224);
}

/**
 * 8-bit pixels to the network's numbers: (value * scale - mean) / std in float32.
 * @returns 3 x height x width
 */
export function normalise(image: RgbImage, normalisation: InputNormalisation): Float32Array<ArrayBuffer> {
  const n = image.width * image.height;
  const { data } = image;
  const planes = new Float32Array(3 * n);
  for (let channel = 0; channel < 3; channel++) {
    const values = valuesOf(normalisation, channel);
    const start = channel * n;
    for (let k = 0, at = normalisation.order === 'rgb' ? channel : 2 - channel; k < n; k++, at += 3) {
      planes[start + k] = values[data[at]];
    }
  }
  return planes;
}

/** What each of the 256 pixel values becomes in one channel. */
function valuesOf({ scale, mean, std }: InputNormalisation, channel: number): Float32Array {
  const [average, deviation] = [Math.fround(mean[channel]), Math.fround(std[channel])];
  return Float32Array.from(
    { length: 256 },
    (_, value) => Math.fround(Math.fround(value * scale) - average) / deviation,
  );
}
