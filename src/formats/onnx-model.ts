import { fromBinary } from '@bufbuild/protobuf';
import { FormatError, messageOf } from '../core/errors.ts';
import { type ModelProto, ModelProtoSchema } from './onnx_pb.ts';
import type { Source } from './source.ts';

/** What a protobuf message can hold at most. */
const LARGEST_MODEL = 2 ** 31 - 1;

/** Nodes and initialisers a model may have: a file can name one in two bytes, memory cannot hold it in two. */
const MOST_PARTS = 500_000;

/**
 * The model of an .onnx file. Its tensors are views of the file's bytes.
 * @throws FormatError where it is none, or is damaged
 */
export async function readOnnxModel(source: Source): Promise<ModelProto> {
  const fail = (problem: string, place?: string, cause?: unknown) =>
    new FormatError(source.name, problem, place, { cause });
  if (source.size > LARGEST_MODEL) {
    throw fail(`expected an ONNX model of at most 2 GiB, the file has ${source.size} bytes`);
  }
  const bytes = await source.read(0, source.size);
  const walk = walkModel(bytes);
  if (walk.problem !== undefined) {
    throw fail(`expected an ONNX model, got ${walk.problem}; it is truncated or of another kind`, `byte ${walk.at}`);
  }
  if (walk.parts > MOST_PARTS) throw fail(`expected at most ${MOST_PARTS} nodes and initialisers, got ${walk.parts}`);
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw fail(`expected an ONNX model, the file is damaged (${messageOf(error)})`, undefined, error);
  }
  const { graph } = model;
  if (graph === undefined || model.irVersion <= 0n || graph.output.length === 0) {
    throw fail('expected an ONNX model with a graph and outputs, found none; is it of another kind?');
  }
  return model;
}

const MODEL_GRAPH = 7;

/** Steps over the fields of the model and of its graph, so that lengths beyond the end and floods of tiny messages are found before any is made. */
function walkModel(bytes: Uint8Array): { parts: number; problem?: string; at: number } {
  let parts = 0;
  let at = 0;
  const varint = (end: number): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      if (at >= end) return Number.NaN;
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  /** Gives what is wrong, or undefined. */
  const message = (end: number, depth: number): string | undefined => {
    while (at < end) {
      const start = at;
      const tag = varint(end);
      const [field, type] = [Math.floor(tag / 8), tag % 8];
      if (Number.isNaN(tag) || field === 0) return 'a field without a number';
      parts++;
      if (type === 0) {
        if (Number.isNaN(varint(end))) return 'a number without an end';
      } else if (type === 1 || type === 5) {
        at += type === 1 ? 8 : 4;
      } else if (type === 2) {
        const length = varint(end);
        if (!(at + length <= end)) {
          at = start;
          return `a field of ${length} bytes where ${Math.max(0, end - at)} are left`;
        }
        if (depth === 0 && field === MODEL_GRAPH) {
          const problem = message(at + length, 1);
          if (problem !== undefined) return problem;
        } else {
          at += length;
        }
      } else {
        return `a field of unknown type ${type}`;
      }
      if (at > end) return 'a number without an end';
    }
    return undefined;
  };
  const problem = message(bytes.length, 0);
  return { parts, at, ...(problem !== undefined && { problem }) };
}
