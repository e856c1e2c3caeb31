import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../formats/onnx_pb.ts';
import { gatherer } from './emitter.ts';
import { type Constant, type Graph, operatorOf, type Tensor } from './graph.ts';
import type { Shape } from './operator.ts';

const IR_VERSION = 8;
const OPSET = 17;

type OpenAxes = 'none' | 'first' | 'all';

/**
 * The graph as the bytes of an ONNX file.
 * @param graph what is written
 * @param options of the file
 * @param options.precision what inputs, constants and outputs are; the engines' convolutions know float32 only
 * @param options.openAxes which axes of inputs and outputs may have another length when the model runs
 */
export function emitOnnx(
  graph: Graph,
  {
    precision = 'float32',
    openAxes = 'first',
  }: { readonly precision?: 'float32' | 'float64'; readonly openAxes?: OpenAxes } = {},
): Uint8Array {
  const type = precision === 'float32' ? TensorProto_DataType.FLOAT : TensorProto_DataType.DOUBLE;
  const emitter = gatherer(type);
  const names = new Map<Tensor, string>();
  for (const tensor of graph.inputs) names.set(tensor, tensor.name);
  for (const [k, { tensor }] of graph.constants.entries()) names.set(tensor, `/${tensor.name}/${k}`);
  for (const { inputs, attributes, operator, output } of graph.nodes) {
    const name = `/${output.name}`; // no name that a user gives to an input or an output
    names.set(output, name);
    const given = inputs.map((input) => names.get(input)!);
    const shapes = inputs.map((input) => input.shape);
    operatorOf(operator).emit(emitter, given, name, attributes, shapes);
  }
  for (const [name, tensor] of graph.outputs) emitter.node('Identity', [names.get(tensor)!], name);
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: 'hypercolumn',
    opsetImport: [{ domain: '', version: BigInt(OPSET) }],
    graph: create(GraphProtoSchema, {
      name: 'graph',
      input: graph.inputs.map(({ name, shape }) => valueInfo(name, type, shape, openAxes)),
      output: [...graph.outputs].map(([name, { shape }]) => valueInfo(name, type, shape, openAxes)),
      initializer: [
        ...graph.constants.map((constant) => initializer(names.get(constant.tensor)!, constant, type)),
        ...emitter.constants,
      ],
      node: emitter.nodes,
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function valueInfo(name: string, elemType: TensorProto_DataType, shape: Shape, openAxes: OpenAxes): ValueInfoProto {
  const dim = shape.map((length, axis) => ({
    value:
      openAxes === 'all' || (openAxes === 'first' && axis === 0)
        ? { case: 'dimParam' as const, value: axis === 0 ? 'n' : `${name}/${axis}` }
        : { case: 'dimValue' as const, value: BigInt(length) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  });
}

function initializer(name: string, { tensor, data }: Constant, dataType: TensorProto_DataType): TensorProto {
  const values = dataType === TensorProto_DataType.FLOAT ? asFloat32(data) : Float64Array.from(data);
  return create(TensorProtoSchema, {
    name,
    dataType,
    dims: tensor.shape.map(BigInt),
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
}

function asFloat32(data: Float32Array | Float64Array): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
