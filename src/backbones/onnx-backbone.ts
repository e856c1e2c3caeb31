import { toBinary } from '@bufbuild/protobuf';
import { digestBytes } from '../core/digest.ts';
import { FormatError, messageOf, UsageError } from '../core/errors.ts';
import type { EngineSession, EngineTensor } from '../engine/session.ts';
import { type ModelProto, ModelProtoSchema } from '../formats/onnx_pb.ts';
import { readOnnxModel } from '../formats/onnx-model.ts';
import { checkTensor } from '../formats/onnx-tensor.ts';
import { INPUT_NORMALISATIONS } from '../images/normalisation.ts';
import type { Backbone } from './backbone.ts';
import { featuresPerImage, runInBatches } from './batches.ts';
import { loadExternalData } from './onnx-external.ts';
import { type ImageInput, imageInput, tapModel } from './onnx-model-edit.ts';
import { requireStage, stageOf, stageValues } from './onnx-stages.ts';
import { replaceWeights } from './onnx-weights.ts';
import { type BackboneContext, type BackboneSpec, normalisationOf } from './spec.ts';

const DEFAULT_SIZE = 224;

/** Images that go through a model at once where it leaves that open. */
const BATCH = 8;

/**
 * A model of any origin as a backbone. Its stages are its outputs (those named layer0, layer1 ... if there are any, else all with positions)
 * or the inner tensors that `stages` names. `weights` may be a file of arrays that were trained further: they take the place of the model's own.
 * @throws UsageError where the spec and the model do not fit each other, FormatError where the model is damaged or the engine cannot run it
 */
