import type { Backbone } from '../backbones/backbone.ts';
import { digestBytes, digestText } from '../core/digest.ts';
import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import type { OnProgress } from '../core/progress.ts';
import type { Stimulus } from '../images/image.ts';
import { type Fit, preprocess } from '../images/preprocess.ts';
import type { FeatureStream } from './features.ts';
import { checkFeatureSizes } from './stage-layout.ts';

/** How images become stage features. */
export interface ExtractionOptions {
  /** `crop` by default. */
  readonly fit?: Fit;
  /** Images a run of the network. */
  readonly batch?: number;
  readonly onProgress?: OnProgress | undefined;
  /** Stops between two batches: reading rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is asked of a network that looks at pixels. */
export type FeatureNetwork = Pick<Backbone, 'name' | 'stages' | 'input' | 'run'>;

/** Pixels that a network is to look at. */
export interface PixelSource {
  readonly conditions: readonly string[];
  /** Names the contents. */
  readonly key: string;
  /** Starts a reading, which asks for each image once, in order: 3 x height x width. */
  open(): (image: number) => Promise<Float32Array>;
}

/**
 * Stage features of images, computed as they are read: while the network runs on one batch the next is decoded, and no more than two
 * batches are held. Each `read()` runs the network anew. Only the images' bytes are read before, for the key.
 * @throws UsageError for no images, or two of the same name; while reading, FormatError for an unreadable image, and for NaN or infinite
 *   features naming image and stage
 */
export async function imageFeatures(
  backbone: Backbone,
  stimuli: readonly Stimulus[],
  { fit = 'crop', ...options }: ExtractionOptions = {},
): Promise<FeatureStream> {
  const conditions = stimuli.map(({ name }) => name);
  checkNames(conditions);
  const key = await namesOfContents(stimuli, ['image features', backbone.key, fit]);
  const load = async (image: number) => preprocess(await stimuli[image].decode(), { fit, ...backbone.input });
  return pixelFeatures(backbone, { conditions, key, open: () => load }, options);
}

/** Features of pixels as `imageFeatures` gives those of images. */
export function pixelFeatures(
  backbone: FeatureNetwork,
  source: PixelSource,
  { batch = 8, onProgress, signal }: Omit<ExtractionOptions, 'fit'> = {},
): FeatureStream {
  const { conditions, key } = source;
  if (!(Number.isInteger(batch) && batch >= 1)) throw new UsageError(`batch: expected 1 image or more, got ${batch}`);
  return {
    conditions,
    stages: backbone.stages,
    key,
    async *read() {
      const total = conditions.length;
      const load = source.open();
      const sizeOf = (first: number) => Math.min(batch, total - first);
      let next = loadBatch(load, 0, sizeOf(0), backbone);
      let done = 0;
      onProgress?.({ phase: 'extracting', done, total });
      for (let first = 0; first < total; first += batch) {
        signal?.throwIfAborted();
        const pixels = await next;
        const after = first + batch;
        if (after < total) {
          next = loadBatch(load, after, sizeOf(after), backbone);
          next.catch(() => {}); // It is thrown where it is awaited; a reader that stops before must not meet it.
        }
        const nImages = sizeOf(first);
        const features = await backbone.run(pixels, nImages);
        for (let row = 0; row < nImages; row++) {
          yield imageOfBatch(features, row, backbone, nImages, conditions[first + row]);
          onProgress?.({ phase: 'extracting', done: ++done, total });
        }
      }
    },
  };
}

/** Names images by their names and bytes, with whatever else belongs to their contents. */
export async function namesOfContents(stimuli: readonly Stimulus[], context: readonly unknown[]): Promise<string> {
  const contents: string[] = [];
  for (const stimulus of stimuli) contents.push(await digestBytes(await stimulus.bytes()));
  const conditions = stimuli.map(({ name }) => name);
  return digestText(JSON.stringify([...context, conditions, contents]));
}

/**
 * Asserts that there are images, each of its own name.
 * @throws UsageError naming the one that comes twice
 */
export function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new UsageError('images: expected at least one, got none');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UsageError(`images: expected different names, got ${name} twice; rename one`);
    seen.add(name);
  }
}

/** Pixels of the images from `first` on, n x 3 x height x width. */
async function loadBatch(
  load: (image: number) => Promise<Float32Array>,
  first: number,
  nImages: number,
  { input }: FeatureNetwork,
): Promise<Float32Array> {
  const size = 3 * input.height * input.width;
  const pixels = new Float32Array(nImages * size);
  await Promise.all(Array.from({ length: nImages }, async (_, k) => pixels.set(await load(first + k), k * size)));
  return pixels;
}

/** One image's features out of a batch's: views, since a copy would take a tenth of the network's time. */
function imageOfBatch(
  features: readonly Float32Array[],
  row: number,
  { name, stages }: FeatureNetwork,
  nImages: number,
  condition: string,
): Float32Array[] {
  if (features.length !== stages.length) {
    throw new ShapeError(`${name}: expected ${stages.length} stages, got ${features.length}`);
  }
  const rows = features.map((values) => {
    const size = values.length / nImages;
    return values.subarray(row * size, (row + 1) * size);
  });
  checkFeatureSizes(rows, stages, condition);
  checkFinite(rows, stages, condition);
  return rows;
}

/**
 * Asserts that an image's features are numbers.
 * @throws FormatError naming the image and the stage
 */
export function checkFinite(
  features: readonly Float32Array[],
  stages: readonly { readonly name: string }[],
  condition: string,
): void {
  features.forEach((values, k) => {
    // One sum is NaN or infinite if a value is, and is much faster than a test of each; float32's largest values cannot overflow it.
    // Four sums side by side, because each addition waits for the one before.
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    let p = 0;
    for (; p + 4 <= values.length; p += 4) {
      sum0 += values[p];
      sum1 += values[p + 1];
      sum2 += values[p + 2];
      sum3 += values[p + 3];
    }
    for (; p < values.length; p++) sum0 += values[p];
    if (Number.isFinite(sum0 + sum1 + sum2 + sum3)) return;
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    throw new FormatError(
      condition,
      `expected finite features, got ${values[wrong]}; check the weights and the network's input convention`,
      `stage ${stages[k].name}`,
    );
  });
}
