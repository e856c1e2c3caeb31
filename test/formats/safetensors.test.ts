import { describe, expect, test } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { float64Array, type NumericArray } from '../../src/formats/array.ts';
import { openSafetensors } from '../../src/formats/safetensors.ts';
import { layOutSafetensors, writeSafetensors } from '../../src/formats/safetensors-write.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { goldenBytes } from './golden.ts';

const file = (header: unknown, dataBytes = 0) => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};
const open = (bytes: Uint8Array) => openSafetensors(bytesSource('x.safetensors', bytes));
const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('headers that lie are refused', () => {
  test.each([
    ['a gap', file({ a: tensor(0, 4), b: tensor(8, 12) }, 12), /b: begins at 8, where 4 was expected/],
    ['an overlap', file({ a: tensor(0, 8), b: tensor(4, 12) }, 12), /b: begins at 4, where 8 was expected/],
    ['a first tensor that does not begin at 0', file({ a: tensor(4, 8) }, 8), /begins at 4/],
    [
      'tensors beyond the file',
      file({ a: tensor(0, 400_000_000_000) }, 4),
      /the file has 4 bytes of data; it is truncated/,
    ],
    ['bytes that no tensor claims', file({ a: tensor(0, 4) }, 5), /expected 4 bytes of data, the file has 5/],
    ['offsets that do not fit the shape', file({ a: tensor(0, 8, [3]) }, 8), /needs 12 bytes, its offsets span 8/],
    ['offsets backwards', file({ a: tensor(8, 0, [2]) }, 8), /offsets span -8/],
    ['an unknown type', file({ a: tensor(0, 4, [1], 'F33') }, 4), /expected a dtype of .* got "F33"/],
    ['a negative length', file({ a: tensor(0, 4, [-1]) }, 4), /shape of whole numbers/],
    ['fractions', file({ a: tensor(0.5, 4.5, [1]) }, 4), /two whole numbers/],
    ['a shape whose size no number holds', file({ a: tensor(0, 4, [2 ** 50, 2 ** 50]) }, 4), /needs/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /texts only/],
    ['no tensor but a number', file({ a: 1 }), /expected \{dtype, shape, data_offsets\}/],
    ['a list', file([]), /JSON object/],
    ['broken JSON', file('{"a": '), /expected JSON/],
    ['bytes that are no UTF-8', file('{"a"}').fill(0xff, 9, 10), /expected JSON/],
    ['a header beyond the file', file({}).slice(0, 9), /claims 2 bytes, the file has 9 in all; it is truncated/],
    ['a header of 100 MB and more', Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0), /at most 100 MB/],
    ['seven bytes', new Uint8Array(7), /truncated/],
  ])('%s', async (_, bytes, message) => {
    const opened = open(bytes);
    await expect(opened).rejects.toThrow(FormatError);
    await expect(opened).rejects.toThrow(message);
  });
});

test('a header of a million empty tensors is refused within 5 s', async () => {
  const entries = Array.from(
    { length: 1_000_000 },
    (_, k) => `"${k}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
  );
  const bytes = file(`{${entries.join()}}`);
  const started = performance.now();
  await expect(open(bytes)).rejects.toThrow('expected at most 100000 tensors, got 1000000');
  expect(performance.now() - started).toBeLessThan(5000);
});

test('8-bit floats are shown, and refused with the way out when read', async () => {
  const opened = await open(file({ a: tensor(0, 4, [4], 'F8_E4M3') }, 4));
  expect(opened.entries).toEqual([{ name: 'a', dtype: 'F8_E4M3', shape: [4] }]);
  await expect(opened.read('a')).rejects.toThrow(/save it as F16/);
});

test('entries stand in the order of the file, also where names are numbers', async () => {
  const opened = await open(file({ b: tensor(4, 8), a: tensor(0, 4), '1': tensor(8, 12) }, 12));
  expect(opened.entries.map(({ name }) => name)).toEqual(['a', 'b', '1']);
});

test('a name such as __proto__ is a name', async () => {
  const sink = memorySink();
  await writeSafetensors(sink, Object.fromEntries([['__proto__', float64Array([1], [7])]]));
  expect(await (await open(sink.bytes().slice())).read('__proto__')).toEqual(float64Array([1], [7]));
});

test('a file written piece by piece by its layout is the file that is written at once', async () => {
  const arrays: Record<string, NumericArray> = {
    half: { kind: 'numeric', dtype: 'float16', shape: [3], data: Float32Array.of(1, 2, 3) },
    layer0: { kind: 'numeric', dtype: 'float32', shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  };
  const whole = memorySink();
  const size = await writeSafetensors(whole, arrays, { names: '["a"]' });

  const layout = layOutSafetensors(
    Object.entries(arrays).map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    { names: '["a"]' },
  );
  expect(layout.size).toBe(size);
  const pieces = memorySink();
  const float32 = arrays['layer0'].data as Float32Array;
  for (const row of [3, 1, 0, 2]) {
    const bytes = new Uint8Array(float32.slice(2 * row, 2 * row + 2).buffer);
    await pieces.write(layout.offsets.get('layer0')! + 8 * row, bytes);
  }
  await pieces.write(layout.offsets.get('half')!, Uint8Array.of(0, 0x3c, 0, 0x40, 0, 0x42));
  await pieces.write(0, layout.header);
  expect(pieces.bytes()).toEqual(whole.bytes());
  expect(layout.offsets.get('layer0')! % 4).toBe(0);
});

test('complex128 and names that the format cannot hold are refused', () => {
  expect(() => layOutSafetensors([{ name: 'a', dtype: 'complex128', shape: [] }])).toThrow(UsageError);
  expect(() => layOutSafetensors([{ name: '__metadata__', dtype: 'int8', shape: [] }])).toThrow(UsageError);
  const twice = { name: 'a', dtype: 'int8', shape: [] } as const;
  expect(() => layOutSafetensors([twice, twice])).toThrow(/two tensors called a/);
});

test('a file of more than 4 GiB is read at its end', async () => {
  const rows = 1_100_000;
  const { header, size } = layOutSafetensors([{ name: 'a', dtype: 'float32', shape: [rows, 1000] }]);
  const last = new Uint8Array(Float32Array.from({ length: 1000 }, (_, k) => k).buffer);
  const opened = await openSafetensors({
    name: 'sparse.safetensors',
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      if (offset < header.length) bytes.set(header.subarray(offset, offset + length));
      else if (offset === size - 4000) bytes.set(last);
      return bytes;
    },
  });
  expect(size).toBeGreaterThan(2 ** 32);
  const row = await opened.readRows!('a', rows - 1, 1);
  expect(row!.data[999]).toBe(999);
});

test("torch's own file written again from what was read has the same tensors", async () => {
  const first = await open(goldenBytes('torch.safetensors'));
  const arrays: Record<string, NumericArray> = {};
  for (const { name } of first.entries) arrays[name] = (await first.read(name)) as NumericArray;
  const sink = memorySink();
  await writeSafetensors(sink, arrays, first.metadata);
  const second = await open(sink.bytes().slice());
  expect(second.metadata).toEqual(first.metadata);
  for (const { name } of first.entries) expect(await second.read(name)).toEqual(arrays[name]);
});
