import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';

/**
 * Fills a folder under a temporary name beside its place and moves it there when it is complete: what stood there before stays whole until
 * then, and goes after.
 * @param marker name of a file that says an existing folder is one of this kind and may be replaced
 * @throws UsageError where something else stands at `path`
 */
export async function replaceFolder(
  path: string,
  marker: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  await checkReplaceable(path, marker);
  await mkdir(dirname(target), { recursive: true });
  const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const fresh = join(dirname(target), `.${basename(target)}.${suffix}.tmp`);
  const old = join(dirname(target), `.${basename(target)}.${suffix}.old`);
  const removeFresh = () => rmSync(fresh, { recursive: true, force: true });
  process.once('exit', removeFresh);
  try {
    await mkdir(fresh);
    await fill(fresh);
    const replaced = await rename(target, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await rename(fresh, target);
    } catch (error) {
      if (replaced) await rename(old, target);
      throw error;
    }
    if (replaced) await rm(old, { recursive: true, force: true });
  } finally {
    removeFresh();
    process.off('exit', removeFresh);
  }
}

/**
 * Asserts that `replaceFolder` may put its folder at `path`: nothing stands there, or a folder that is empty or holds `marker`.
 * @throws UsageError where something else does
 */
export async function checkReplaceable(path: string, marker: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR')
      throw new UsageError(`${path}: expected a folder's name to write to, got a file; choose another --out`);
    throw error;
  });
  if (names.length > 0 && !names.includes(marker)) {
    throw new UsageError(
      `${path}: the folder holds other files and no ${marker}, so it is left alone; choose another --out`,
    );
  }
}
