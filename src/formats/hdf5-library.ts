import { FormatError, UsageError } from '../core/errors.ts';
import { isEndlessHeap, lengthSizeOf } from './hdf5-heap.ts';
import type { Source } from './source.ts';

/** What HDF5 says of a dataset or attribute. */
export interface Hdf5Metadata {
  /** Class of the type: see H5T in hdf5-types.ts. */
  readonly type: number;
  /** Bytes of one element. */
  readonly size: number;
  readonly signed: boolean;
  /** null where there is no data at all. */
  readonly shape: readonly number[] | null;
  readonly chunks: readonly number[] | null;
  /** Strings of variable length. */
  readonly vlen: boolean;
  readonly strpad?: number;
  readonly ref_type?: 'object' | 'region';
  readonly enum_type?: { readonly members: Readonly<Record<string, number>> };
  readonly compound_type?: { readonly members: readonly (Hdf5Metadata & { name: string; offset: number })[] };
  readonly virtual_sources?: readonly unknown[];
}

/** The part of h5wasm's module that we call. Its functions wait for nothing and know one file system. */
export interface Hdf5Module {
  readonly HEAPU8: Uint8Array;
  readonly FS: EmscriptenFs;
  readonly H5F_ACC_TRUNC: number;
  readonly H5F_LIBVER_EARLIEST: number;
  readonly H5F_LIBVER_LATEST: number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  open(path: string, mode: number, trackOrder: boolean, libverLow: number, libverHigh: number): bigint;
  close_file(file: bigint): number;
  get_type(file: bigint, path: string): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_external_link(file: bigint, path: string): { filename?: string };
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Hdf5Metadata;
  get_attribute_data(file: bigint, path: string, name: string, pointer: bigint): number;
  get_dataset_metadata(file: bigint, path: string): Hdf5Metadata;
  get_dataset_filters(file: bigint, path: string): readonly { readonly id: number }[];
  get_dataset_data(
    file: bigint,
    path: string,
    count: bigint[] | null,
    offset: bigint[] | null,
    strides: bigint[] | null,
    pointer: bigint,
  ): number;
  reclaim_vlen_memory(file: bigint, path: string, attribute: string, pointer: bigint): number;
  reclaim_vlen_memory_count(file: bigint, path: string, attribute: string, pointer: bigint, count: bigint[]): number;
  create_object_reference(file: bigint, path: string): Uint8Array;
  get_referenced_name(file: bigint, reference: Uint8Array, isObject: boolean): string | null;
  create_group(file: bigint, path: string, trackOrder: boolean): number;
  create_dataset(file: bigint, path: string, pointer: bigint, metadata: Hdf5Layout): number;
  create_vlen_str_attribute(
    file: bigint,
    path: string,
    name: string,
    texts: readonly string[],
    metadata: Hdf5Layout,
  ): number;
}

/** Type and shape of what is to be written. */
export interface Hdf5Layout {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly vlen: boolean;
  /** Of text: 0 ASCII, 1 UTF-8. */
  readonly cset?: 0 | 1;
  readonly shape: readonly bigint[];
}

interface StreamOps {
  read?(stream: unknown, buffer: Uint8Array, offset: number, length: number, position: number): number;
  write?(stream: unknown, buffer: Uint8Array, offset: number, length: number): number;
  llseek?: unknown;
}

interface EmscriptenFs {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): EmscriptenNode;
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
  getStream(descriptor: number): { stream_ops: StreamOps } | null;
  readdir(path: string): string[];
  ErrnoError: new (errno: number) => Error;
}

interface EmscriptenNode {
  stream_ops: StreamOps;
  /** What MEMFS gives as the file's size. */
  usedBytes: number;
}

const EIO = 29;

/** Whole files read again and again are the mark of a loop in a damaged file. */
const MAX_REREADING = 16;
const FREE_READING = 64 * 2 ** 20;

let current: Promise<Hdf5Module> | undefined;
let generation = 0;
let nFiles = 0;
/** What the library last said, for the cause of an error. */
let chatter = '';

/**
 * Opens an HDF5 file, hands it to `work`, and closes it whatever happens. The library cannot wait, so where the Source cannot read at once
 * its bytes are read into memory first.
 * @throws FormatError where it is no HDF5 file, and for whatever the library does not survive
 */
