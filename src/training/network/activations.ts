import type { TrainableNetwork } from '../../backbones/trainable.ts';
import type { OnProgress } from '../../core/progress.ts';
import { sizeOf } from '../../core/shape.ts';
import type { Engine, EngineTensor } from '../../engine/session.ts';
import { bytesOf } from '../../features/spilled-features.ts';
import type { OpenScratch, Scratch } from '../../formats/source.ts';
import { emitOnnx } from '../../graph/emit.ts';
import type { Tensor } from '../../graph/graph.ts';
import type { CutGraph } from '../../graph/rewrites/cut.ts';
import { foldBatchNorm } from '../../graph/rewrites/fold-batch-norm.ts';
import { mergeGroups } from '../../graph/rewrites/merge-groups.ts';
import { releaseAll } from './release.ts';

/** Pixels of an image, 3 x height x width. */
export type LoadPixels = (image: number) => Promise<Float32Array>;

/** What the part of a network that trains is fed: pixels, or what the frozen part below it makes of them. */
export interface Activations {
  /** Computes a set of images through the frozen part and keeps the results in place of those it had. */
  fill(source: number, nImages: number, load: LoadPixels): Promise<void>;
  /** Inputs for these images, in their order; overwritten by the next call for as many. */
  gather(source: number, images: readonly number[]): Promise<Record<string, EngineTensor>>;
  release(): Promise<void>;
}

/** What activations are computed with and kept in. */
export interface ActivationPlatform {
  readonly engine: Engine;
  readonly openScratch: OpenScratch;
  readonly onProgress?: OnProgress | undefined;
  /** Stops between two runs of a few images. */
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 8;

/**
 * Keeps what is computed once a crop of every image, whatever the number of steps that meet it.
 * @param cut of which the frozen part is there
 */
export async function keptActivations(
  { frozen, trained }: CutGraph,
  input: TrainableNetwork['input'],
  { engine, openScratch, onProgress, signal }: ActivationPlatform,
): Promise<Activations> {
  const session = await engine.load(emitOnnx(mergeGroups(foldBatchNorm(frozen!))));
  const kept = new Map<number, Scratch>();
  const places = placesOf(trained.inputs);
  const bytesOfImage = places.reduce((sum, { bytes }) => sum + bytes, 0);
  const pixelShape = [3, input.height, input.width];
  const rooms = inputRooms(trained.inputs);
  return {
    async fill(source, nImages, load) {
      const scratch = kept.get(source) ?? (await openScratch(nImages * bytesOfImage));
      kept.set(source, scratch);
      for (let first = 0; first < nImages; first += BATCH) {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'computing frozen stages', done: first, total: nImages });
        const n = Math.min(BATCH, nImages - first);
        const pixels = new Float32Array(n * sizeOf(pixelShape));
        for (let k = 0; k < n; k++) pixels.set(await load(first + k), k * sizeOf(pixelShape));
        const feeds = { [PIXELS]: { shape: [n, ...pixelShape], data: pixels } };
        const results: Record<string, EngineTensor> = { ...(await session.run(feeds)), ...feeds };
        for (const { name, offset, bytes } of places) {
          for (let k = 0; k < n; k++) {
            const ofImage = bytesOf(results[name].data).subarray(k * bytes, (k + 1) * bytes);
            await scratch.write((first + k) * bytesOfImage + offset, ofImage);
          }
        }
      }
      onProgress?.({ phase: 'computing frozen stages', done: nImages, total: nImages });
    },
    async gather(source, images) {
      const scratch = kept.get(source)!;
      const inputs = rooms(images.length);
      for (const { name, offset, bytes } of places) {
        const room = bytesOf(inputs[name].data);
        for (const [slot, image] of images.entries()) {
          room.set(await scratch.read(image * bytesOfImage + offset, bytes), slot * bytes);
        }
      }
      return inputs;
    },
    async release() {
      const disposals = Array.from(kept.values(), (scratch) => () => scratch.dispose());
      await releaseAll([...disposals, () => session.release()]);
    },
  };
}

/** Name of a network's own input. */
export const PIXELS = 'pixels';

/** Inputs for any number of images, kept between calls. */
export function inputRooms(inputs: readonly Tensor[]): (n: number) => Record<string, EngineTensor> {
  const rooms = new Map<number, Record<string, EngineTensor>>();
  return (n) => {
    const room =
      rooms.get(n) ??
      Object.fromEntries(
        inputs.map(({ name, shape }) => {
          const ofAll = [n, ...shape.slice(1)];
          return [name, { shape: ofAll, data: new Float32Array(sizeOf(ofAll)) }];
        }),
      );
    rooms.set(n, room);
    return room;
  };
}

function placesOf(inputs: readonly Tensor[]) {
  let end = 0;
  return inputs.map(({ name, shape }) => {
    const bytes = 4 * sizeOf(shape.slice(1));
    const offset = end;
    end += bytes;
    return { name, offset, bytes };
  });
}
