import { create } from '@bufbuild/protobuf';
import { closeNames } from '../core/close-names.ts';
import { FormatError, UsageError } from '../core/errors.ts';
import {
  type GraphProto,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../formats/onnx_pb.ts';
import { onnxDtype } from '../formats/onnx-tensor.ts';

/** A model's only input: n x 3 x height x width; null where an axis is open. */
export interface ImageInput {
  readonly name: string;
  readonly batch: number | null;
  readonly height: number | null;
  readonly width: number | null;
}

const LAYERS = /^layer\d+$/;

/**
 * The input of a model that looks at images. Weights that older models list among the inputs are taken off that list, so that an engine may
 * compute with them beforehand.
 * @throws UsageError where there are several inputs, or the only one takes no float32 n x 3 x height x width
 */
export function imageInput(path: string, graph: GraphProto): ImageInput {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  graph.input = graph.input.filter(({ name }) => !weights.has(name));
  if (graph.input.length !== 1) {
    const names = graph.input.map(({ name }) => name).join(', ') || 'none';
    throw new UsageError(`${path}: expected a model with one input, got ${graph.input.length} (${names})`);
  }
  const [{ name, type }] = graph.input;
  if (type?.value.case !== 'tensorType') throw new FormatError(path, 'expected a tensor', `input ${name}`);
  const { elemType, shape } = type.value.value;
  if (elemType !== TensorProto_DataType.FLOAT) {
    throw new UsageError(
      `${path}: expected float32 for input ${name}, got ${onnxDtype(elemType)}; export it as float32`,
    );
  }
  const axes = shape?.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null,
  );
  const [batch, channels, height, width] = axes ?? [null, null, null, null];
  if ((axes !== undefined && axes.length !== 4) || (channels !== null && channels !== 3)) {
    const got = axes?.map((length) => length ?? '?').join(' x ');
    throw new UsageError(
      `${path}: expected n x 3 x height x width for input ${name}, got ${got}; export it channels first`,
    );
  }
  return { name, batch, height, width };
}

/**
 * Makes the wanted tensors, and nothing else, the model's outputs.
 * @param stages names of outputs or inner tensors; a number is that many outputs named layer0, layer1 ...; by default those, or else all outputs
 * @returns their names
 * @throws UsageError for a name that is not there, with those that are most like it
 */
export function tapModel(
  path: string,
  graph: GraphProto,
  stages: number | readonly string[] | undefined,
): readonly string[] {
  const outputs = new Map(graph.output.map((output) => [output.name, output]));
  const wanted = wantedNames(path, [...outputs.keys()], stages);
  const inner = new Set(graph.node.flatMap((node) => node.output).filter((name) => name !== ''));
  for (const [k, name] of wanted.entries()) {
    if (wanted.indexOf(name) !== k) throw new UsageError(`stages: expected different ones, got ${name} twice`);
    if (!inner.has(name) && !outputs.has(name)) {
      const close = closeNames(name, [...new Set([...outputs.keys(), ...inner])]);
      throw new UsageError(
        `${path}: the model has no tensor ${JSON.stringify(name)}; close to it are ${close.join(', ')}`,
      );
    }
  }
  // An engine finds the type of an inner tensor by itself; what the model says of it would have to be right.
  const tap = (name: string): ValueInfoProto => outputs.get(name) ?? create(ValueInfoProtoSchema, { name });
  graph.output = wanted.map(tap);
  return wanted;
}

function wantedNames(
  path: string,
  outputs: readonly string[],
  stages: number | readonly string[] | undefined,
): readonly string[] {
  if (stages !== undefined && typeof stages !== 'number') {
    if (stages.length === 0) throw new UsageError('stages: expected at least one, got none');
    return stages;
  }
  const layers = outputs.filter((name) => LAYERS.test(name));
  if (stages === undefined) return layers.length > 0 ? layers : outputs;
  if (layers.length === stages) return layers;
  throw new UsageError(
    `${path}: expected ${stages} outputs named layer0 to layer${stages - 1}, got ${outputs.join(', ')}; give stages as names of tensors`,
  );
}