export async function withHdf5<T>(source: Source, work: (hdf5: Hdf5Module, file: bigint) => T): Promise<T> {
  const readSync = await synchronousReader(source);
  const hdf5 = await (current ??= load());
  const name = `source-${nFiles++}.h5`;
  const guard = { reading: MAX_REREADING * source.size + FREE_READING, problem: undefined as unknown };
  mount(hdf5, name, source, readSync, guard);
  chatter = '';
  let file = -1n;
  try {
    file = hdf5.open(name, 0, false, -1, -1);
    if (file < 0n) throw new FormatError(source.name, 'no HDF5 file, or damaged: the library cannot open it');
    return work(hdf5, file);
  } catch (error) {
    throw guard.problem ?? explain(source, error);
  } finally {
    release(hdf5, name, file);
  }
}

/**
 * The bytes of a new HDF5 file that `work` fills, in the oldest form that holds what is in it.
 * @throws UsageError where the library cannot make it, which is for want of memory
 */
export async function newHdf5(work: (hdf5: Hdf5Module, file: bigint) => void): Promise<Uint8Array> {
  const hdf5 = await (current ??= load());
  const name = `new-${nFiles++}.h5`;
  chatter = '';
  let file = -1n;
  try {
    file = hdf5.open(name, hdf5.H5F_ACC_TRUNC, false, hdf5.H5F_LIBVER_EARLIEST, hdf5.H5F_LIBVER_LATEST);
    work(hdf5, file);
    hdf5.close_file(file);
    file = -1n;
    return hdf5.FS.readFile(name);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    current = undefined;
    throw new UsageError('HDF5: the library cannot hold so much; write .npz or .json instead', { cause: error });
  } finally {
    release(hdf5, name, file);
  }
}

async function synchronousReader(source: Source): Promise<(offset: number, length: number) => Uint8Array> {
  if (source.readSync !== undefined) return (offset, length) => source.readSync!(offset, length);
  const bytes = await source.read(0, source.size);
  return (offset, length) => bytes.subarray(offset, offset + length);
}

async function load(): Promise<Hdf5Module> {
  // A module that trapped is not to be trusted again, and only another address gives another one; a bundler may know none.
  const isFirst = generation++ === 0 || import.meta.resolve === undefined;
  const library: typeof import('h5wasm') = isFirst
    ? await import('h5wasm')
    : await import(/* @vite-ignore */ `${import.meta.resolve('h5wasm')}?${generation}`);
  const hdf5 = (await library.ready) as unknown as Hdf5Module;
  for (const descriptor of [1, 2]) {
    const stream = hdf5.FS.getStream(descriptor);
    if (stream !== null) stream.stream_ops = { ...stream.stream_ops, write: listen };
  }
  // Files can name others, and these devices would ask the person at the browser.
  for (const device of hdf5.FS.readdir('/dev')) {
    if (/^(std|tty)/.test(device)) hdf5.FS.unlink(`/dev/${device}`);
  }
  return hdf5;
}

function listen(_: unknown, buffer: Uint8Array, offset: number, length: number): number {
  const text = String.fromCharCode(...buffer.subarray(offset, offset + Math.min(length, 1000)));
  chatter = (chatter + text).slice(-10_000);
  return length;
}

/** A file of the library's file system whose bytes come from the Source. */
function mount(
  hdf5: Hdf5Module,
  file: string,
  { name, size }: Source,
  readSync: (offset: number, length: number) => Uint8Array,
  guard: { reading: number; problem: unknown },
): void {
  const lengthSize = lengthSizeOf(size, readSync);
  const node = hdf5.FS.createFile('/', file, {}, true, false);
  node.usedBytes = size;
  node.stream_ops = {
    llseek: node.stream_ops.llseek,
    read(_, buffer, offset, length, position) {
      const count = Math.min(length, size - position);
      if (!(count > 0 && position >= 0)) return 0;
      guard.reading -= count;
      if (guard.reading < 0) throw new hdf5.FS.ErrnoError(EIO);
      try {
        if (isEndlessHeap(position, size, lengthSize, readSync)) {
          throw new FormatError(name, 'variable-length values whose sizes do not add up; the file is damaged');
        }
        buffer.set(readSync(position, count), offset);
      } catch (error) {
        guard.problem = error;
        throw new hdf5.FS.ErrnoError(EIO);
      }
      return count;
    },
  };
}

function release(hdf5: Hdf5Module, name: string, file: bigint): void {
  try {
    if (file >= 0n) hdf5.close_file(file);
    hdf5.FS.unlink(name);
  } catch {
    current = undefined;
  }
}

function explain(source: Source, error: unknown): unknown {
  if (error instanceof FormatError) return error;
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) current = undefined;
  const cause = chatter === '' ? error : new Error(chatter, { cause: error });
  return new FormatError(source.name, 'the HDF5 library cannot make sense of it: the file is damaged', undefined, {
    cause,
  });
}
