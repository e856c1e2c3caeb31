import type { TrainableNetwork } from '../../backbones/trainable.ts';
import { type Random, seededRandom } from '../../core/random.ts';
import { sizeOf } from '../../core/shape.ts';
import type { EngineTensor } from '../../engine/session.ts';
import type { CropSource } from '../../features/crops.ts';
import type { CutGraph } from '../../graph/rewrites/cut.ts';
import { type ActivationPlatform, inputRooms, keptActivations } from './activations.ts';

type Inputs = Record<string, EngineTensor>;

/** What the part of a network that trains is fed, for images of several sources. */
export interface NetworkInputs {
  /** Draws what is drawn once an epoch. */
  startEpoch(epoch: number): Promise<void>;
  /**
   * Images as a step meets them; overwritten by the next call for as many.
   * @param streams one a crop, asked for where crops are drawn anew
   */
  ofStep(source: number, images: readonly number[], streams: (slot: number) => Random): Promise<Inputs>;
  /** Images at their centre crops; overwritten likewise. */
  ofCentres(source: number, images: readonly number[]): Promise<Inputs>;
  release(): Promise<void>;
}

/** Where a network's inputs come from. */
export interface NetworkInputSettings extends ActivationPlatform {
  readonly sources: readonly CropSource[];
  readonly crop: 'none' | 'random';
  readonly seed: number;
}

/** Where a part of the network is frozen, what it makes of each image's crop is kept: one crop an image and epoch. Else each image that is met is a crop of its own. */
export function networkInputs(
  cut: CutGraph,
  input: TrainableNetwork['input'],
  settings: NetworkInputSettings,
): Promise<NetworkInputs> {
  return cut.frozen === undefined ? Promise.resolve(ofPixels(cut, settings)) : ofActivations(cut, input, settings);
}

function ofPixels({ trained }: CutGraph, { sources, crop }: NetworkInputSettings): NetworkInputs {
  const rooms = inputRooms(trained.inputs);
  const [{ name, shape }] = trained.inputs;
  const fill = async (pixels: readonly Promise<Float32Array>[]) => {
    const inputs = rooms(pixels.length);
    const { data } = inputs[name];
    for (const [slot, ofImage] of (await Promise.all(pixels)).entries())
      data.set(ofImage, slot * sizeOf(shape.slice(1)));
    return inputs;
  };
  const ofCentres = (source: number, images: readonly number[]) =>
    fill(images.map((image) => sources[source].centre(image)));
  return {
    startEpoch: () => Promise.resolve(),
    ofCentres,
    ofStep: (source, images, streams) =>
      crop === 'none'
        ? ofCentres(source, images)
        : fill(images.map((image, slot) => sources[source].random(image, streams(slot)))),
    release: () => Promise.resolve(),
  };
}

async function ofActivations(
  cut: CutGraph,
  input: TrainableNetwork['input'],
  { sources, crop, seed, ...platform }: NetworkInputSettings,
): Promise<NetworkInputs> {
  const activations = await keptActivations(cut, input, platform);
  const random = seededRandom(seed);
  /** Random crops are kept beside the centre ones, as those of sources of their own. */
  const cropsOf = (source: number) => (crop === 'none' ? source : sources.length + source);
  const centred = new Set<number>();
  const fillCentres = async (source: number) => {
    if (centred.has(source)) return;
    centred.add(source);
    await activations.fill(source, sources[source].conditions.length, (image) => sources[source].centre(image));
  };
  return {
    async startEpoch(epoch) {
      for (const [source, crops] of sources.entries()) {
        const stream = random.derive(`crops/${epoch}/${source}`);
        if (crop === 'none') await fillCentres(source);
        else await activations.fill(cropsOf(source), crops.conditions.length, (image) => crops.random(image, stream));
      }
    },
    ofStep: (source, images) => activations.gather(cropsOf(source), images),
    async ofCentres(source, images) {
      await fillCentres(source);
      return activations.gather(source, images);
    },
    release: () => activations.release(),
  };
}
