import { FormatError } from '../core/errors.ts';
import { type NumericArray, numericArray, type OpenedFile } from './array.ts';
import { namedEntries } from './named-entries.ts';
import { bytesPerElement, partsPerElement, readNumbers } from './numbers.ts';
import { PickleTruncated, unpickle } from './pickle.ts';
import { PickleDict, type PickleValue } from './pickle-values.ts';
import { type Source, sourceWithin } from './source.ts';
import { gather, rowMajorStride } from './strided.ts';
import { nameTensors } from './torch-names.ts';
import { type TorchStorage, type TorchTensor, torchHooks } from './torch-pickle.ts';
import { openZip, type ZipEntry } from './zip.ts';

/** A torch.save file before its tensors have names: what was pickled, and where each storage's bytes lie. */
interface Pickled {
  readonly root: PickleValue;
  /** The bytes of the storage of that key. */
  readonly open: (key: string) => Promise<Source>;
  readonly littleEndian: boolean;
}

const LARGEST_PICKLE = 64 * 2 ** 20;
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/**
 * Opens what `torch.save` wrote, as a zip or in the older serialisation, and lists its tensors by name. Runs no code of the file.
 * @throws FormatError where it is neither, is damaged, or needs any Python object beyond OrderedDict, storages and tensors
 * @source torch/serialization.py
 */
export async function openPth(source: Source): Promise<OpenedFile> {
  const storages = new Map<string, TorchStorage>();
  const head = await source.read(0, Math.min(source.size, 262));
  const isZip = head[0] === 0x50 && head[1] === 0x4b;
  const pickled = isZip ? await openZipped(source, storages) : await openLegacy(source, head, storages);
  const { tensors, metadata } = nameTensors(source.name, pickled.root);
  const named = namedEntries(
    source.name,
    'tensor',
    [...tensors].map(([name, tensor]) => ({ name, tensor })),
  );
  return {
    format: 'pth',
    entries: named.entries.map(({ name, tensor: { storage, shape } }) => ({ name, dtype: storage.dtype, shape })),
    metadata,
    async read(name) {
      const { tensor } = named.find(name);
      return readTensor(name, tensor, await pickled.open(tensor.storage.key), pickled.littleEndian);
    },
  };
}

async function readTensor(
  place: string,
  tensor: TorchTensor,
  bytes: Source,
  littleEndian: boolean,
): Promise<NumericArray> {
  const { storage, offset, shape, stride } = tensor;
  const { dtype } = storage;
  const empty = shape.includes(0);
  const span = empty ? 0 : shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis], 1);
  const from = (storage.start + offset) * bytesPerElement(dtype);
  const data = await readNumbers(bytes, from, dtype, span, { littleEndian, place });
  const inOrder = rowMajorStride(shape);
  const contiguous = empty || shape.every((length, axis) => length === 1 || stride[axis] === inOrder[axis]);
  return numericArray(dtype, shape, contiguous ? data : gather(data, { shape, stride, parts: partsPerElement(dtype) }));
}

/** PyTorch 1.6 and later: a zip with the pickle in `NAME/data.pkl` and each storage in `NAME/data/KEY`. */
async function openZipped(source: Source, storages: Map<string, TorchStorage>): Promise<Pickled> {
  const zip = await openZip(source);
  const byName = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const pickle = zip.entries.find(({ name }) => name === 'data.pkl' || /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) {
    throw new FormatError(
      source.name,
      'expected a zip of torch.save with a data.pkl, found none; is it another kind of zip?',
    );
  }
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  if (byName.has(`${prefix}constants.pkl`)) {
    throw new FormatError(
      source.name,
      'is a TorchScript archive, which is code; save a plain state_dict: torch.save(model.state_dict(), file)',
    );
  }
  if (pickle.size > LARGEST_PICKLE) throw new FormatError(source.name, `a pickle of ${pickle.size} bytes`, pickle.name);
  const read = (entry: ZipEntry) => zip.read(entry, { verify: entry.crc32 !== 0 }); // PyTorch can be told to write no checksums
  const bytes = await read(pickle);
  const root = withoutTruncation(source.name, () => unpickle(bytes, torchHooks(source.name, storages)).value);
  for (const storage of storages.values()) {
    const entry = byName.get(`${prefix}data/${storage.key}`);
    if (entry === undefined)
      throw new FormatError(source.name, 'a storage that the pickle names is missing', `data/${storage.key}`);
    const expected = storage.total * bytesPerElement(storage.dtype);
    if (entry.size < expected) {
      throw new FormatError(
        source.name,
        `expected ${expected} bytes of ${storage.dtype}, the archive has ${entry.size}`,
        entry.name,
      );
    }
  }
  const order = byName.get(`${prefix}byteorder`);
  return {
    root,
    open: (key) => zip.open(byName.get(`${prefix}data/${key}`)!),
    littleEndian: order === undefined || new TextDecoder().decode(await zip.readHead(order, 8)).trim() !== 'big',
  };
}

