import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import type { NumericArray, OpenedFile } from '../../src/formats/array.ts';
import { openPth } from '../../src/formats/pth.ts';
import { bytesSource } from '../../src/formats/source.ts';

const folder = new URL('../golden/pth/', import.meta.url);
const golden: {
  files: Record<string, { name: string; dtype: string; shape: number[]; values: (number | string | boolean)[] }[]>;
  refused: Record<string, string>;
} = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const open = (file: string) => openPth(bytesSource(file, bytesOf(file)));

const float32 = new Set(['float32', 'float16', 'bfloat16', 'complex64']);

async function readAll(file: OpenedFile) {
  const arrays: NumericArray[] = [];
  for (const { name } of file.entries) arrays.push((await file.read(name)) as NumericArray);
  return arrays;
}

describe('openPth reads what torch reads', () => {
  test.each(Object.keys(golden.files))('%s', async (name) => {
    const expected = golden.files[name];
    const file = await open(name);
    expect(file.format).toBe('pth');
    expect(file.entries).toEqual(expected.map(({ name, dtype, shape }) => ({ name, dtype, shape })));
    const arrays = await readAll(file);
    arrays.forEach((array, k) => {
      const { dtype, shape, values } = expected[k];
      expect({ dtype: array.dtype, shape: array.shape }).toEqual({ dtype, shape });
      const wanted = values.map((value) => (dtype === 'int64' ? BigInt(value) : Number(value)));
      expect(Array.from(array.data as Iterable<number | bigint>), expected[k].name).toEqual(
        float32.has(dtype) ? wanted.map((value) => Math.fround(Number(value))) : wanted,
      );
    });
  });
});

test('the scalars beside the state_dict of a checkpoint are metadata', async () => {
  const { metadata } = await open('checkpoint.zip.pth');
  expect(metadata).toMatchObject({ epoch: '3', arch: 'two layers', best: '0.5', 'optimizer.param_groups.0.lr': '0.1' });
});

describe('openPth refuses', () => {
  test.each(Object.entries(golden.refused))('%s, and says: %s', async (name, says) => {
    const error = await open(name).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(name);
    expect((error as FormatError).message).toContain(says);
    expect(existsSync('hypercolumn-was-here')).toBe(false);
  });

  test('a name it does not have, and lists those it has', async () => {
    const file = await open('parameters.zip.pth');
    await expect(file.read('biass')).rejects.toThrow(/"biass".*weight, frozen/);
  });
});

test('an empty file and a file of other bytes are no files of torch.save', async () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array([1]), new TextEncoder().encode('name,value\n1,2\n')]) {
    await expect(openPth(bytesSource('x.pth', bytes))).rejects.toThrow(FormatError);
  }
});

/** A legacy file around these operations of the object's pickle. */
function legacy(object: number[] | Uint8Array): Uint8Array {
  const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const protocol = [0x80, 2, 0x4d, 0xe9, 3, 0x2e];
  const system = [0x80, 2, 0x7d, 0x2e];
  const head = [...magic, ...protocol, ...system];
  const bytes = new Uint8Array(head.length + object.length);
  bytes.set(head);
  bytes.set(object, head.length);
  return bytes;
}

test('a storage of 4 GB is read where its tensor lies', async () => {
  const text = (value: string) => [0x58, value.length, 0, 0, 0, ...new TextEncoder().encode(value)];
  const name = (value: string) => [0x63, ...new TextEncoder().encode(value)];
  const int = (value: number) => [0x4a, ...new Uint8Array(Int32Array.of(value).buffer)];
  const storage = [
    0x28,
    ...text('storage'),
    ...name('torch\nFloatStorage\n'),
    ...text('0'),
    ...text('cpu'),
    ...int(1e9),
    0x74,
    0x51,
  ];
  const tensor = [
    ...name('torch._utils\n_rebuild_tensor\n'),
    0x28,
    ...storage,
    ...int(1e9 - 2),
    ...int(2),
    0x85,
    ...int(1),
    0x85,
  ];
  const head = legacy([0x80, 2, ...tensor, 0x74, 0x52, 0x2e, 0x80, 2, 0x5d, ...text('0'), 0x61, 0x2e]);
  const count = new Uint8Array(BigInt64Array.of(10n ** 9n).buffer);
  const numbers = new Uint8Array(Float32Array.of(1.5, -2).buffer);
  const size = head.length + 8 + 4e9;
  let nRead = 0;
  const source = {
    name: 'large.pth',
    size,
    async read(offset: number, length: number) {
      nRead += length;
      const bytes = new Uint8Array(length);
      for (const [part, at] of [
        [head, 0],
        [count, head.length],
        [numbers, size - 8],
      ] as const) {
        for (let k = 0; k < part.length; k++)
          if (at + k >= offset && at + k < offset + length) bytes[at + k - offset] = part[k];
      }
      return bytes;
    },
  };
  const file = await openPth(source);
  expect(file.entries).toEqual([{ name: 'tensor', dtype: 'float32', shape: [2] }]);
  expect(await file.read('tensor')).toMatchObject({ data: Float32Array.of(1.5, -2) });
  expect(nRead).toBeLessThan(1e6);
});

