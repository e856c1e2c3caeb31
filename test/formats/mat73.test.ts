import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import type { OpenedFile } from '../../src/formats/array.ts';
import { openHdf5, openMat73 } from '../../src/formats/mat73.ts';
import { bytesSource, type Source } from '../../src/formats/source.ts';
import { entryOf, type GoldenValue, goldenValue } from './golden-values.ts';
import { answersOrFormatError, mutations } from './mutations.ts';

const folder = new URL('../golden/mat/', import.meta.url);
const golden: {
  files: Record<string, Record<string, GoldenValue>>;
  classes73: { name: string; dtype: string; shape: number[] }[];
} = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const open = (file: string, source: Source = bytesSource(file, bytesOf(file))): Promise<OpenedFile> =>
  file.endsWith('.mat') ? openMat73(source) : openHdf5(source);
const files = Object.keys(golden.files).filter((file) => /\.(v73\.mat|h5|hdf5)$/.test(file));
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

describe('MAT-files of version 7.3 and HDF5 files read as they were written', () => {
  test.each(files)('%s', async (name) => {
    const expected = Object.entries(golden.files[name]);
    const file = await open(name);
    expect(file.format).toBe(name.endsWith('.mat') ? 'mat7.3' : 'hdf5');
    const entries = expected.map(([name, value]) => entryOf(name, value));
    expect(file.entries.toSorted(byName)).toEqual(entries.sort(byName));
    for (const [name, value] of expected) expect(await file.read(name), name).toEqual(goldenValue(value));
  });

  test('a Source that cannot read at once gives the same', async () => {
    const { readSync: _, ...slow } = bytesSource('slow.v73.mat', bytesOf('matlab.v73.mat'));
    const file = await open('slow.v73.mat', slow);
    expect(await file.read('EVC_RDMs')).toEqual(goldenValue(golden.files['matlab.v73.mat']['EVC_RDMs']));
  });

  test('reads that are asked for at once do not meet', async () => {
    const [matlab, plain] = await Promise.all([open('matlab.v73.mat'), open('plain.h5')]);
    const values = await Promise.all([
      matlab.read('cells'),
      plain.read('group/gzip'),
      matlab.read('grid'),
      plain.read('a'),
    ]);
    expect(values).toEqual([
      goldenValue(golden.files['matlab.v73.mat']['cells']),
      goldenValue(golden.files['plain.h5']['group/gzip']),
      goldenValue(golden.files['matlab.v73.mat']['grid']),
      goldenValue(golden.files['plain.h5']['a']),
    ]);
  });
});

describe('what only MATLAB can interpret', () => {
  test('is listed with its class and refused by that name', async () => {
    const file = await open('classes.v73.mat');
    expect(file.entries).toEqual(golden.classes73);
    await expect(file.read('table')).rejects.toThrow('classes.v73.mat, table: is a 1 x 1 table, which only MATLAB');
    await expect(file.read('handle')).rejects.toThrow(FormatError);
    expect(await file.read('before')).toMatchObject({ data: Float64Array.of(1) });
  });
});

