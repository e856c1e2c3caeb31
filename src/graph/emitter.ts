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

/** An attribute of an ONNX node: whole numbers as they are, a real number as `{ float }`, or as a tensor of one value. */
export type Attribute =
  | number
  | readonly number[]
  | { readonly float: number }
  | { readonly real: number; readonly realType: TensorProto_DataType.FLOAT | TensorProto_DataType.DOUBLE };

/** What operators add their ONNX nodes to. */
export interface Emitter {
  node(type: string, inputs: readonly string[], output: string, attributes?: Readonly<Record<string, Attribute>>): void;
  /** Adds a constant of 64-bit integers and gives its name. */
  integers(values: readonly number[]): string;
  /**
   * Adds a tensor of which every value is this one, in the graph's precision, and gives its name.
   * @param shape its lengths, or the name of a tensor that it is as large as
   */
  filled(shape: readonly number[] | string, value: number): string;
}

/**
 * An emitter that gathers nodes and constants.
 * @param realType of the graph's numbers
 */
export function gatherer(
  realType: TensorProto_DataType.FLOAT | TensorProto_DataType.DOUBLE = TensorProto_DataType.FLOAT,
): Emitter & { readonly nodes: NodeProto[]; readonly constants: TensorProto[] } {
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
    // A node, not a constant: the file stays small.
    filled(shape, value) {
      const output = `/filled/${nodes.length}`;
      if (typeof shape === 'string') this.node('Shape', [shape], `${output}/shape`);
      const lengths = typeof shape === 'string' ? `${output}/shape` : this.integers(shape);
      this.node('ConstantOfShape', [lengths], output, { value: { real: value, realType } });
      return output;
    },
  };
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  if ('real' in value) {
    const values =
      value.realType === TensorProto_DataType.FLOAT ? { floatData: [value.real] } : { doubleData: [value.real] };
    const t = create(TensorProtoSchema, { dataType: value.realType, dims: [1n], ...values });
    return create(AttributeProtoSchema, { name, type: type.TENSOR, t });
  }
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}
