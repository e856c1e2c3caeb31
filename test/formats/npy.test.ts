import { describe, expect, test } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { float64Array, type NumericArray } from '../../src/formats/array.ts';
import { openNpy, writeNpy } from '../../src/formats/npy.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { goldenBytes, goldenSource } from './golden.ts';

/** A .npy file with this header and these bytes behind it. */
function npyFile(header: string, data: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...text, ...data]);
}

const open = (bytes: Uint8Array) => openNpy(bytesSource('x.npy', bytes));

async function written(array: Parameters<typeof writeNpy>[1]): Promise<Uint8Array> {
  const sink = memorySink();
  await writeNpy(sink, array);
  return sink.bytes().slice();
}

test.each([
  'little-b1',
  'little-i2',
  'little-u8',
  'little-f2',
  'little-f8',
  'little-c8',
  'scalar',
  'empty',
  'one',
  'unicode',
])('%s.npy is written byte for byte as numpy writes it', async (name) => {
  const array = await (await openNpy(goldenSource(`${name}.npy`))).read('data');
  expect(Buffer.from(await written(array as NumericArray))).toEqual(Buffer.from(goldenBytes(`${name}.npy`)));
});

test('bfloat16, which numpy does not have, is written as float32', async () => {
  const array: NumericArray = { kind: 'numeric', dtype: 'bfloat16', shape: [1], data: Float32Array.of(1.5) };
  expect((await open(await written(array))).entries[0].dtype).toBe('float32');
});

test('a text that ends with a zero character is refused: numpy would drop it', async () => {
  await expect(written({ kind: 'text', shape: [1], data: ['a\0'] })).rejects.toThrow(UsageError);
});

test('bytes behind the array are allowed, as numpy allows them', async () => {
  const file = await open(Uint8Array.from([...(await written(float64Array([2], [1, 2]))), 9, 9, 9]));
  expect(await file.read('data')).toEqual(float64Array([2], [1, 2]));
});

test('headers as old Pythons and other libraries wrote them are read', async () => {
  const data = new Uint8Array(16);
  for (const header of [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,)}",
    '{"shape": (2,), "fortran_order": False, "descr": "<f8"}\n',
    " {'descr' : '=f8' , 'fortran_order':True,'shape':[2],}",
  ]) {
    expect((await (await open(npyFile(header, data))).read('data')).shape).toEqual([2]);
  }
});

describe('headers that lie are refused before anything is allocated', () => {
  const header = (shape: string, descr = "'<f8'") => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  test.each([
    [
      'more elements than the file has',
      npyFile(header('(1000000000000,)')),
      /need 8000000000000 bytes, the file has 0/,
    ],
    ['more than can be counted', npyFile(header('(9007199254740991, 9007199254740991)')), /more than any file holds/],
    ['a negative length', npyFile(header('(-1,)')), /whole numbers/],
    ['a fraction', npyFile(header('(1.5,)')), /Python dictionary/],
    ['no tuple', npyFile(header('7')), /shape tuple/],
    ['a text as a length', npyFile(header("('a',)")), /whole numbers/],
    ['too many axes', npyFile(header(`(${'1,'.repeat(65)})`)), /at most 64/],
    ['texts of no bytes without end', npyFile(header('(1000000000,)', "'<U0'")), /need 0 bytes, the file has 0/],
    ['an unknown dtype', npyFile(header('(1,)', "'<i16'")), /unknown dtype/],
    ['no dictionary', npyFile("['descr']"), /Python dictionary/],
    ['a dictionary that does not end', npyFile("{'descr': '<f8'"), /Python dictionary/],
    ['endless nesting', npyFile('('.repeat(5000)), /nested too deeply/],
    ['code', npyFile("__import__('os').system('true')"), /Python dictionary/],
    ['version 4', npyFile(header('()'), new Uint8Array(8), 4), /version 1, 2 or 3, got 4/],
    ['a header longer than the file', npyFile(header('()')).slice(0, 40), /it is truncated/],
    ['another file', new TextEncoder().encode('hello world, no array'), /begins with/],
  ])('%s', async (_, bytes, message) => {
    const opened = open(bytes);
    await expect(opened).rejects.toThrow(FormatError);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toThrow(/^x\.npy/);
  });
});

test('a character code beyond Unicode is refused with the number of its text', async () => {
  const data = Uint8Array.of(65, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f);
  const file = await open(npyFile("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }", data));
  await expect(file.read('data')).rejects.toThrow('x.npy, text 2: holds a character code beyond Unicode');
});
