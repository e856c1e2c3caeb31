import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { type NumericData, type NumericDtype, numericArray, type Value } from './array.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.ts';
import { bytesPerElement, decodeNumbers } from './numbers.ts';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType as Type } from './onnx_pb.ts';

const DTYPES: Readonly<Record<number, NumericDtype>> = {
  [Type.FLOAT]: 'float32',
  [Type.UINT8]: 'uint8',
  [Type.INT8]: 'int8',
  [Type.UINT16]: 'uint16',
  [Type.INT16]: 'int16',
  [Type.INT32]: 'int32',
  [Type.INT64]: 'int64',
  [Type.BOOL]: 'bool',
  [Type.FLOAT16]: 'float16',
  [Type.DOUBLE]: 'float64',
  [Type.UINT32]: 'uint32',
  [Type.UINT64]: 'uint64',
  [Type.COMPLEX64]: 'complex64',
  [Type.COMPLEX128]: 'complex128',
  [Type.BFLOAT16]: 'bfloat16',
};

/** What `inspect` calls an ONNX element type: numpy's name, or ONNX's own where there is none. */
export function onnxDtype(dataType: number): string {
  return DTYPES[dataType] ?? (dataType === Type.STRING ? 'text' : `onnx type ${dataType}`);
}

const FLOATING_POINT = new Set<number>([Type.FLOAT, Type.DOUBLE, Type.FLOAT16, Type.BFLOAT16]);

/** Whether values of an ONNX type are floating-point numbers. */
export function isFloatingPoint(dataType: number): boolean {
  return FLOATING_POINT.has(dataType);
}

/** A tensor's shape. */
export function tensorShape({ dims }: TensorProto): number[] {
  return dims.map(Number);
}

/** Whether a tensor's values lie in a file beside the model. */
export function isExternal({ dataLocation }: TensorProto): boolean {
  return dataLocation === TensorProto_DataLocation.EXTERNAL;
}

/**
 * Asserts that a tensor holds as many values as its shape says.
 * @throws FormatError naming it
 */
export function checkTensor(path: string, tensor: TensorProto): void {
  const shape = tensorShape(tensor);
  const fail = (problem: string) => new FormatError(path, problem, `tensor ${tensor.name}`);
  if (shape.some((length) => !(length >= 0 && Number.isSafeInteger(length))) || !Number.isSafeInteger(sizeOf(shape))) {
    throw fail(`a shape of ${formatShape(shape)} is none`);
  }
  if (isExternal(tensor)) return;
  const dtype = DTYPES[tensor.dataType];
  const [expected, got, unit] =
    tensor.rawData.length > 0 && dtype !== undefined
      ? [sizeOf(shape) * bytesPerElement(dtype), tensor.rawData.length, 'bytes']
      : dtype === undefined && tensor.dataType !== Type.STRING
        ? [0, 0, ''] // a type that came after this reader: its bytes are the engine's to judge
        : [sizeOf(shape) * partsOf(dtype), typedLength(tensor), 'values'];
  if (expected !== got) throw fail(`expected ${expected} ${unit} for ${formatShape(shape)}, got ${got}`);
}

/**
 * A tensor's values.
 * @throws FormatError where they lie in another file, or are of a type that is not read
 */
export function tensorValue(path: string, tensor: TensorProto): Value {
  const shape = tensorShape(tensor);
  if (isExternal(tensor)) {
    const file = tensor.externalData.find(({ key }) => key === 'location')?.value;
    throw new FormatError(path, `its values lie in the file ${file} beside the model`, `tensor ${tensor.name}`);
  }
  if (tensor.dataType === Type.STRING) {
    const decoder = new TextDecoder();
    return { kind: 'text', shape, data: tensor.stringData.map((bytes) => decoder.decode(bytes)) };
  }
  const dtype = DTYPES[tensor.dataType];
  if (dtype === undefined) {
    throw new FormatError(path, `${onnxDtype(tensor.dataType)} is not read`, `tensor ${tensor.name}`);
  }
  const data = tensor.rawData.length > 0 ? decodeNumbers(dtype, tensor.rawData) : typedData(dtype, tensor);
  return numericArray(dtype, shape, data);
}

function partsOf(dtype: NumericDtype | undefined): number {
  return dtype === 'complex64' || dtype === 'complex128' ? 2 : 1;
}

function typedLength(tensor: TensorProto): number {
  return tensor.dataType === Type.STRING ? tensor.stringData.length : typedList(DTYPES[tensor.dataType], tensor).length;
}

/** The list of a tensor's message that holds values of this type. */
function typedList(dtype: NumericDtype, tensor: TensorProto): readonly number[] | readonly bigint[] {
  if (dtype === 'float32' || dtype === 'complex64') return tensor.floatData;
  if (dtype === 'float64' || dtype === 'complex128') return tensor.doubleData;
  if (dtype === 'int64') return tensor.int64Data;
  if (dtype === 'uint64' || dtype === 'uint32') return tensor.uint64Data;
  return tensor.int32Data;
}

function typedData(dtype: NumericDtype, tensor: TensorProto): NumericData {
  const list = typedList(dtype, tensor);
  if (dtype === 'int64') return BigInt64Array.from(list as bigint[]);
  if (dtype === 'uint64') return BigUint64Array.from(list as bigint[]);
  const numbers = (list as (number | bigint)[]).map(Number);
  if (dtype === 'float16') return float16ToFloat32(Uint16Array.from(numbers));
  if (dtype === 'bfloat16') return bfloat16ToFloat32(Uint16Array.from(numbers));
  switch (dtype) {
    case 'float64':
    case 'complex128':
      return Float64Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'uint32':
      return Uint32Array.from(numbers);
    case 'int16':
      return Int16Array.from(numbers);
    case 'uint16':
      return Uint16Array.from(numbers);
    case 'int8':
      return Int8Array.from(numbers);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(numbers);
    default:
      return Float32Array.from(numbers);
  }
}