describe('bounds', () => {
  const refuses = async (file: string, name: string, message: RegExp) => {
    const started = performance.now();
    const opened = await open(file);
    await expect(opened.read(name)).rejects.toThrow(message);
    await expect(opened.read(name)).rejects.toThrow(FormatError);
    expect(performance.now() - started).toBeLessThan(5000);
  };

  test('a compressed dataset of 8 TB that was never written', () =>
    refuses(
      'never-written.h5',
      'huge',
      /huge: claims 1000000 x 1000000 float64, that is 8000000000000 bytes in a file of \d+/,
    ));
  test('a plain dataset of 8 GB that was never written', () =>
    refuses('never-written.h5', 'contiguous', /claims 1000000 x 1000/));
  test('a chunk of 1 GB', () => refuses('never-written.h5', 'chunk', /claims 1000000000 uint8/));
  test('a modest dataset that was never written is its fill value', async () => {
    const value = await (await open('never-written.h5')).read('modest');
    expect(value).toMatchObject({ shape: [100, 3], data: new Float64Array(300).fill(7) });
  });
  test('numbers in another file', () => refuses('elsewhere.h5', 'external', /cannot be read/));
  test('a virtual dataset', () => refuses('elsewhere.h5', 'virtual', /virtual dataset/));
  test('a link to another file is not followed', async () => {
    expect((await open('elsewhere.h5')).entries.map(({ name }) => name)).toEqual(['external', 'virtual']);
  });
  test.each([
    ['a free object of no size', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an object of 2^64 bytes', [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]],
  ])('a heap of texts that the library would walk through for ever: %s', async (_, object) => {
    const bytes = bytesOf('small.h5');
    const heap = Buffer.from(bytes).indexOf('GCOL');
    bytes.set(object, heap + 16);
    const file = await open('small.h5', bytesSource('small.h5', bytes));
    await expect(file.read('text')).rejects.toThrow('small.h5: variable-length values whose sizes do not add up');
    expect(await file.read('a')).toEqual(goldenValue(golden.files['small.h5']['a']));
  });
  test('a cell that holds itself', () => refuses('self.v73.mat', 'cell', /without end/));
  test('what deflate can make of its bytes is read', async () => {
    const value = await (await open('bomb.h5')).read('zeros');
    expect(value).toMatchObject({ kind: 'numeric', shape: [1000, 100_000] });
  });
  test('a name that is not there', async () => {
    await expect((await open('plain.h5')).read('A')).rejects.toThrow(/no dataset "A"; it has a, /);
  });
  test('no HDF5 file, an empty one, and one cut short', async () => {
    await expect(openHdf5(bytesSource('x.h5', new Uint8Array(0)))).rejects.toThrow(FormatError);
    await expect(openHdf5(bytesSource('x.h5', new Uint8Array(5000).fill(7)))).rejects.toThrow(FormatError);
    const bytes = bytesOf('plain.h5');
    await expect(openHdf5(bytesSource('x.h5', bytes.subarray(0, bytes.length - 100)))).rejects.toThrow(FormatError);
  });
});

describe('the library', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('says nothing on its own', async () => {
    const said: unknown[] = [];
    for (const method of ['log', 'error', 'warn'] as const)
      vi.spyOn(console, method).mockImplementation((text) => said.push(text));
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await expect((await open('elsewhere.h5')).read('external')).rejects.toThrow(FormatError);
    await expect(openHdf5(bytesSource('x.h5', bytesOf('plain.h5').slice(0, 3000)))).rejects.toThrow(FormatError);
    expect(said).toEqual([]);
    expect(write).not.toHaveBeenCalled();
  });

  test('an error of the Source is passed on as it is', async () => {
    const source = bytesSource('x.h5', bytesOf('plain.h5'));
    const failing: Source = {
      ...source,
      readSync() {
        throw new FormatError('x.h5', 'the file became shorter while it was read');
      },
    };
    await expect(openHdf5(failing)).rejects.toThrow('x.h5: the file became shorter while it was read');
  });

  test('is made anew where it trapped', async () => {
    const library = (await (await import('h5wasm')).ready) as unknown as { get_names: () => string[] };
    vi.spyOn(library, 'get_names').mockImplementation(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    await expect(open('plain.h5')).rejects.toThrow(/plain.h5: the HDF5 library cannot make sense of it/);
    expect(await (await open('plain.h5')).read('a')).toEqual(goldenValue(golden.files['plain.h5']['a']));
  });

  test('reads beyond 2 GiB: numbers behind a hole of 5 GB', async () => {
    // The user block of an HDF5 file may be any power of two; addresses in the file count from its end.
    const bytes = bytesOf('plain.h5');
    const hole = 2 ** 33;
    const readSync = (offset: number, length: number) => {
      const out = new Uint8Array(length);
      if (offset + length > hole) {
        const from = Math.max(0, offset - hole);
        out.set(bytes.subarray(from, offset + length - hole), Math.max(0, hole - offset));
      }
      return out;
    };
    const source: Source = {
      name: 'far.h5',
      size: hole + bytes.length,
      readSync,
      read: async (o, l) => readSync(o, l),
    };
    expect(await (await openHdf5(source)).read('a')).toEqual(goldenValue(golden.files['plain.h5']['a']));
  });
});

describe('whatever the bytes, the answer is values or a FormatError', () => {
  test.each([
    'matlab.v73.mat',
    'matlab-compressed.v73.mat',
    'classes.v73.mat',
    'bare.v73.mat',
    'self.v73.mat',
    'plain.h5',
    'latest.hdf5',
    'elsewhere.h5',
    'never-written.h5',
  ])('%s', (name) =>
    mutations(bytesOf(name), (bytes) => answersOrFormatError(() => open(name, bytesSource(name, bytes))), {
      numRuns: 60,
    }),
  );
});
