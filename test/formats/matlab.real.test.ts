import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { NumericArray } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { withFileSource } from '../../src/host/files.ts';

const folder = join(process.env['HYPERCOLUMN_DATA'] ?? '', 'data', 'algonauts2019');

/** Every variable of a file. */
async function readAll(...path: string[]) {
  return withFileSource(join(folder, ...path), async (source) => {
    const file = await openFile(source);
    const arrays: Record<string, NumericArray> = {};
    for (const { name } of file.entries) arrays[name] = (await file.read(name)) as NumericArray;
    return { format: file.format, entries: file.entries, arrays };
  });
}

test.each([92, 118])(
  'the challenge keeps the fMRI RDMs of its %i images in a MAT 7.3 file: subjects first',
  async (n) => {
    const { format, entries, arrays } = await readAll(String(n), 'target_fmri.mat');
    expect(format).toBe('mat7.3');
    expect(entries).toEqual(['EVC_RDMs', 'IT_RDMs'].map((name) => ({ name, dtype: 'float64', shape: [15, n, n] })));
    for (const { data } of Object.values(arrays)) {
      const at = (subject: number, i: number, j: number) => Number(data[(subject * n + i) * n + j]);
      let worst = 0;
      let nOutside = 0;
      for (let subject = 0; subject < 15; subject++) {
        for (let i = 0; i < n; i++) {
          worst = Math.max(worst, Math.abs(at(subject, i, i)));
          for (let j = 0; j < i; j++) {
            worst = Math.max(worst, Math.abs(at(subject, i, j) - at(subject, j, i)));
            if (!(at(subject, i, j) > 0 && at(subject, i, j) < 2)) nOutside++;
          }
        }
      }
      expect(worst).toBeLessThan(1e-12);
      expect(nOutside).toBe(0);
    }
  },
);

// Values read with h5py 3.7.0: file['EVC_RDMs'][()].transpose()[subject, i, j].
test('numbers of the 92 images are those that h5py reads', async () => {
  const { arrays } = await readAll('92', 'target_fmri.mat');
  const at = (name: string, subject: number, i: number, j: number) => arrays[name].data[(subject * 92 + i) * 92 + j];
  expect([at('EVC_RDMs', 0, 0, 1), at('EVC_RDMs', 14, 90, 3), at('IT_RDMs', 7, 10, 55)]).toEqual([
    0.5811816940424833, 0.2666951248184648, 0.23398356673606924,
  ]);
});

// The same 92 EVC RDMs are there once more as a file of numpy's.
test('numbers of the 92 images are those of the .npz beside them', async () => {
  const mat = await readAll('92', 'target_fmri.mat');
  const npz = await readAll('92', 'fmri_EVC_RDMs.npz');
  expect(npz.arrays['Net_RDM'].shape).toEqual(mat.arrays['EVC_RDMs'].shape);
  expect(npz.arrays['Net_RDM'].data).toEqual(mat.arrays['EVC_RDMs'].data);
});

test('an example submission is a MAT 5 file of two RDMs', async () => {
  const { format, entries } = await readAll('92', 'example_submission_fmri.mat');
  expect(format).toBe('mat5');
  expect(entries).toEqual(['EVC_RDMs', 'IT_RDMs'].map((name) => ({ name, dtype: 'float64', shape: [92, 92] })));
});
