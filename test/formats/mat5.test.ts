import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import { openMat4 } from '../../src/formats/mat4.ts';
import { openMat5 } from '../../src/formats/mat5.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { entryOf, type GoldenValue, goldenValue } from './golden-values.ts';
import { answersOrFormatError, mutations } from './mutations.ts';

const folder = new URL('../golden/mat/', import.meta.url);
const golden: {
  files: Record<string, Record<string, GoldenValue>>;
  classes: { name: string; dtype: string; shape: number[] }[];
} = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const opener = (file: string) => (file.includes('.v4.') ? openMat4 : openMat5);
const open = (file: string, bytes: Uint8Array = bytesOf(file)) => opener(file)(bytesSource(file, bytes));

describe('MAT-files of versions 4 and 5 read as scipy reads them', () => {
  test.each(Object.keys(golden.files).filter((file) => /\.v[45]\./.test(file)))('%s', async (name) => {
    const expected = Object.entries(golden.files[name]);
    const file = await open(name);
    expect(file.format).toBe(name.includes('.v4.') ? 'mat4' : 'mat5');
    expect(file.entries).toEqual(expected.map(([name, value]) => entryOf(name, value)));
    for (const [name, value] of expected) expect(await file.read(name), name).toEqual(goldenValue(value));
  });
});

describe('what only MATLAB can interpret', () => {
  test('is listed with its class, and the workspace of functions is not', async () => {
    expect((await open('classes.v5.mat')).entries).toEqual(golden.classes);
  });

  test.each([
    ['fn', '1 x 1 function_handle'],
    ['when', '1 x 1 datetime'],
    ['old', '1 x 1 inline'],
    ['holder', 'classes.v5.mat, holder.f: is a 1 x 1 function_handle'],
  ])('%s is refused, and says: %s', async (name, says) => {
    const file = await open('classes.v5.mat');
    await expect(file.read(name)).rejects.toThrow(FormatError);
    await expect(file.read(name)).rejects.toThrow(says);
  });

  test('does not keep its neighbours from being read', async () => {
    const file = await open('classes.v5.mat');
    expect(await file.read('after')).toMatchObject({ data: Float64Array.of(2) });
  });
});

test('a name that is not there: the message lists those that are', async () => {
  await expect((await open('crafted.big.plain.v5.mat')).read('cell')).rejects.toThrow(
    /"cell".*double_as_uint8.* and 5 more/,
  );
});

test('a variable behind one of 3 GB is read where it lies', async () => {
  const bytes = bytesOf('crafted.little.plain.v5.mat');
  const length = 3 * 2 ** 30;
  // The header and the first array's head, made larger, then a hole, then the other arrays.
  const first = bytes.slice(0, 200);
  const view = new DataView(first.buffer);
  const firstLength = view.getUint32(132, true);
  view.setUint32(132, length, true);
  const rest = bytes.subarray(136 + firstLength);
  const size = 136 + length + rest.length;
  const source = {
    name: 'large.mat',
    size,
    async read(offset: number, length: number) {
      const out = new Uint8Array(length);
      for (let k = 0; k < length; k++) out[k] = first[offset + k] ?? rest[offset + k - (size - rest.length)] ?? 0;
      return out;
    },
  };
  const file = await openMat5(source);
  expect(file.entries.length).toBe(Object.keys(golden.files['crafted.little.plain.v5.mat']).length);
  expect(await file.read('three_axes')).toEqual(goldenValue(golden.files['crafted.little.plain.v5.mat']['three_axes']));
});

