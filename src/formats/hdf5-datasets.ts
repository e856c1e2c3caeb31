import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericData, NumericDtype } from './array.ts';
import type { Hdf5Metadata, Hdf5Module } from './hdf5-library.ts';
import { dtypeNameOf, H5T, numericDtypeOf } from './hdf5-types.ts';
import { allocateNumbers, bytesPerElement, decodeNumbers, partsPerElement } from './numbers.ts';

/** An open file within the library, with what it takes to say where a mistake is and what a file of this size may hold. */
export interface Hdf5File {
  readonly hdf5: Hdf5Module;
  readonly id: bigint;
  readonly path: string;
  readonly size: number;
}

export const GROUP = 0;
export const DATASET = 1;

/** What deflate can at most make of a byte: a match of 258 bytes takes 2 bits. */
const EXPANSION = 1032;
/** Datasets that nobody wrote to take no room in a file; up to here they are read as the zeros that they are. */
const FREE_BYTES = 16 * 2 ** 20;
const SLAB_BYTES = 32 * 2 ** 20;
/** The library holds a chunk twice, compressed and not, in 2 GiB of memory at most. */
const LARGEST_CHUNK = 512 * 2 ** 20;
const LARGEST_ATTRIBUTE = 1 << 16;

/** 0 for a group, 1 for a dataset, anything else for what is neither. */
export function kindOf({ hdf5, id }: Hdf5File, name: string): number {
  // Links to other files are not followed.
  return hdf5.get_external_link(id, name).filename === undefined ? hdf5.get_type(id, name) : -1;
}

export function childNames({ hdf5, id }: Hdf5File, group: string): string[] {
  return hdf5.get_names(id, group, false).filter((name) => name !== '');
}

export const joinNames = (group: string, name: string): string => (group === '/' ? `/${name}` : `${group}/${name}`);

/** Where an object lies in the file: the same for all its names. */
export function identityOf({ hdf5, id }: Hdf5File, name: string): string {
  return identityOfReference(Uint8Array.from(hdf5.create_object_reference(id, name)));
}

export const identityOfReference = (reference: Uint8Array): string => reference.join('.');

export function datasetMetadata({ hdf5, id }: Hdf5File, name: string): Hdf5Metadata {
  return hdf5.get_dataset_metadata(id, name);
}

/** Small numeric and string attributes by name; others are left out. */
export function attributesOf(file: Hdf5File, name: string): ReadonlyMap<string, string | number> {
  const { hdf5, id } = file;
  const attributes = new Map<string, string | number>();
  for (const attribute of hdf5.get_attribute_names(id, name)) {
    const metadata = hdf5.get_attribute_metadata(id, name, attribute);
    const length = metadata.size * sizeOf(metadata.shape ?? [0]);
    if (!(length > 0 && length <= LARGEST_ATTRIBUTE) || metadata.vlen) continue;
    const dtype = numericDtypeOf(metadata);
    if (metadata.type !== H5T.string && dtype === undefined) continue;
    const bytes = withMemory(file, name, length, (pointer) => {
      const status = hdf5.get_attribute_data(id, name, attribute, BigInt(pointer));
      return status < 0 ? undefined : hdf5.HEAPU8.slice(pointer, pointer + length);
    });
    if (bytes === undefined) continue;
    attributes.set(
      attribute,
      dtype === undefined ? fixedString(bytes, metadata) : Number(decodeNumbers(dtype, bytes)[0]),
    );
  }
  return attributes;
}

/** @throws FormatError where a dataset claims more than its file can hold */
export function checkClaim(file: Hdf5File, name: string, metadata: Hdf5Metadata): void {
  const shape = metadata.shape ?? [0];
  const bytes = metadata.size * sizeOf(shape);
  const fail = (problem: string): never => {
    throw new FormatError(file.path, problem, name);
  };
  if (metadata.virtual_sources !== undefined) {
    fail('is a virtual dataset, whose numbers lie in other files; copy them into this one (h5repack)');
  }
  const isFiltered = metadata.chunks !== null && file.hdf5.get_dataset_filters(file.id, name).length > 0;
  const bound = Math.max(FREE_BYTES, file.size * (isFiltered ? EXPANSION : 1));
  if (!(bytes <= bound)) {
    fail(
      `claims ${formatShape(shape)} ${dtypeNameOf(metadata)}, that is ${bytes} bytes in a file of ${file.size}; the file is damaged or was never filled`,
    );
  }
  const chunkBytes = metadata.chunks === null ? 0 : metadata.size * sizeOf(metadata.chunks);
  if (chunkBytes > Math.max(LARGEST_CHUNK, FREE_BYTES)) {
    fail(`has chunks of ${chunkBytes} bytes, more than can be read; write it again with smaller ones (h5repack)`);
  }
}

