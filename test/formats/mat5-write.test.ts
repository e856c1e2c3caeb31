import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { type NumericArray, type NumericDtype, numericArray, type Value } from '../../src/formats/array.ts';
import { openMat5 } from '../../src/formats/mat5.ts';
import { writeMat5 } from '../../src/formats/mat5-write.ts';
import { allocateNumbers } from '../../src/formats/numbers.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { type GoldenValue, goldenValue } from './golden-values.ts';

const folder = new URL('../golden/mat/', import.meta.url);

async function written(arrays: Record<string, Value>): Promise<Uint8Array> {
  const sink = memorySink();
  await writeMat5(sink, arrays);
  return sink.bytes();
}

async function writtenAndRead(arrays: Record<string, Value>): Promise<Record<string, Value>> {
  const file = await openMat5(bytesSource('written.mat', await written(arrays)));
  const values = await Promise.all(file.entries.map(async ({ name }) => [name, await file.read(name)] as const));
  return Object.fromEntries(values);
}

/** What a reader of the format finds: at least two axes, 16-bit floats as single, lists of strings as cells. */
function asRead(value: Value): Value {
  const shape = value.shape.length >= 2 ? value.shape : [1, value.shape[0] ?? 1];
  switch (value.kind) {
    case 'numeric':
      return {
        ...value,
        shape,
        dtype: value.dtype === 'float16' || value.dtype === 'bfloat16' ? 'float32' : value.dtype,
      };
    case 'text': {
      const strings = value.data.map((text): Value => ({ kind: 'text', shape: [1], data: [text] }));
      return strings.length === 1
        ? strings[0]
        : { kind: 'cell', shape: value.shape.length === 1 ? [value.shape[0], 1] : shape, data: strings };
    }
    case 'cell':
      return { ...value, shape, data: value.data.map(asRead) };
    case 'struct': {
      const fields = Object.entries(value.fields).map(([name, values]) => [name, values.map(asRead)]);
      return { ...value, shape, fields: Object.fromEntries(fields) };
    }
  }
}

const dtypes: readonly NumericDtype[] = [
  'bool',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'complex64',
  'complex128',
];
const shape = fc.array(fc.nat(4), { maxLength: 4 });
const numeric: fc.Arbitrary<Value> = fc
  .record({ dtype: fc.constantFrom(...dtypes), shape })
  .chain(({ dtype, shape }) => {
    const blank = allocateNumbers(dtype, sizeOf(shape));
    const bytes = fc.uint8Array({ minLength: blank.byteLength, maxLength: blank.byteLength });
    return bytes.map((bytes): Value => {
      const data = allocateNumbers(dtype, sizeOf(shape));
      new Uint8Array(data.buffer).set(dtype === 'bool' ? bytes.map((byte) => byte & 1) : bytes);
      return numericArray(dtype, shape, data);
    });
  });
const string = fc.string({ unit: 'binary', maxLength: 8 });
const filled = <T>(item: fc.Arbitrary<T>) =>
  fc
    .array(fc.nat(3), { maxLength: 3 })
    .chain((shape) =>
      fc.array(item, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({ shape, data })),
    );
/** No keyword of MATLAB is among them: those are refused, by a test of their own. */
const name = fc
  .stringMatching(/^[A-Za-z]\w{0,62}$/)
  .filter(
    (word) =>
      !/^(break|case|catch|classdef|continue|else|elseif|end|for|function|global|if|otherwise|parfor|persistent|return|spmd|switch|try|while)$/.test(
        word,
      ),
  );
const { value } = fc.letrec<{ value: Value; text: Value; cell: Value; struct: Value }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, numeric, tie('text'), tie('cell'), tie('struct')),
  text: filled(string).map((array) => ({ kind: 'text', ...array })),
  cell: filled(tie('value')).map((array) => ({ kind: 'cell', ...array })),
  struct: fc
    .record({ names: fc.uniqueArray(name, { maxLength: 3 }), shape: fc.array(fc.nat(2), { maxLength: 2 }) })
    .chain(({ names, shape }) => {
      const column = fc.array(tie('value'), { minLength: sizeOf(shape), maxLength: sizeOf(shape) });
      return fc.tuple(...names.map(() => column)).map((columns) => ({
        kind: 'struct' as const,
        shape,
        fields: Object.fromEntries(names.map((name, k) => [name, columns[k]])),
      }));
    }),
}));

test('what is written is read back: every type, shape and nesting', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }), async (arrays) => {
      const expected = Object.fromEntries(Object.entries(arrays).map(([name, value]) => [name, asRead(value)]));
      expect(await writtenAndRead(arrays)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

describe('what check_written.py saw scipy read correctly', () => {
  const golden: { arrays: Record<string, GoldenValue> } = JSON.parse(
    readFileSync(new URL('written.json', folder), 'utf8'),
  );

  test('is written byte for byte', async () => {
    const arrays = Object.fromEntries(Object.entries(golden.arrays).map(([name, value]) => [name, goldenValue(value)]));
    const file = new URL('written.v5.mat', folder);
    if (process.env['HYPERCOLUMN_WRITE_GOLDEN'] === '1') writeFileSync(file, await written(arrays));
    expect(Buffer.from(await written(arrays))).toEqual(readFileSync(file));
  });
});

describe('writeMat5 refuses', () => {
  const one = numericArray('float64', [1], Float64Array.of(1));

  test.each(['', '1st', 'a-b', 'a.b', 'ä', '_x', 'end', 'a'.repeat(64)])(
    'the name %j, before it writes anything',
    async (name) => {
      const sink = memorySink();
      await expect(writeMat5(sink, { fine: one, [name]: one })).rejects.toThrow(UsageError);
      expect(sink.bytes().length).toBe(0);
    },
  );

  test('a field that is no MATLAB name', async () => {
    const struct: Value = { kind: 'struct', shape: [], fields: { 'a b': [one] } };
    await expect(written({ s: struct })).rejects.toThrow(/field of s "a b"/);
  });

  test('an array whose numbers are not those of its shape', async () => {
    await expect(written({ x: numericArray('float64', [2, 2], new Float64Array(3)) })).rejects.toThrow(ShapeError);
    await expect(written({ x: { kind: 'text', shape: [2], data: ['a'] } })).rejects.toThrow(ShapeError);
    await expect(written({ x: { kind: 'struct', shape: [2], fields: { a: [one] } } })).rejects.toThrow(
      /x\.a: expected 2 values/,
    );
  });

  test('a variable beyond 2 GiB', async () => {
    const row: NumericArray = numericArray('uint8', [2 ** 27], new Uint8Array(2 ** 27));
    const cell: Value = { kind: 'cell', shape: [16], data: new Array<Value>(16).fill(row) };
    await expect(written({ big: cell })).rejects.toThrow(/big: takes 2147\d{6} bytes.*at most 2147483647/);
  });
});
