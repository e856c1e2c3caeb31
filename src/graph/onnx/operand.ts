import { UsageError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import { type TensorProto, TensorProto_DataType } from '../../formats/onnx_pb.ts';
import { tensorValue } from '../../formats/onnx-tensor.ts';
import type { Shape, Tensor, Values } from '../operator.ts';

/** What a node of an ONNX model gets: a tensor of the graph, a weight, or numbers that do not depend on the images, such as shapes. */
export type Operand =
  | { readonly kind: 'tensor'; readonly shape: Shape; readonly tensor: Tensor }
  | {
      readonly kind: 'weight';
      readonly shape: Shape;
      readonly name: string;
      readonly data: Float32Array | Float64Array;
    }
  | { readonly kind: 'known'; readonly shape: Shape; readonly data: Float64Array; readonly isInteger: boolean };

/** Numbers that are known before any image is. */
export function known({ shape, data }: Values, isInteger: boolean): Operand {
  return { kind: 'known', shape, data, isInteger };
}

/** A tensor of the graph. */
export function ofGraph(tensor: Tensor): Operand {
  return { kind: 'tensor', shape: tensor.shape, tensor };
}

const REAL = new Set<number>([
  TensorProto_DataType.FLOAT,
  TensorProto_DataType.DOUBLE,
  TensorProto_DataType.FLOAT16,
  TensorProto_DataType.BFLOAT16,
]);

/** Whether values of an ONNX type are real numbers. */
export function isReal(dataType: number): boolean {
  return REAL.has(dataType);
}

/**
 * The values a tensor of the file holds, numbers of any type as float64.
 * @throws UsageError where they are no numbers
 */
export function valuesOf(path: string, tensor: TensorProto): { shape: Shape; data: Float32Array | Float64Array } {
  const value = tensorValue(path, tensor);
  if (value.kind !== 'numeric' || value.data.length !== sizeOf(value.shape)) {
    throw new UsageError(
      `${path}: expected numbers, got ${formatShape(value.shape)} of another kind in ${tensor.name}`,
    );
  }
  const { shape, data } = value;
  if (data instanceof Float32Array || data instanceof Float64Array) return { shape, data };
  return { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}
