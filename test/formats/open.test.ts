import { expect, test } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { float64Array } from '../../src/formats/array.ts';
import { endingOf, openFile } from '../../src/formats/open.ts';
import { saveArrays, writableEnding } from '../../src/formats/save.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { goldenBytes } from './golden.ts';

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...new Uint8Array(2000));

test.each([
  ['stored.npz', 'npz'],
  ['little-f8.npy', 'npy'],
  ['torch.safetensors', 'safetensors'],
])('%s is told by its bytes, whatever it is called', async (name, format) => {
  for (const called of ['features', 'features.dat', 'features.mat', 'features.csv', 'features.onnx']) {
    expect((await openFile(bytesSource(called, goldenBytes(name)))).format).toBe(format);
  }
});

test.each([640, 896, 1152, 1408])(
  'a .safetensors file whose header of %i bytes begins as a pickle does is none',
  async (length) => {
    const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(length);
    const bytes = new Uint8Array(8 + length + 4);
    new DataView(bytes.buffer).setUint32(0, length, true);
    bytes.set(new TextEncoder().encode(header), 8);
    expect([bytes[0], bytes[1]]).toEqual([0x80, length >> 8]);
    expect((await openFile(bytesSource('encoder.safetensors', bytes))).format).toBe('safetensors');
  },
);

test('where bytes do not tell, the ending does, in any case of letters', async () => {
  const table = new TextEncoder().encode('1,2\n3,4\n');
  for (const name of ['a.csv', 'A.CSV', 'folder.d/a.txt', 'a.tsv']) {
    expect((await openFile(bytesSource(name, table))).format).toBe('csv');
  }
  await expect(openFile(bytesSource('a.dat', table))).rejects.toThrow(FormatError);
});

test('a file of no known format is refused with the endings that are known', async () => {
  const opening = openFile(bytesSource('face.png', png));
  await expect(opening).rejects.toThrow(FormatError);
  await expect(opening).rejects.toThrow(/^face\.png: .*\.npy .*\.npz .*\.mat .*\.csv/);
});

test.each(['npy', 'npz', 'mat', 'safetensors', 'pth', 'csv', 'h5'])(
  'a .%s file that is something else is refused',
  async (ending) => {
    await expect(openFile(bytesSource(`face.${ending}`, png))).rejects.toThrow(FormatError);
  },
);

test('an empty file is refused as one', async () => {
  await expect(openFile(bytesSource('a.npy', new Uint8Array(0)))).rejects.toThrow('a.npy: the file is empty');
});

test('endings are those of the name, not of a folder', () => {
  expect(['a.NPY', 'b.d/a', 'c\\d.e/f.tar.gz', '.npy', 'a.'].map(endingOf)).toEqual(['npy', '', 'gz', 'npy', '']);
});

test('an ending that cannot be written is refused before any work, with those that can', () => {
  expect(writableEnding('runs/x.NPZ')).toBe('npz');
  for (const path of ['a.pth', 'a', 'a.constructor']) {
    expect(() => writableEnding(path)).toThrow(UsageError);
    expect(() => writableEnding(path)).toThrow('.npy .npz .csv .mat .safetensors');
  }
});

const rdm = float64Array([2, 2], [0, 1, 1, 0]);
const names = { kind: 'text', shape: [2], data: ['a.jpg', 'b.jpg'] } as const;

test('names go where each format has a place for them', async () => {
  const saved = async (ending: string) => {
    const sink = memorySink();
    await saveArrays(sink, ending, { rdm, names }, { metadata: { note: 'predicted' } });
    return openFile(bytesSource(`x.${ending}`, sink.bytes().slice()));
  };
  expect(await (await saved('npz')).read('names')).toEqual(names);
  expect(await (await saved('csv')).read('rows')).toEqual(names);
  expect(await (await saved('csv')).read('columns')).toEqual(names);
  expect((await saved('safetensors')).metadata).toEqual({ note: 'predicted', names: '["a.jpg","b.jpg"]' });
  expect(await (await saved('npy')).read('data')).toEqual(rdm);
});
