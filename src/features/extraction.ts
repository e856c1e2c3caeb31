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
  { fit = 'crop', batch = 8, onProgress }: ExtractionOptions = {},
): Promise<FeatureStream> {
  const conditions = stimuli.map(({ name }) => name);
  checkNames(conditions);
  if (!(Number.isInteger(batch) && batch >= 1)) throw new UsageError(`batch: expected 1 image or more, got ${batch}`);
  const contents: string[] = [];
  for (const stimulus of stimuli) contents.push(await digestBytes(await stimulus.bytes()));
  return {
    conditions,
    stages: backbone.stages,
    key: await digestText(JSON.stringify(['image features', backbone.key, fit, conditions, contents])),
    async *read() {
      const batches = Array.from({ length: Math.ceil(stimuli.length / batch) }, (_, k) =>
        stimuli.slice(k * batch, (k + 1) * batch),
      );
      let next = loadBatch(batches[0], backbone, fit);
      let done = 0;
      onProgress?.({ phase: 'extracting', done, total: stimuli.length });
      for (const [k, images] of batches.entries()) {
        const pixels = await next;
        if (k + 1 < batches.length) {
          next = loadBatch(batches[k + 1], backbone, fit);
          next.catch(() => {}); // It is thrown where it is awaited; a reader that stops before must not meet it.
        }
        const features = await backbone.run(pixels, images.length);
        for (const [row, { name }] of images.entries()) {
          yield imageOfBatch(features, row, backbone, images.length, name);
          onProgress?.({ phase: 'extracting', done: ++done, total: stimuli.length });
        }
      }
    },
  };
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new UsageError('images: expected at least one, got none');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UsageError(`images: expected different names, got ${name} twice; rename one`);
    seen.add(name);
  }
}

/** Decoded and preprocessed pixels, n x 3 x height x width. */
async function loadBatch(stimuli: readonly Stimulus[], { input }: Backbone, fit: Fit): Promise<Float32Array> {
  const size = 3 * input.height * input.width;
  const pixels = new Float32Array(stimuli.length * size);
  await Promise.all(
    stimuli.map(async (stimulus, k) => pixels.set(preprocess(await stimulus.decode(), { fit, ...input }), k * size)),
  );
  return pixels;
}

/** One image's features out of a batch's: views, since a copy would take a tenth of the network's time. */
function imageOfBatch(
  features: readonly Float32Array[],
  row: number,
  { name, stages }: Backbone,
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
