import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../src/host/make-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('makes a folder and all that are missing above it, and leaves one that is there', async () => {
  const folder = join(temporaryFolder(), 'a', 'b', 'c');
  await makeFolder(folder);
  await writeFile(join(folder, 'kept'), 'x');
  await makeFolder(folder);
  expect((await stat(join(folder, 'kept'))).size).toBe(1);
});

test('two that make the same folders at once do not meet in an error', async () => {
  const folder = join(temporaryFolder(), 'a', 'b', 'c');
  await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(join(folder, 'd'))]);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test('a file where a folder must be is an error', async () => {
  const file = join(temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(makeFolder(join(file, 'folder'))).rejects.toThrow(/ENOTDIR|EEXIST|not a directory/);
  await expect(makeFolder(file)).rejects.toThrow(/EEXIST/);
});

test.runIf(existsSync('/proc/self'))(
  'returns with an error where the system makes no folders, as under /proc',
  async () => {
    await expect(makeFolder('/proc/there-is-none/folder')).rejects.toThrow(/ENOENT|EPERM|EACCES/);
  },
);
