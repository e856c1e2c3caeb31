import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericDtype } from './array.ts';
import type { PickleHooks } from './pickle.ts';
import { PickleDict, PickleGlobal, PickleObject, PickleTuple, type PickleValue } from './pickle-values.ts';

/** A run of numbers that tensors are views of; where its bytes lie is the container's matter. */
export class TorchStorage extends PickleObject {
  readonly key: string;
  readonly dtype: NumericDtype;
  /** Numbers in it. */
  readonly count: number;
  /** Where it begins in the storage of that key, in numbers, and how many that one has: legacy files have views of storages. */
  readonly start: number;
  readonly total: number;
  constructor(key: string, dtype: NumericDtype, count: number, start = 0, total = count) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.count = count;
    this.start = start;
    this.total = total;
  }
}

/** A strided view of a storage, checked to lie inside of it. */
export class TorchTensor extends PickleObject {
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  constructor(storage: TorchStorage, offset: number, shape: readonly number[], stride: readonly number[]) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
  }
}

const STORAGES: Readonly<Record<string, NumericDtype>> = {
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  DoubleStorage: 'float64',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
};

// A tensor may repeat its numbers by strides of 0 (`expand`), but a few bytes may not claim a whole memory.
const MAX_REPEATED = 2 ** 24;
const MAX_RANK = 64;
// Calls can name one long list again and again.
const MAX_DICT_ITEMS = 2_000_000;
const MAX_KEY_LENGTH = 1000;

/**
 * The whitelist of PyTorch's pickles: OrderedDict, the storages, and the functions that rebuild tensors and parameters.
 * @param storages filled with each storage met, by key; the first of a key gives its dtype
 */
export function torchHooks(path: string, storages: Map<string, TorchStorage>): PickleHooks {
  const fail = (problem: string): never => {
    throw new FormatError(path, problem, 'pickle');
  };
  const rebuild = (args: readonly PickleValue[]) => tensorOf(fail, args);
  const globals = new Map<string, PickleGlobal>();
  const allow = (name: string, call?: (args: readonly PickleValue[]) => PickleValue) =>
    globals.set(name, new PickleGlobal(name, call));
  let nItems = 0;
  allow('collections.OrderedDict', (args) => {
    const items = args[0] ?? [];
    if (!Array.isArray(items)) return fail('an OrderedDict from what is no list');
    nItems += items.length;
    return nItems > MAX_DICT_ITEMS ? fail('more items than a file of tensors has') : orderedDictOf(fail, items);
  });
  allow('torch._utils._rebuild_tensor', rebuild);
  allow('torch._utils._rebuild_tensor_v2', rebuild);
  const parameter = (args: readonly PickleValue[]) =>
    args[0] instanceof TorchTensor ? args[0] : fail('a parameter without its tensor');
  allow('torch._utils._rebuild_parameter', parameter);
  allow('torch._utils._rebuild_parameter_with_state', parameter);
  for (const name of Object.keys(STORAGES)) allow(`torch.${name}`);
  return {
    path,
    findGlobal: (module, name) => globals.get(`${module}.${name}`),
    persistentLoad: (id) => {
      const storage = storageOf(fail, id);
      const known = storages.get(storage.key);
      if (known === undefined) storages.set(storage.key, storage);
      else if (known.dtype !== storage.dtype || known.total !== storage.total) {
        fail(
          `storage ${storage.key} has ${known.total} numbers of ${known.dtype} and ${storage.total} of ${storage.dtype} at once`,
        );
      }
      return storage;
    },
  };
}

type Fail = (problem: string) => never;

function storageOf(fail: Fail, id: PickleValue): TorchStorage {
  if (!(id instanceof PickleTuple)) return fail('a persistent id that is no tuple');
  const [kind, type, key, , count, view] = id.items;
  if (kind === 'module')
    fail('holds a whole module, which is code; save a plain state_dict: torch.save(model.state_dict(), file)');
  const dtype = type instanceof PickleGlobal ? STORAGES[type.name.replace(/^torch\./, '')] : undefined;
  if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || key.length > MAX_KEY_LENGTH)
    return fail('a persistent id that names no storage');
  const total = naturalOf(fail, count, 'a storage count');
  if (view === undefined || view === null) return new TorchStorage(key, dtype, total);
  if (!(view instanceof PickleTuple)) return fail('a storage view that is no tuple');
  const start = naturalOf(fail, view.items[1], 'a storage view');
  const length = naturalOf(fail, view.items[2], 'a storage view');
  if (start + length > total) fail(`a view of numbers ${start} to ${start + length} of a storage of ${total}`);
  return new TorchStorage(key, dtype, length, start, total);
}

/** `_rebuild_tensor(storage, offset, size, stride)` and `_v2`, whose further arguments are about gradients. */
function tensorOf(fail: Fail, args: readonly PickleValue[]): TorchTensor {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof TorchStorage)) return fail('a tensor without a storage');
  const from = naturalOf(fail, offset, 'a storage offset');
  const shape = naturalsOf(fail, size, 'a size');
  const steps = naturalsOf(fail, stride, 'a stride');
  if (shape.length !== steps.length) fail(`${shape.length} sizes with ${steps.length} strides`);
  const count = sizeOf(shape);
  if (count > 0) {
    const last = shape.reduce((sum, length, axis) => sum + (length - 1) * steps[axis], from);
    if (last >= storage.count) {
      fail(`a tensor of ${formatShape(shape)} reaches number ${last} of a storage of ${storage.count}`);
    }
    if (count > Math.max(storage.count, MAX_REPEATED)) {
      fail(
        `a tensor of ${formatShape(shape)} repeats the ${storage.count} numbers of its storage; save a contiguous copy of it`,
      );
    }
  }
  return new TorchTensor(storage, from, shape, steps);
}

/** `OrderedDict()`, or as Python 2 wrote it: `OrderedDict([[key, value], ...])`. */
function orderedDictOf(fail: Fail, items: readonly PickleValue[]): PickleDict {
  const dict = new PickleDict();
  for (const item of items) {
    const pair = item instanceof PickleTuple ? item.items : item;
    if (!Array.isArray(pair) || pair.length !== 2) return fail('an OrderedDict item that is no pair');
    dict.set(pair[0], pair[1]);
  }
  return dict;
}

function naturalOf(fail: Fail, value: PickleValue | undefined, what: string): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(`${what} that is no whole number`);
}

function naturalsOf(fail: Fail, value: PickleValue | undefined, what: string): number[] {
  const items = value instanceof PickleTuple ? value.items : value;
  if (!Array.isArray(items) || items.length > MAX_RANK)
    return fail(`${what} that is no tuple of up to ${MAX_RANK} numbers`);
  return items.map((item) => naturalOf(fail, item, what));
}