export async function openOnnxBackbone(path: string, spec: BackboneSpec, context: BackboneContext): Promise<Backbone> {
  const { model, input, names } = await readImageModel(path, spec, context);
  const bytes = toBinary(ModelProtoSchema, model);
  const { height, width } = inputSize(path, input, spec.size);
  const normalisation = normalisationOf(spec, INPUT_NORMALISATIONS.imagenet);
  const session = await context.engine.load(bytes).catch((cause: unknown) => {
    throw new FormatError(path, `${context.engine.name} cannot load the model: ${firstLine(cause)}`, undefined, {
      cause,
    });
  });
  try {
    const run = runner(path, session, input, [3, height, width], names);
    const shapes = await trialShapes(path, run, input.batch ?? 1, [3, height, width]);
    const kept = spec.stages === undefined ? withPositions(path, names, shapes) : names;
    const stages = kept.map((name) => requireStage(path, name, shapes[name]));
    const sizes = featuresPerImage(stages);
    const batch = (input.batch ?? (await takesSeveral(run, [3, height, width], shapes))) ? (input.batch ?? BATCH) : 1;
    return {
      name: `onnx:${path.split(/[/\\]/).at(-1)}`,
      key: JSON.stringify(['onnx', await digestBytes(bytes), kept, height, width, normalisation]),
      stages,
      input: { height, width, normalisation },
      run: (pixels, n) =>
        runInBatches(pixels, n, batch, sizes, async (few, count) => {
          const results = await run(few, count);
          return kept.map((name, k) => stageValues(results[name]).slice(0, count * sizes[k]));
        }),
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** A model of images, ready to be loaded. */
export interface ImageModel {
  readonly model: ModelProto;
  readonly input: ImageInput;
  /** Names of the tensors that are wanted. */
  readonly names: readonly string[];
}

/**
 * Reads a model with its weights in it, those of `spec.weights` in place of its own, and the wanted tensors as its outputs.
 * @throws UsageError where the spec and the model do not fit each other, FormatError where a file is damaged
 */
export async function readImageModel(
  path: string,
  spec: BackboneSpec,
  context: Pick<BackboneContext, 'openSource'>,
): Promise<ImageModel> {
  if (spec.weights === 'untrained') {
    throw new UsageError(`weights: ${path} holds its own, got untrained; leave it out`);
  }
  const source = await context.openSource(path);
  try {
    const model = await readOnnxModel(source);
    const graph = model.graph!;
    await loadExternalData(path, graph, context);
    for (const tensor of graph.initializer) checkTensor(path, tensor);
    if (spec.weights !== undefined) await replaceWeights(path, graph, spec.weights, context);
    return { model, input: imageInput(path, graph), names: tapModel(path, graph, spec.stages) };
  } finally {
    await source.close?.();
  }
}

/**
 * Height and width that a model is to see.
 * @throws UsageError for a size that it does not take
 */
export function inputSize(
  path: string,
  input: ImageInput,
  wanted: number | undefined,
): { height: number; width: number } {
  const { height, width } = input;
  if (wanted !== undefined && ((height ?? wanted) !== wanted || (width ?? wanted) !== wanted)) {
    throw new UsageError(`size: ${path} takes ${height} x ${width} only, got ${wanted}; leave it out`);
  }
  return { height: height ?? wanted ?? DEFAULT_SIZE, width: width ?? wanted ?? DEFAULT_SIZE };
}

type Run = (pixels: Float32Array, n: number) => Promise<Record<string, EngineTensor>>;

/** Runs the model; where it takes a fixed number of images, zeros fill up what is missing. */
function runner(
  path: string,
  session: EngineSession,
  { name, batch }: ImageInput,
  shape: readonly number[],
  fetches: readonly string[],
): Run {
  const perImage = shape.reduce((size, length) => size * length, 1);
  return async (pixels, n) => {
    let [data, count] = [pixels, n];
    if (batch !== null && batch !== n) {
      [data, count] = [new Float32Array(batch * perImage), batch];
      data.set(pixels);
    }
    try {
      return await session.run({ [name]: { shape: [count, ...shape], data } }, fetches);
    } catch (cause) {
      if (cause instanceof UsageError) throw new UsageError(`${path}: ${cause.message}`, { cause });
      throw new FormatError(path, `the model does not run on ${[count, ...shape].join(' x ')}: ${firstLine(cause)}`);
    }
  };
}

/** Shapes of the outputs for the fewest images the model takes. */
async function trialShapes(
  path: string,
  run: Run,
  n: number,
  shape: readonly number[],
): Promise<Record<string, readonly number[]>> {
  const results = await run(blank(n, shape), n);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => {
      if (tensor.shape[0] !== n) {
        throw new UsageError(
          `${path}: expected one row an image for stage ${name}, got ${tensor.shape.join(' x ')} for ${n}; name other stages`,
        );
      }
      return [name, tensor.shape];
    }),
  );
}

/** Whether a model that leaves the number of images open really takes more than one; exporters get that wrong. */
async function takesSeveral(
  run: Run,
  shape: readonly number[],
  single: Readonly<Record<string, readonly number[]>>,
): Promise<boolean> {
  try {
    const results = await run(blank(2, shape), 2);
    return Object.entries(results).every(
      ([name, tensor]) => tensor.shape[0] === 2 && tensor.shape.slice(1).join() === single[name].slice(1).join(),
    );
  } catch {
    return false;
  }
}

/**
 * The outputs that are feature maps or tokens, where the user has not said which are meant.
 * @throws UsageError where there are none
 */
export function withPositions(
  path: string,
  names: readonly string[],
  shapes: Readonly<Record<string, readonly number[]>>,
): readonly string[] {
  const kept = names.filter((name) => shapes[name].length >= 3 && stageOf(name, shapes[name]) !== undefined);
  if (kept.length > 0) return kept;
  throw new UsageError(
    `${path}: none of its outputs (${names.join(', ')}) has positions; name inner tensors, or these outputs, as stages`,
  );
}

function blank(n: number, shape: readonly number[]): Float32Array {
  return new Float32Array(n * shape.reduce((size, length) => size * length, 1));
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0].slice(0, 300);
}
