import { describe, expect, test } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { type NumericArray, numericArray } from '../../src/formats/array.ts';
import { partsPerElement } from '../../src/formats/numbers.ts';
import { openFile } from '../../src/formats/open.ts';
import { rowReader } from '../../src/formats/rows.ts';
import { expected, goldenSource } from './golden.ts';

const withRows = Object.keys(expected.files).filter((name) => !/unicode|bytes|text|scalar/.test(name));

describe('rows read alone are the rows of the whole array, from any format, byte order and compression', () => {
  test.each(withRows)('%s', async (name) => {
    const file = await openFile(goldenSource(name));
    for (const entry of file.entries.filter(({ dtype, shape }) => dtype !== 'text' && shape.length > 0)) {
      const { dtype, shape, data } = (await file.read(entry.name)) as NumericArray;
      const rowLength = shape.slice(1).reduce((product, length) => product * length, partsPerElement(dtype));
      const read = rowReader(file, entry.name);
      for (let first = 0; first <= shape[0]; first++) {
        for (let count = 0; first + count <= shape[0]; count += Math.ceil((shape[0] + 1) / 3)) {
          const part = data.slice(first * rowLength, (first + count) * rowLength);
          expect(await read(first, count)).toEqual(numericArray(dtype, [count, ...shape.slice(1)], part));
        }
      }
    }
  });
});

test.each(['little-f8.npy', 'stored.npz', 'torch.safetensors'])(
  '%s gives rows without reading the rest',
  async (name) => {
    const source = goldenSource(name);
    let bytes = 0;
    const read = (at: number, n: number) => {
      bytes += n;
      return source.read(at, n);
    };
    const file = await openFile({ ...source, read });
    const entry = file.entries.find(({ dtype, shape }) => dtype === 'float64' && shape.length > 1)!;
    const reader = rowReader(file, entry.name);
    bytes = 0;
    await reader(1, 1);
    const rowBytes = 8 * entry.shape.slice(1).reduce((product, length) => product * length, 1);
    expect(bytes).toBeLessThanOrEqual(rowBytes + 30); // a zip's local header has 30 bytes
  },
);

test.each(['compressed.npz', 'fortran.npy'])(
  '%s, whose rows do not lie together, is read once and kept',
  async (name) => {
    const source = goldenSource(name);
    let reads = 0;
    const read = (at: number, n: number) => {
      reads++;
      return source.read(at, n);
    };
    const file = await openFile({ ...source, read });
    const reader = rowReader(file, file.entries[0].name);
    await reader(0, 1);
    const afterFirst = reads;
    await reader(1, 2);
    expect(reads).toBe(afterFirst);
  },
);

test('rows beyond the array, rows of a scalar and arrays that are not there are refused', async () => {
  const file = await openFile(goldenSource('little-f8.npy'));
  await expect(rowReader(file, 'data')(2, 2)).rejects.toThrow(ShapeError);
  await expect(rowReader(file, 'data')(-1, 1)).rejects.toThrow(ShapeError);
  await expect(rowReader(await openFile(goldenSource('scalar.npy')), 'data')(0, 1)).rejects.toThrow(ShapeError);
  expect(() => rowReader(file, 'other')).toThrow(UsageError);
});