/** PyTorch before 1.6: five pickles, then each storage as a count and its numbers, in the order of the last pickle. */
async function openLegacy(source: Source, head: Uint8Array, storages: Map<string, TorchStorage>): Promise<Pickled> {
  if (new TextDecoder('latin1').decode(head.subarray(257, 262)) === 'ustar') {
    throw new FormatError(
      source.name,
      'is a tar, as PyTorch wrote before 0.1.12; load it with torch and save a plain state_dict again',
    );
  }
  if (head[0] !== 0x80) {
    throw new FormatError(
      source.name,
      'expected a file of torch.save, which begins as a zip or a pickle; the first bytes are neither',
    );
  }
  const hooks = torchHooks(source.name, storages);
  let position = 0;
  const next = async (): Promise<PickleValue> => {
    const { value, length } = await unpickleFrom(source, position, (bytes) => unpickle(bytes, hooks));
    position += length;
    return value;
  };
  if ((await next()) !== MAGIC_NUMBER) {
    throw new FormatError(source.name, "expected PyTorch's magic number, found another pickle; save with torch.save");
  }
  const protocol = await next();
  if (protocol !== PROTOCOL)
    throw new FormatError(source.name, `expected protocol ${PROTOCOL} of torch.save, got ${printable(protocol)}`);
  const system = await next();
  const endian = system instanceof PickleDict ? system.values[system.keys.lastIndexOf('little_endian')] : undefined;
  const root = await next();
  const keys = await next();
  const offsets = await locateStorages(source, position, keys, storages);
  return {
    root,
    open: async (key) => {
      const { total, dtype } = storages.get(key)!;
      return sourceWithin(source, offsets.get(key)!, total * bytesPerElement(dtype));
    },
    littleEndian: endian !== false,
  };
}

async function locateStorages(
  source: Source,
  position: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, TorchStorage>,
): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined)
      throw new FormatError(source.name, `lists a storage ${printable(key)} that no tensor uses`);
    const place = `storage ${storage.key} at byte ${position}`;
    const end = position + 8 + storage.total * bytesPerElement(storage.dtype);
    if (end > source.size)
      throw new FormatError(
        source.name,
        `expected bytes up to ${end}, the file has ${source.size}: it is truncated`,
        place,
      );
    const count = await source.read(position, 8);
    const stored = new DataView(count.buffer, count.byteOffset, 8).getBigInt64(0, true);
    if (stored !== BigInt(storage.total))
      throw new FormatError(source.name, `expected ${storage.total} numbers, it says ${stored}`, place);
    offsets.set(storage.key, position + 8);
    position = end;
  }
  for (const key of storages.keys()) {
    if (!offsets.has(key)) throw new FormatError(source.name, `the numbers of storage ${printable(key)} are missing`);
  }
  return offsets;
}

/** A pickle says nowhere how long it is: try a window, and a larger one where it ends too early. */
async function unpickleFrom<T>(source: Source, position: number, decode: (bytes: Uint8Array) => T): Promise<T> {
  for (let window = 1 << 16; ; window *= 4) {
    const rest = source.size - position;
    const length = Math.min(window, rest, LARGEST_PICKLE);
    const bytes = await source.read(position, length);
    const last = length === rest || length === LARGEST_PICKLE;
    if (last) return withoutTruncation(source.name, () => decode(bytes));
    try {
      return decode(bytes);
    } catch (error) {
      if (!(error instanceof PickleTruncated)) throw error;
    }
  }
}

function withoutTruncation<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof PickleTruncated)) throw error;
    throw new FormatError(path, 'ends in the middle of its pickle: it is truncated or corrupt', undefined, {
      cause: error,
    });
  }
}

function printable(value: PickleValue): string {
  return typeof value === 'object' ? 'something else' : JSON.stringify(String(value).slice(0, 60));
}