/** Numbers of a dataset as they lie in the file, row-major in HDF5's order of axes. */
export function readNumbersOf(file: Hdf5File, name: string, metadata: Hdf5Metadata, dtype: NumericDtype): NumericData {
  checkClaim(file, name, metadata);
  const count = sizeOf(metadata.shape ?? [0]);
  let data: NumericData;
  try {
    data = allocateNumbers(dtype, count);
  } catch (error) {
    throw new FormatError(file.path, `${count} ${dtype} values do not fit into memory`, name, { cause: error });
  }
  let at = 0;
  eachSlab(file, name, metadata, bytesPerElement(dtype), (bytes) => {
    const numbers = decodeNumbers(dtype, bytes);
    data.set(numbers as never, at);
    at += numbers.length;
  });
  if (at !== count * partsPerElement(dtype))
    throw new FormatError(file.path, `expected ${count} numbers, got ${at}`, name);
  return data;
}

/** Raw elements of a dataset of fixed size: references and strings. */
export function readElementsOf(file: Hdf5File, name: string, metadata: Hdf5Metadata): Uint8Array[] {
  checkClaim(file, name, metadata);
  const elements: Uint8Array[] = [];
  eachSlab(file, name, metadata, metadata.size, (bytes) => {
    for (let at = 0; at < bytes.length; at += metadata.size) elements.push(bytes.slice(at, at + metadata.size));
  });
  return elements;
}

/** Strings of a dataset, row-major. */
export function readStringsOf(file: Hdf5File, name: string, metadata: Hdf5Metadata): string[] {
  if (metadata.size === 0) return new Array<string>(Math.min(sizeOf(metadata.shape ?? [0]), FREE_BYTES)).fill('');
  if (!metadata.vlen) return readElementsOf(file, name, metadata).map((bytes) => fixedString(bytes, metadata));
  checkClaim(file, name, metadata);
  const strings: string[] = [];
  // Many elements may name the same bytes.
  let budget = Math.max(FREE_BYTES, file.size);
  eachSlab(file, name, metadata, metadata.size, (bytes, heap) => {
    const pointers = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += metadata.size) {
      const pointer = pointers.getUint32(at, true);
      const end = pointer === 0 ? 0 : heap.indexOf(0, pointer);
      budget -= end - pointer;
      if (end < 0 || budget < 0) throw new FormatError(file.path, 'has more text than its file can hold', name);
      strings.push(pointer === 0 ? '' : new TextDecoder().decode(heap.slice(pointer, end)));
    }
  });
  return strings;
}

/** Hands over the dataset's bytes in pieces of whole rows: chunks are decompressed once, and the library's memory is small. */
function eachSlab(
  file: Hdf5File,
  name: string,
  metadata: Hdf5Metadata,
  elementBytes: number,
  take: (bytes: Uint8Array, heap: Uint8Array) => void,
): void {
  const { hdf5, id } = file;
  const shape = metadata.shape ?? [0];
  const rowBytes = elementBytes * sizeOf(shape.slice(1));
  const nRows = shape[0] ?? 1;
  if (nRows * rowBytes === 0) return;
  const chunkRows = Math.max(1, metadata.chunks?.[0] ?? 1);
  const slabRows = Math.max(chunkRows, Math.floor(SLAB_BYTES / rowBytes / chunkRows) * chunkRows);
  for (let from = 0; from < nRows; from += slabRows) {
    const rows = Math.min(slabRows, nRows - from);
    const counts = shape.length === 0 ? null : [rows, ...shape.slice(1)].map(BigInt);
    const offsets = counts?.map((_, axis) => (axis === 0 ? BigInt(from) : 0n)) ?? null;
    const strides = counts?.map(() => 1n) ?? null;
    const length = rows * rowBytes;
    withMemory(file, name, length, (pointer) => {
      hdf5.HEAPU8.fill(0, pointer, pointer + length);
      const status = hdf5.get_dataset_data(id, name, counts, offsets, strides, BigInt(pointer));
      if (status < 0)
        throw new FormatError(
          file.path,
          'its numbers cannot be read: they are damaged, in another file or compressed in a way that is not known',
          name,
        );
      try {
        take(hdf5.HEAPU8.slice(pointer, pointer + length), hdf5.HEAPU8);
      } finally {
        if (metadata.vlen && counts !== null) hdf5.reclaim_vlen_memory_count(id, name, '', BigInt(pointer), counts);
        else if (metadata.vlen) hdf5.reclaim_vlen_memory(id, name, '', BigInt(pointer));
      }
    });
  }
}

function withMemory<T>({ hdf5, path }: Hdf5File, name: string, length: number, use: (pointer: number) => T): T {
  const pointer = length > 2 ** 31 ? 0 : hdf5._malloc(length);
  if (pointer === 0)
    throw new FormatError(path, `${length} bytes at once are more than the HDF5 library can hold`, name);
  try {
    return use(pointer);
  } finally {
    hdf5._free(pointer);
  }
}

/** Fixed strings are ended by a zero, filled by zeros or filled by blanks. */
function fixedString(bytes: Uint8Array, { strpad }: Hdf5Metadata): string {
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return strpad === 2 ? text.replace(/ +$/, '') : text;
}
