import type { Backbone } from '../backbones/backbone.ts';
import { UsageError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { centreWindow, cropTo, type PixelSize, windowAt } from '../images/crop.ts';
import type { RgbImage, Stimulus } from '../images/image.ts';
import { type Fit, fitOfRandomCrops, normalise, resizedSize } from '../images/preprocess.ts';
import { resizeBilinear, type Window } from '../images/resize.ts';
import { checkNames, namesOfContents } from './extraction.ts';

/** Pixels of a set's images as the network takes them, cut out at the centre or anywhere. */
export interface CropSource {
  /** Names of the images, in order. */
  readonly conditions: readonly string[];
  /** Names the contents: images, fit and input. */
  key(): Promise<string>;
  /** The centre, exactly as `imageFeatures` shows it to the network: 3 x height x width. */
  centre(image: number): Promise<Float32Array<ArrayBuffer>>;
  /**
   * A window anywhere in the resized image, every position as likely: 3 x height x width. Two numbers are drawn before it returns, so that
   * calls side by side draw in the order in which they are made.
   * @throws UsageError where the fit is `squash`, which leaves a window no room
   */
  random(image: number, random: Random): Promise<Float32Array<ArrayBuffer>>;
}

/** How images are resized, and for what network. */
export interface CropSourceOptions {
  /** `crop` by default; `squash-crop` is what `squash` is with random windows. */
  readonly fit?: Fit;
  readonly input: Backbone['input'];
  /** Resized images are kept as long as they have fewer bytes; further ones are decoded each time. 1 GiB by default, 5000 images of 256 x 256. */
  readonly maxBytes?: number;
}

/**
 * Windows of images that are decoded and resized once and kept as 8-bit pixels.
 * @throws UsageError for no images, or two of the same name; while reading, FormatError for an unreadable image
 * @source torchvision.transforms.{Resize, RandomCrop, CenterCrop}
 */
export function cropSource(
  stimuli: readonly Stimulus[],
  { fit = 'crop', input, maxBytes = 2 ** 30 }: CropSourceOptions,
): CropSource {
  const conditions = stimuli.map(({ name }) => name);
  checkNames(conditions);
  const kept = new Map<number, RgbImage>();
  let bytesKept = 0;
  let key: Promise<string> | undefined;
  const pixels = async (image: number, place: (resized: PixelSize) => Window) => {
    const resized = kept.get(image);
    if (resized !== undefined) return normalise(cropTo(resized, place(resized)), input.normalisation);
    const decoded = await stimuli[image].decode();
    const { width, height } = resizedSize(decoded, fit, input);
    const room = 3 * width * height;
    if (bytesKept + room > maxBytes) {
      return normalise(resizeBilinear(decoded, width, height, place({ width, height })), input.normalisation);
    }
    const whole = resizeBilinear(decoded, width, height);
    if (!kept.has(image)) bytesKept += room; // another call may have decoded it meanwhile
    kept.set(image, whole);
    return normalise(cropTo(whole, place(whole)), input.normalisation);
  };
  return {
    conditions,
    key: () => (key ??= namesOfContents(stimuli, ['crops', fit, input])),
    centre: (image) => pixels(image, (resized) => centreWindow(resized, input)),
    async random(image, random) {
      if (fit !== fitOfRandomCrops(fit)) {
        throw new UsageError(
          `random crops: expected a fit with room for a window, got ${fit}; use ${fitOfRandomCrops(fit)}`,
        );
      }
      const [down, across] = [random.uniform(), random.uniform()];
      return pixels(image, (resized) => windowAt(resized, input, down, across));
    },
  };
}
