import { digestText } from '../core/digest.ts';
import { type Random, restoreRandom } from '../core/random.ts';
import type { CropSource } from './crops.ts';
import { type ExtractionOptions, type FeatureNetwork, pixelFeatures } from './extraction.ts';
import type { FeatureStream } from './features.ts';

/** A network whose present weights `key` names. */
export type NamedNetwork = FeatureNetwork & { readonly key: string };

/**
 * Stage features of one random window an image.
 * @param random its state decides all windows, so that each reading of the stream gives the same; it is not drawn from: derive another for the
 *   next windows
 * @throws UsageError while reading, where the source's fit leaves no room for windows; else as `imageFeatures`
 */
export async function randomCropFeatures(
  network: NamedNetwork,
  source: CropSource,
  random: Random,
  options: Omit<ExtractionOptions, 'fit'> = {},
): Promise<FeatureStream> {
  const state = random.state();
  const key = await digestText(JSON.stringify(['random crops', network.key, await source.key(), state]));
  const open = () => {
    const own = restoreRandom(state);
    return (image: number) => source.random(image, own);
  };
  return pixelFeatures(network, { conditions: source.conditions, key, open }, options);
}

/** Stage features of the images' centres: the same as `imageFeatures`, of images that need not be decoded again. */
export async function centreCropFeatures(
  network: NamedNetwork,
  source: CropSource,
  options: Omit<ExtractionOptions, 'fit'> = {},
): Promise<FeatureStream> {
  const key = await digestText(JSON.stringify(['centre crops', network.key, await source.key()]));
  return pixelFeatures(network, { conditions: source.conditions, key, open: () => source.centre }, options);
}
