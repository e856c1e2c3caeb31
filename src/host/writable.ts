import { existsSync, mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UsageError } from '../core/errors.ts';

/**
 * Asserts that a file can be made or replaced at `path`, before hours of work: no folder or device stands there, and the nearest folder above it
 * that exists may be written to.
 * @param path the file, or a link to it
 * @throws UsageError where something else stands there, or that folder is a file or may not be written to
 */
export async function checkWritable(path: string): Promise<void> {
  await checkFolderAbove(await writableTarget(path), path);
}

/**
 * Where the bytes go: behind a symbolic link its target, so that the link stays.
 * @throws UsageError where it is a folder or a device
 */
export async function writableTarget(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return path;
  if (status.isDirectory()) throw new UsageError(`${path}: expected a file's name to write to, got a folder`);
  if (!status.isFile()) throw new UsageError(`${path}: expected a regular file to write to, got a device or pipe`);
  return realpath(path);
}

/**
 * Asserts that something can be put beside or in place of `target`.
 * @param path what the user calls it
 * @throws UsageError where the nearest folder above it that exists is a file or may not be written to
 */
export async function checkFolderAbove(target: string, path: string): Promise<void> {
  const folder = dirname(resolve(target));
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw notWritable(path, folder);
  });
  if (status === undefined && dirname(folder) !== folder) return checkFolderAbove(folder, path);
  if (status?.isDirectory() === false) {
    throw new UsageError(`${path}: ${folder} is a file, so no folder can be made there; choose another --out`);
  }
  await access(folder, constants.W_OK | constants.X_OK).catch(() => {
    throw notWritable(path, folder);
  });
}

/**
 * Asserts that a folder can be made and written into, by doing so: permissions do not tell of places where the system makes none, such as
 * /sys. What was made is gone again before anything else has its turn, Ctrl-C included.
 * @param folder one that is not there
 * @param path what the user calls it
 * @throws UsageError with what the system says
 */
export function tryFolder(folder: string, path: string): void {
  const missing: string[] = [];
  for (let each = resolve(folder); !existsSync(each); each = dirname(each)) missing.unshift(each);
  const made: string[] = [];
  try {
    for (const each of missing) {
      mkdirSync(each);
      made.unshift(each);
    }
    const file = join(folder, 'empty');
    writeFileSync(file, '', { flag: 'wx' });
    unlinkSync(file);
  } catch (error) {
    throw new UsageError(
      `${path}: no folder can be made and written there (${messageOf(error)}); choose another --out`,
      {
        cause: error,
      },
    );
  } finally {
    for (const each of made) removeEmpty(each);
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // another process has put something into it meanwhile
  }
}

function notWritable(path: string, folder: string): UsageError {
  return new UsageError(
    `${path}: the folder ${folder} may not be written to; change its permissions or choose another --out`,
  );
}
