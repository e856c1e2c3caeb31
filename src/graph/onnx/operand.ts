import { UsageError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { TensorProto } from '../../formats/onnx_pb.ts';
import { tensorValue } from '../../formats/onnx-tensor.ts';
import type { Shape, Tensor, Values } from '../operator.ts';

const ORIGINS = ['weights', 'images', 'kernels'] as const;

/** Where a tensor comes from: from weights alone, from the images, or from the images by way of the model's first kernels. */
export type Origin = (typeof ORIGINS)[number];

/** What a node of an ONNX model gets: a tensor of the graph, a weight, or numbers that do not depend on the images, such as shapes. */
export type Operand =
  | {
      readonly kind: 'tensor';
      readonly shape: Shape;
      readonly tensor: Tensor;
      readonly from: Origin;
      /** Names of the weights whose values these are, elsewhere or times a number. */
      readonly weights: readonly string[];
    }
  | {
      readonly kind: 'weight';
      readonly shape: Shape;
      readonly name: string;
      readonly data: Float32Array | Float64Array;
    }
  | Known;

/** Numbers that the model states or that follow from its shapes. */
export interface Known {
  readonly kind: 'known';
  readonly shape: Shape;
  readonly data: Float64Array;
  readonly isInteger: boolean;
}

/** Numbers that are known before any image is. */
export function known({ shape, data }: Values, isInteger: boolean): Known {
  return { kind: 'known', shape, data, isInteger };
}

/** A tensor of the graph. */
export function ofGraph(tensor: Tensor, from: Origin, weights: readonly string[] = []): Operand {
  return { kind: 'tensor', shape: tensor.shape, tensor, from, weights };
}

/** Names of the weights whose values an operand is, in whatever order. */
export function weightsIn(operand: Operand): readonly string[] {
  if (operand.kind === 'weight') return [operand.name];
  return operand.kind === 'tensor' ? operand.weights : [];
}

/** Where the operands of an operator come from. */
export function originOf(operands: readonly Operand[]): Origin {
  const origins = operands.map((operand) => (operand.kind === 'tensor' ? operand.from : 'weights'));
  return ORIGINS.findLast((origin) => origins.includes(origin))!;
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
