import { UsageError } from '../core/errors.ts';
import { centreWindow, type PixelSize, shorterSideSize } from './crop.ts';
import type { RgbImage } from './image.ts';
import { INPUT_NORMALISATIONS, type InputNormalisation } from './normalisation.ts';
import { resizeBilinear } from './resize.ts';

/**
 * How an image of any shape becomes the network's: `crop` keeps its proportions and cuts out the centre, `squash` keeps all of it and
 * bends it to the network's shape.
 */
export type Fit = 'crop' | 'squash';

const FITS: Record<Fit, (image: RgbImage, size: PixelSize) => RgbImage> = {
  crop(image, size) {
    const resized = shorterSideSize(image, cropResizeSide(size));
    return resizeBilinear(image, resized.width, resized.height, centreWindow(resized, size));
  },
  squash: (image, size) => resizeBilinear(image, size.width, size.height),
};

/** The values `fit` may have. */
export const FIT_NAMES = Object.keys(FITS) as readonly Fit[];

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
 * the centre is cut out. `squash`: height x width at once. Both equal PIL's and torchvision's pixels; the normalisation is float32
 * arithmetic as torchvision's ToTensor and Normalize do it.
 * @param image 8-bit RGB
 * @returns 3 x height x width, channels in the normalisation's order
 * @throws UsageError for an unknown fit, ShapeError for a size below 1 pixel
 * @source torchvision.transforms.{Resize, CenterCrop, ToTensor, Normalize}
 */
export function preprocess(image: RgbImage, options: PreprocessOptions): Float32Array<ArrayBuffer> {
  const { fit = 'crop', normalisation = INPUT_NORMALISATIONS.imagenet, width, height } = options;
  if (!Object.hasOwn(FITS, fit)) throw new UsageError(`preprocess: expected ${FIT_NAMES.join(' or ')}, got ${fit}`);
  return normalise(FITS[fit](image, { width, height }), normalisation);
}

/** The shorter side to which `crop` resizes. */
function cropResizeSide({ width, height }: PixelSize): number {
  return Math.round((Math.max(width, height) * 256) / 224);
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