describe('openPth bounds', () => {
  const refuses = async (object: number[] | Uint8Array, message: RegExp) => {
    const started = performance.now();
    await expect(openPth(bytesSource('hostile.pth', legacy(object)))).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(5000);
  };

  test('a string that claims 4 GB', () => refuses([0x80, 2, 0x58, 0xff, 0xff, 0xff, 0xff, 0x61, 0x2e], /truncated/));
  test('an integer of 16 MB', () => refuses([0x80, 2, 0x8b, 0xff, 0xff, 0xff, 0, 0x2e], /integer of 16777215 bytes/));
  test('64 MB of the longest integers', () => {
    const negative = [0x8a, 32, ...new Array<number>(31).fill(0x55), 0xff]; // LONG1
    const object = new Uint8Array(2 + 1_900_000 * negative.length);
    object.set([0x80, 2]);
    for (let k = 0; k < 1_900_000; k++) object.set(negative, 2 + k * negative.length);
    return refuses(object, /ends in the middle of its pickle/);
  });
  test('an integer of 33 bytes', () => refuses([0x80, 2, 0x8a, 33], /integer of 33 bytes/));
  test('more operations than any file of tensors has', () =>
    refuses([0x80, 2, ...new Array<number>(2_100_000).fill(0x29)], /more than 2000000 operations/));
  test('a dict that holds itself', () =>
    refuses([0x80, 2, 0x7d, 0x71, 0, 0x4b, 1, 0x68, 0, 0x73, 0x2e, 0x80, 2, 0x5d, 0x2e], /circle/));
  test('lists that hold each other twice, thirty times over', () => {
    const object = [0x80, 2, 0x4b, 1];
    for (let k = 0; k < 30; k++) object.push(0x71, k, 0x68, k, 0x86); // BINPUT, BINGET, TUPLE2
    return refuses([...object, 0x2e, 0x80, 2, 0x5d, 0x2e], /circle/);
  });
  test('one long list that is made a dict again and again', () => {
    const object = [0x80, 2, 0x5d, 0x28];
    for (let k = 0; k < 50_000; k++) object.push(0x4e, 0x4e, 0x86); // NONE, NONE, TUPLE2
    object.push(0x65, 0x71, 0); // APPENDS, BINPUT
    const call = [...new TextEncoder().encode('ccollections\nOrderedDict\n'), 0x68, 0, 0x85, 0x52]; // BINGET, TUPLE1, REDUCE
    for (let k = 0; k < 5000; k++) for (const byte of call) object.push(byte);
    return refuses([...object, 0x2e], /more items/);
  });
  test('a value taken from an empty stack', () => refuses([0x80, 2, 0x52, 0x2e], /empty stack/));
  test('a memo entry that was never stored', () =>
    refuses([0x80, 2, 0x68, 7, 0x2e], /value 7, which was never stored/));
  test('protocol 0 text that never ends', () =>
    refuses([0x80, 2, 0x56, ...new Array<number>(100_000).fill(0x61)], /truncated/));
});

describe('whatever the bytes, openPth answers with tensors or a FormatError', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.pth'));
  test.each(files)('%s', async (name) => {
    const original = bytesOf(name);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat(original.length), { nil: original.length }),
        async (changes, length) => {
          const bytes = original.slice(0, length);
          for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
          try {
            await readAll(await openPth(bytesSource(name, bytes)));
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
