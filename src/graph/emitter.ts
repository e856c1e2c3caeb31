import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../formats/onnx_pb.ts';

/** An attribute of an ONNX node: whole numbers as they are, a real number as `{ float }`. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** What operators add their ONNX nodes to. */
export interface Emitter {
  node(type: string, inputs: readonly string[], output: string, attributes?: Readonly<Record<string, Attribute>>): void;
  /** Adds a constant of 64-bit integers and gives its name. */
  integers(values: readonly number[]): string;
}

/** An emitter that gathers nodes and constants. */
export function gatherer(): Emitter & { readonly nodes: NodeProto[]; readonly constants: TensorProto[] } {
  const nodes: NodeProto[] = [];
  const constants: TensorProto[] = [];
  return {
    nodes,
    constants,
    node(type, inputs, output, attributes = {}) {
      nodes.push(
        create(NodeProtoSchema, {
          opType: type,
          name: `${type}/${output}`,
          input: [...inputs],
          output: [output],
          attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
        }),
      );
    },
    integers(values) {
      const name = `/integers/${constants.length}`;
      constants.push(
        create(TensorProtoSchema, {
          name,
          dataType: TensorProto_DataType.INT64,
          dims: [BigInt(values.length)],
          int64Data: values.map(BigInt),
        }),
      );
      return name;
    },
  };
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}
