import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/formats/open.ts';
import { canonical, expected, goldenSource, readAll } from './golden.ts';

describe('files that numpy and torch wrote hold the same numbers here', () => {
  for (const [name, { entries, metadata = {} }] of Object.entries(expected.files)) {
    test(name, async () => {
      const file = await openFile(goldenSource(name));
      const spelt = Object.entries(entries).map(([entry, { dtype, shape, data }]) => {
        return [entry, { dtype, shape, data: dtype === 'text' ? data : data.map(canonical) }];
      });
      expect(await readAll(file)).toEqual(Object.fromEntries(spelt));
      expect(file.metadata).toMatchObject(metadata);
    });
  }
});

describe('types that cannot be read are shown, and refused with a reason', () => {
  for (const [name, dtype, reason] of [
    ['refused-object.npy', 'object', /pickled Python objects/],
    ['refused-structured.npy', 'structured', /save each field/],
    ['refused-dates.npy', 'datetime64', /dates/],
    ['refused-long.npy', 'float128', /save it as float64/],
  ] as const) {
    test(name, async () => {
      const file = await openFile(goldenSource(name));
      expect(file.entries[0].dtype).toBe(dtype);
      await expect(file.read('data')).rejects.toThrow(reason);
    });
  }
});
