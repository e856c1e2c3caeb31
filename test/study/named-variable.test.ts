import { expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { float64Array } from '../../src/formats/array.ts';
import { namedVariable } from '../../src/study/rdms/named-variable.ts';
import { openedFileOf } from './memory-files.ts';

const fileWith = (names: readonly string[]) =>
  openedFileOf('a.npz', Object.fromEntries(names.map((name) => [name, float64Array([1], [0])])));

it('a variable is found by its name, and one that is not there is told those that are', async () => {
  const file = await fileWith(['EVC', 'IT']);
  expect(namedVariable(file, 'a.npz', 'IT')).toMatchObject({ name: 'IT', shape: [1] });
  expect(() => namedVariable(file, 'a.npz', 'it')).toThrow(
    new UsageError('a.npz: there is no variable it, there is: EVC, IT'),
  );
});

it('of more than 12 variables the first are told, and the closest', async () => {
  const file = await fileWith(Array.from({ length: 20 }, (_, k) => `layer${k}`));
  expect(() => namedVariable(file, 'a.npz', 'layr19')).toThrow(
    /there is: layer0, .*, layer11 \.\.\.; the closest is layer19$/,
  );
});