describe('bounds', () => {
  const at = (bytes: Uint8Array<ArrayBuffer>, offset: number, ...values: number[]) => {
    const view = new DataView(bytes.buffer);
    values.forEach((value, k) => {
      view.setUint32(offset + 4 * k, value, true);
    });
    return bytes;
  };
  /** A file of one array: its tag, then these words. */
  const file = (...words: number[]) => {
    const bytes = new Uint8Array(136 + 4 * words.length);
    bytes.set(bytesOf('numbers.plain.v5.mat').subarray(0, 128));
    return at(bytes, 128, 14, 4 * words.length, ...words);
  };
  const head = (flags: number, rows: number, columns: number) => [6, 8, flags, 0, 5, 8, rows, columns, 0x10001, 0x61];
  const refuses = async (bytes: Uint8Array, message: RegExp) => {
    const started = performance.now();
    await expect(open('hostile.v5.mat', bytes).then((file) => file.read('a'))).rejects.toThrow(message);
    await expect(open('hostile.v5.mat', bytes).then((file) => file.read('a'))).rejects.toThrow(FormatError);
    expect(performance.now() - started).toBeLessThan(5000);
  };

  test('an array that claims more numbers than it has', () =>
    refuses(file(...head(6, 60000, 60000), 9, 8, 0, 0), /expected 3600000000 numbers for the numbers, got 1/));
  test('an array that claims more bytes than the file has', () =>
    refuses(
      at(file(...head(6, 1, 1), 9, 8, 0, 0), 132, 0x7fffffff),
      /2147483647 bytes, 56 are left: the file is truncated/,
    ));
  test('cells beyond the bytes that are there', () =>
    refuses(file(...head(1, 0x7fffffff, 0x7fffffff)), /cells in 0 bytes/));
  test('a billion empty strings', () =>
    refuses(file(...head(4, 0x3fffffff, 0), 16, 0), /char array of 1073741823 x 0/));
  test('a sparse matrix that is small in the file and enormous with its zeros', () =>
    refuses(file(...head(5, 0x7ffffff, 1), 5, 0, 5, 8, 0, 0, 9, 0), /134217727 x 1 is too large to write out/));
  test('a row index outside of a sparse matrix', () =>
    refuses(file(...head(5, 2, 1), 0x40005, 7, 5, 8, 0, 1, 9, 8, 0, 0), /row 8, column 1 of a 2 x 1 matrix/));
  test('negative dimensions', () => refuses(file(...head(6, 0xffffffff, 1), 9, 0), /expected 2 to 64 dimensions/));
  test('cells within cells within cells', () => {
    let nested: number[] = [...head(6, 1, 1), 9, 8, 0, 0];
    for (let depth = 0; depth < 70; depth++) nested = [...head(1, 1, 1), 14, 4 * nested.length, ...nested];
    return refuses(file(...nested), /nested deeper than 64/);
  });
  test('a file of version 7.3 that ends behind its header', async () => {
    const header = bytesOf('matlab.v73.mat').slice(0, 512);
    await expect(open('x.v5.mat', header)).rejects.toThrow(/says version 7.3, but no HDF5 file follows/);
  });
  test('an empty file, a header alone and other bytes', async () => {
    await expect(open('x.v5.mat', new Uint8Array(0))).rejects.toThrow(FormatError);
    expect((await open('x.v5.mat', bytesOf('numbers.plain.v5.mat').slice(0, 128))).entries).toEqual([]);
    await expect(open('x.v5.mat', new Uint8Array(200).fill(65))).rejects.toThrow(FormatError);
    await expect(open('x.v4.mat', new Uint8Array(0))).rejects.toThrow(FormatError);
    await expect(open('x.v4.mat', new Uint8Array(200).fill(65))).rejects.toThrow(FormatError);
  });
  test('a damaged byte in compressed numbers is noticed by its checksum', async () => {
    const bytes = bytesOf('crafted.little.compressed.v5.mat');
    let noticed = 0;
    for (let k = 0; k < 60; k++) {
      const damaged = bytes.slice();
      damaged[damaged.length - 5 - k] ^= 0x10;
      const file = await open('x.v5.mat', damaged).catch(() => undefined);
      const read =
        file && (await Promise.all(['sparse', 'structs'].map((name) => file.read(name))).catch(() => undefined));
      if (read === undefined) noticed++;
    }
    expect(noticed).toBe(60);
  });
});

describe('whatever the bytes, the answer is values or a FormatError', () => {
  test.each(readdirSync(folder).filter((file) => /\.v[45]\.mat$/.test(file)))('%s', (name) =>
    mutations(bytesOf(name), (bytes) => answersOrFormatError(() => open(name, bytes))),
  );
});
