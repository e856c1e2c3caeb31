import { ShapeError } from '../core/errors.ts';
import type { OpenScratch, Scratch } from '../formats/source.ts';
import type { FeatureStream } from './features.ts';
import { checkFeatureSizes, layOutStages, type StageLayout } from './stage-layout.ts';

/** A stream's features in scratch space, image after image, to be read back across all images. */
export interface SpilledFeatures {
  readonly layout: StageLayout;
  readonly nImages: number;
  /**
   * The same features of all images.
   * @param firstFeature place of the first among the concatenated stages
   * @param nChannels channels, which lie side by side
   * @param nPositions positions of a channel
   * @returns nChannels x nImages x nPositions; overwritten by the next call
   */
  read(firstFeature: number, nChannels: number, nPositions: number): Promise<Float32Array<ArrayBuffer>>;
  dispose(): Promise<void>;
}

/**
 * Reads a stream to its end into scratch space.
 * @param visit sees each image's features on the way
 * @throws ShapeError where the stream gives another number of images or features than it declares
 */
export async function spillFeatures(
  stream: FeatureStream,
  openScratch: OpenScratch,
  visit: (features: readonly Float32Array[], image: number) => void,
): Promise<SpilledFeatures> {
  const layout = layOutStages(stream.stages);
  const nImages = stream.conditions.length;
  if (nImages === 0) throw new ShapeError('features: expected at least one image, got none');
  const bytesOfImage = 4 * layout.nFeatures;
  const scratch = await openScratch(nImages * bytesOfImage);
  try {
    let image = 0;
    for await (const features of stream.read()) {
      if (image === nImages) throw new ShapeError(`features: expected ${nImages} images, got more`);
      checkFeatureSizes(features, stream.stages, stream.conditions[image]);
      visit(features, image);
      for (const [k, { firstFeature }] of layout.places.entries()) {
        await scratch.write(image * bytesOfImage + 4 * firstFeature, bytesOf(features[k]));
      }
      image++;
    }
    if (image !== nImages) throw new ShapeError(`features: expected ${nImages} images, got ${image}`);
  } catch (error) {
    await scratch.dispose();
    throw error;
  }
  let room = new Float32Array(0);
  return {
    layout,
    nImages,
    async read(firstFeature, nChannels, nPositions) {
      const length = nChannels * nPositions;
      if (room.length < nImages * length) room = new Float32Array(nImages * length);
      const rows = room.subarray(0, nImages * length);
      for (let image = 0; image < nImages; image++) {
        const bytes = await readNow(scratch, image * bytesOfImage + 4 * firstFeature, 4 * length);
        const target = new Uint8Array(rows.buffer);
        for (let channel = 0; channel < nChannels; channel++) {
          const piece = bytes.subarray(4 * channel * nPositions, 4 * (channel + 1) * nPositions);
          target.set(piece, 4 * (channel * nImages + image) * nPositions);
        }
      }
      return rows;
    },
    dispose: () => scratch.dispose(),
  };
}

/** The bytes of an array of numbers, as they lie in memory. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

// A block is read in thousands of short pieces: waiting for each would cost more than the reading.
function readNow(scratch: Scratch, offset: number, length: number): Uint8Array | Promise<Uint8Array> {
  return scratch.readSync === undefined ? scratch.read(offset, length) : scratch.readSync(offset, length);
}
