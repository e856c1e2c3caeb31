import { UsageError } from '../core/errors.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray, NumericDtype } from './array.ts';
import { bytesPerElement, checkNumbers, writeNumbers } from './numbers.ts';
import { SAFETENSORS_DTYPES } from './safetensors-dtypes.ts';
import type { Sink } from './source.ts';

const DTYPE_NAMES = new Map(Object.entries(SAFETENSORS_DTYPES).map(([name, dtype]) => [dtype, name]));
const PREFIX = 8;

/** A tensor that is to be written. */
export interface TensorDescription {
  readonly name: string;
  readonly dtype: NumericDtype;
  readonly shape: readonly number[];
}

/** Where everything of a .safetensors file goes. */
export interface SafetensorsLayout {
  /** The first bytes of the file. */
  readonly header: Uint8Array;
  /** Where each tensor's bytes begin in the file; they are row-major and little-endian. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Lays out a .safetensors file before there is any data, so that files larger than memory are written piece by piece.
 * Tensors stand in the given order, larger elements first, so that each is aligned to its elements.
 * @throws UsageError for a type that the format does not have, and for names that repeat
 */
export function layOutSafetensors(
  tensors: readonly TensorDescription[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const described: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  const begins = new Map<string, number>();
  let at = 0;
  for (const { name, dtype, shape } of tensors.toSorted(
    (a, b) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype),
  )) {
    const dtypeName = DTYPE_NAMES.get(dtype);
    if (dtypeName === undefined)
      throw new UsageError(`safetensors: ${name} is ${dtype}, which the format does not have`);
    if (name === '__metadata__') throw new UsageError('safetensors: a tensor cannot be called __metadata__');
    if (begins.has(name)) throw new UsageError(`safetensors: there are two tensors called ${name}`);
    const end = at + sizeOf(shape) * bytesPerElement(dtype);
    described.push([name, { dtype: dtypeName, shape, data_offsets: [at, end] }]);
    begins.set(name, at);
    at = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const header = new Uint8Array(PREFIX + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - PREFIX), true);
  header.set(json, PREFIX);
  const offsets = new Map(Array.from(begins, ([name, begin]) => [name, header.length + begin]));
  return { header, offsets, size: header.length + at };
}

/**
 * Writes a .safetensors file.
 * @returns bytes written
 * @throws UsageError for a type that the format does not have; ShapeError where an array's data does not fit its shape
 */
export async function writeSafetensors(
  sink: Sink,
  arrays: Readonly<Record<string, NumericArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  const tensors = Object.entries(arrays).map(([name, array]) => ({ ...array, name }));
  for (const tensor of tensors) checkNumbers(tensor.name, tensor);
  const { header, offsets, size } = layOutSafetensors(tensors, metadata);
  await sink.write(0, header);
  for (const tensor of tensors) await writeNumbers(sink, offsets.get(tensor.name)!, tensor);
  return size;
}
