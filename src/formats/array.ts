import { sizeOf } from '../core/shape.ts';

/** Types of numbers that arrays in files have; names are numpy's. Complex numbers are stored interleaved: re, im. */
export type NumericDtype =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'complex64'
  | 'complex128';

/** What holds an array's numbers. float16 and bfloat16 are widened to Float32Array, bool is a Uint8Array of 0 and 1. */
export type NumericData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Numbers in row-major (C) order whatever order the file has. */
export interface NumericArray {
  readonly kind: 'numeric';
  readonly dtype: NumericDtype;
  readonly shape: readonly number[];
  readonly data: NumericData;
}

/** Strings in row-major order. A MATLAB char matrix is one string a row, its shape without the last axis. */
export interface TextArray {
  readonly kind: 'text';
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

/** A MATLAB cell array, row-major. */
export interface CellArray {
  readonly kind: 'cell';
  readonly shape: readonly number[];
  readonly data: readonly Value[];
}

/** A MATLAB struct array: for each field its values, row-major. */
export interface StructArray {
  readonly kind: 'struct';
  readonly shape: readonly number[];
  readonly fields: Readonly<Record<string, readonly Value[]>>;
}

/** Anything a file's entry can hold. */
export type Value = NumericArray | TextArray | CellArray | StructArray;

/** What a file says of one of its entries before it is read. */
export interface Entry {
  readonly name: string;
  /** A NumericDtype, `text`, `cell` or `struct`; formats may have further ones that only `inspect` shows. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A file whose header has been read and checked against the file's size; entries are read one by one. */
export interface OpenedFile {
  /** `npy`, `npz`, `csv`, `mat4`, `mat5`, `mat7.3`, `hdf5`, `pth`, `safetensors` or `onnx`. */
  readonly format: string;
  readonly entries: readonly Entry[];
  /** Free text of the file: safetensors' `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * @throws FormatError where there is no such entry (the message lists what there is) or its data is corrupt
   */
  read(name: string): Promise<Value>;
  /**
   * `count` rows along the first axis from row `first` on, for arrays that are larger than memory should hold; null where the rows of this
   * entry do not lie together in the file (compressed, Fortran order). `rowReader` hides the difference. Absent where no entry has such rows.
   * @throws FormatError where there is no such entry, or it has no such rows
   */
  readRows?(name: string, first: number, count: number): Promise<NumericArray | null>;
}

/** A numeric array from its parts. */
export function numericArray(dtype: NumericDtype, shape: readonly number[], data: NumericData): NumericArray {
  return { kind: 'numeric', dtype, shape, data };
}

/** float64 array of this shape. */
export function float64Array(shape: readonly number[], data?: ArrayLike<number>): NumericArray {
  return numericArray('float64', shape, data === undefined ? new Float64Array(sizeOf(shape)) : Float64Array.from(data));
}

/** The numbers as float64 (64-bit integers beyond 2^53 are rounded); not for complex arrays. */
export function toFloat64(data: NumericData): Float64Array {
  if (data instanceof Float64Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const values = new Float64Array(data.length);
    for (let k = 0; k < data.length; k++) values[k] = Number(data[k]);
    return values;
  }
  return Float64Array.from(data);
}
