import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as h5wasm from 'h5wasm';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { float64Array, type NumericArray, type NumericDtype, numericArray } from '../../src/formats/array.ts';
import { type Hdf5Group, writeHdf5 } from '../../src/formats/hdf5-write.ts';
import { allocateNumbers } from '../../src/formats/numbers.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import golden from '../golden/rsatoolbox-files/expected.json' with { type: 'json' };

async function written(root: Hdf5Group): Promise<Uint8Array> {
  const sink = memorySink();
  await writeHdf5(sink, root);
  return sink.bytes().slice();
}

/** What h5wasm's own reader says of each object of a file, as h5py says it in the golden file. */
async function structureOf(bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { FS } = await h5wasm.ready;
  FS.writeFile('structure.h5', bytes);
  const file = new h5wasm.File('structure.h5', 'r');
  const found: Record<string, unknown> = {};
  for (const path of ['/', ...file.paths()]) {
    const item = file.get(path) as h5wasm.Group | h5wasm.Dataset;
    const attributes = Object.entries(item.attrs).map(([name, attribute]) => [
      name,
      { text: attribute.value, variable: attribute.metadata.vlen },
    ]);
    found[path] = { attributes: Object.fromEntries(attributes) };
    if (!(item instanceof h5wasm.Dataset)) continue;
    const { metadata, shape } = item;
    const isText = metadata.type === 3;
    const dtype = isText ? 'text' : { '<q': 'int64', '<d': 'float64' }[item.dtype as string];
    const encoding = isText && { encoding: metadata.cset === 0 && !metadata.vlen ? 'ascii' : 'utf-8' };
    const values = isText ? item.value : nested(Array.from(item.value as ArrayLike<number>, Number), shape!);
    Object.assign(found[path] as object, { shape, dtype, ...encoding, values });
  }
  file.close();
  FS.unlink('structure.h5');
  return found;
}

function nested(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length < 2) return values;
  return Array.from({ length: shape[0] }, (_, row) => values.slice(row * shape[1], (row + 1) * shape[1]));
}

const rdms = golden['export.h5'];
const text = (data: readonly string[]) => ({ kind: 'text', shape: [data.length], data }) as const;
const counted = (n: number) =>
  numericArray(
    'int64',
    [n],
    BigInt64Array.from({ length: n }, (_, k) => BigInt(k)),
  );
const { name, kind, set } = {
  name: rdms['rdm_descriptors/name'].values,
  kind: rdms['rdm_descriptors/kind'].values,
  set: rdms['rdm_descriptors/set'].values,
};
const exported: Hdf5Group = {
  attributes: { rsatoolbox_version: '0.3.0', dissimilarity_measure: 'mixed' },
  datasets: { dissimilarities: float64Array([3, 15], rdms.dissimilarities.values.flat()) },
  groups: {
    descriptors: { attributes: { hypercolumn: '0.0.0', run: 'runs/a' } },
    rdm_descriptors: { datasets: { index: counted(3), name: text(name), kind: text(kind), set: text(set) } },
    pattern_descriptors: { datasets: { index: counted(6), name: text(rdms['pattern_descriptors/name'].values) } },
  },
};

const check = fileURLToPath(new URL('../golden/rsatoolbox-files/check.py', import.meta.url));
const hasH5py = spawnSync('/usr/bin/python3', ['-c', 'import h5py']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'hdf5-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeHdf5', () => {
  it('makes of the same RDMs the objects, types, attributes and values that h5py made where it wrote as rsatoolbox does', async () => {
    expect(await structureOf(await written(exported))).toEqual(rdms);
  });

  // h5py is Debian's, which a clone need not have; the structure above is tested without it.
  it.skipIf(!hasH5py)('writes what opens in h5py as rsatoolbox opens it, names beyond ASCII too', async () => {
    const path = join(folder, 'export.h5');
    const names = ['été.jpg', '顔', '', 'd', 'e', 'f'];
    const other = {
      ...exported,
      groups: {
        ...exported.groups,
        pattern_descriptors: { attributes: { name: names }, datasets: { index: counted(6) } },
      },
    };
    for (const [file, expected] of [[exported, rdms['pattern_descriptors/name'].values] as const, [other, names]]) {
      writeFileSync(path, await written(file as Hdf5Group));
      const seen = JSON.parse(execFileSync('/usr/bin/python3', [check, path], { encoding: 'utf8' }));
      expect(seen).toEqual({
        dissimilarities: rdms.dissimilarities.values,
        dtype: 'float64',
        dissimilarity_measure: 'mixed',
        descriptors: { hypercolumn: '0.0.0', run: 'runs/a' },
        rdm_descriptors: { index: [0, 1, 2], name, kind, set },
        pattern_descriptors: { index: [0, 1, 2, 3, 4, 5], name: expected },
      });
    }
  });

  const dtypes = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64'];
  const numbers = fc
    .tuple(
      fc.constantFrom(...(dtypes as NumericDtype[])),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 3 }),
    )
    .chain(([dtype, rows, columns]) =>
      fc
        .array(fc.integer({ min: 0, max: 127 }), { minLength: rows * columns, maxLength: rows * columns })
        .map((values) => {
          const data = allocateNumbers(dtype, rows * columns);
          const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
          for (const [k, value] of values.entries()) data[k] = isBig ? BigInt(value) : value;
          return numericArray(dtype, [rows, columns], data);
        }),
    );
  const ascii = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 6 }), { maxLength: 5 }).map(text);
  const key = fc.stringMatching(/^[a-z]{1,8}$/);

  it('writes what reads back the same, and the same arrays as the same bytes, also at another time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.oneof(numbers, ascii)), async (datasets) => {
        const bytes = await written({ groups: { group: { datasets } } });
        const file = await openFile(bytesSource('some.h5', bytes));
        expect(file.entries.map((entry) => entry.name).sort()).toEqual(
          Object.keys(datasets)
            .map((each) => `group/${each}`)
            .sort(),
        );
        for (const [each, array] of Object.entries(datasets)) expect(await file.read(`group/${each}`)).toEqual(array);
        vi.advanceTimersByTime(86_400_000);
        expect(await written({ groups: { group: { datasets } } })).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
    vi.useRealTimers();
  });

  it('refuses what HDF5 or its readers would not take, with the way out', async () => {
    const refused = (root: Hdf5Group) => expect(written(root)).rejects;
    await refused({ datasets: { names: text(['a', 'é']) } }).toThrow(/names: expected ASCII text, got "é"/);
    await refused({ datasets: { 'a/b': counted(1) } }).toThrow(/a name without a slash, got "a\/b"/);
    await refused({ groups: { '': {} } }).toThrow(UsageError);
    const complex: NumericArray = numericArray('complex64', [1], new Float32Array(2));
    await refused({ datasets: { z: complex } }).toThrow(/got complex64/);
    await refused({ datasets: { z: float64Array([2, 3], [1]) } }).toThrow(ShapeError);
    await refused({ attributes: { names: new Array<string>(5000).fill('x') } }).toThrow(
      /room for 4000 texts, got 5000/,
    );
    expect(await structureOf(await written(exported))).toEqual(rdms);
  });
});
