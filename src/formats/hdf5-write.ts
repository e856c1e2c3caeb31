import { UsageError } from '../core/errors.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray, NumericDtype, TextArray } from './array.ts';
import { type Hdf5Layout, type Hdf5Module, newHdf5 } from './hdf5-library.ts';
import { clearModificationTime } from './hdf5-times.ts';
import { H5T } from './hdf5-types.ts';
import { checkNumbers } from './numbers.ts';
import type { Sink } from './source.ts';

/** A group of an HDF5 file, or the file's root. */
export interface Hdf5Group {
  /** UTF-8 text: one, or a list of them. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Text is ASCII, of the length of the longest. */
  readonly datasets?: Readonly<Record<string, NumericArray | TextArray>>;
  readonly groups?: Readonly<Record<string, Hdf5Group>>;
}

/** The types that h5py takes for numpy's own without more ado. */
const TYPES: Partial<Record<NumericDtype, Pick<Hdf5Layout, 'type' | 'size' | 'signed'>>> = {
  int8: { type: H5T.integer, size: 1, signed: true },
  uint8: { type: H5T.integer, size: 1, signed: false },
  int16: { type: H5T.integer, size: 2, signed: true },
  uint16: { type: H5T.integer, size: 2, signed: false },
  int32: { type: H5T.integer, size: 4, signed: true },
  uint32: { type: H5T.integer, size: 4, signed: false },
  int64: { type: H5T.integer, size: 8, signed: true },
  uint64: { type: H5T.integer, size: 8, signed: false },
  float32: { type: H5T.float, size: 4, signed: false },
  float64: { type: H5T.float, size: 8, signed: false },
};

/** Attributes lie in an object's header, which has 64 KiB; a text takes 16 bytes of it, whatever its length. */
const MOST_TEXTS = 4000;

/** Whether a text can be in a dataset. */
export function isAscii(text: string): boolean {
  return Array.from(text).every((character) => character > '\0' && character <= '\x7f');
}

/**
 * Writes an HDF5 file that any HDF5 library since 1.8 opens; the same arrays give the same bytes.
 * @throws UsageError where text of a dataset is not ASCII (attributes take any), an attribute has more than 4000 texts, a name has a slash, or
 *   numbers are of a type that HDF5 has no own one for; ShapeError where an array does not hold what its shape says
 */
export async function writeHdf5(sink: Sink, root: Hdf5Group): Promise<void> {
  const addresses: number[] = [];
  const bytes = await newHdf5((hdf5, file) => fillGroup(hdf5, file, '', root, addresses));
  for (const address of addresses) clearModificationTime(bytes, address);
  await sink.write(0, bytes);
}

function fillGroup(hdf5: Hdf5Module, file: bigint, path: string, group: Hdf5Group, addresses: number[]): void {
  const { attributes = {}, datasets = {}, groups = {} } = group;
  const within = (name: string): string => {
    if (name === '' || name.includes('/')) {
      throw new UsageError(`HDF5: expected a name without a slash, got ${JSON.stringify(name)}; rename it`);
    }
    return `${path}/${name}`;
  };
  for (const [name, value] of Object.entries(attributes)) {
    const texts = typeof value === 'string' ? [value] : value;
    if (texts.length > MOST_TEXTS) {
      throw new UsageError(
        `HDF5: attribute ${name} has room for ${MOST_TEXTS} texts, got ${texts.length}; use ASCII, which datasets hold`,
      );
    }
    const shape = typeof value === 'string' ? [] : [BigInt(texts.length)];
    const layout = { type: H5T.string, size: 4, signed: false, vlen: true, cset: 1, shape } as const;
    hdf5.create_vlen_str_attribute(file, path === '' ? '/' : path, name, texts, layout);
  }
  for (const [name, array] of Object.entries(datasets)) {
    const place = within(name);
    const { layout, bytes } = array.kind === 'numeric' ? numbers(place, array) : texts(place, array);
    const pointer = hdf5._malloc(bytes.length);
    if (pointer === 0) throw new UsageError(`HDF5: ${place} does not fit into memory; write .npz or .json instead`);
    try {
      hdf5.HEAPU8.set(bytes, pointer);
      hdf5.create_dataset(file, place, BigInt(pointer), layout);
    } finally {
      hdf5._free(pointer);
    }
    addresses.push(addressOf(hdf5.create_object_reference(file, place)));
  }
  for (const [name, inner] of Object.entries(groups)) {
    hdf5.create_group(file, within(name), false);
    fillGroup(hdf5, file, within(name), inner, addresses);
  }
}

function numbers(place: string, array: NumericArray): { layout: Hdf5Layout; bytes: Uint8Array } {
  checkNumbers(place, array);
  const type = TYPES[array.dtype];
  if (type === undefined) {
    const known = Object.keys(TYPES).join(', ');
    throw new UsageError(`HDF5: ${place}: expected numbers of type ${known}, got ${array.dtype}; convert them first`);
  }
  const { buffer, byteOffset, byteLength } = array.data;
  const layout = { ...type, vlen: false, shape: array.shape.map(BigInt) };
  return { layout, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** One byte longer than the longest text: HDF5's kind of ASCII ends with a zero. */
function texts(place: string, { shape, data }: TextArray): { layout: Hdf5Layout; bytes: Uint8Array } {
  const wrong = data.find((text) => !isAscii(text));
  if (wrong !== undefined) {
    throw new UsageError(`HDF5: ${place}: expected ASCII text, got ${JSON.stringify(wrong)}; make it an attribute`);
  }
  const size = 1 + data.reduce((most, { length }) => Math.max(most, length), 0);
  const bytes = new Uint8Array(size * sizeOf(shape));
  for (const [k, text] of data.entries()) bytes.set(new TextEncoder().encode(text), k * size);
  return {
    layout: { type: H5T.string, size, signed: false, vlen: false, cset: 0, shape: shape.map(BigInt) },
    bytes,
  };
}

/** Where an object lies in its file: what a reference to it holds. */
function addressOf(reference: Uint8Array): number {
  return Number(new DataView(Uint8Array.from(reference).buffer).getBigUint64(0, true));
}
