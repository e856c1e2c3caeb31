import { create } from '@bufbuild/protobuf';
import { sizeOf } from '../core/shape.ts';
import { type NodeProto, type TensorProto, TensorProto_DataType, TensorProtoSchema } from './onnx_pb.ts';
import { isFloatingPoint, tensorShape } from './onnx-tensor.ts';

/**
 * What nodes of a model state that could as well stand in its list of weights: real numbers, more than one in a node. Exporters write weights
 * in both ways; single numbers are mostly no weights.
 * @returns tensors under the names of the nodes' outputs
 */
export function statedWeights(nodes: readonly NodeProto[]): TensorProto[] {
  return nodes.flatMap((node) => {
    const isConstant = node.opType === 'Constant' && (node.domain === '' || node.domain === 'ai.onnx');
    const tensor = isConstant ? statedTensor(node) : undefined;
    if (tensor === undefined || !isFloatingPoint(tensor.dataType) || sizeOf(tensorShape(tensor)) < 2) return [];
    return [Object.assign(create(TensorProtoSchema), tensor, { name: node.output[0] })];
  });
}

function statedTensor({ attribute }: NodeProto): TensorProto | undefined {
  const list = attribute.find(({ name }) => name === 'value_floats')?.floats;
  if (list === undefined) return attribute.find(({ name }) => name === 'value')?.t;
  return create(TensorProtoSchema, {
    dataType: TensorProto_DataType.FLOAT,
    dims: [BigInt(list.length)],
    floatData: [...list],
  });
}
