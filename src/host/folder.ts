import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { makeFolder } from './make-folder.ts';
import { checkFolderAbove, tryFolder } from './writable.ts';

/** What file managers leave in folders that one has looked at. */
const LITTER = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/**
 * Fills a folder under a temporary name beside its place and moves it there when it is complete: what stood there before stays whole until
 * then, and goes after.
 * @param path where the folder goes
 * @param names everything that a folder of this kind may hold; the first one is in all of them and in no other. `figures/map-*.svg` is a file in a
 *   folder of it that is named too; where a folder has none of these, it may hold anything
 * @param fill writes the files into the folder it is given
 * @throws UsageError where something else stands at `path`, or the folder holds anything beside `names`
 */
export async function replaceFolder(
  path: string,
  names: readonly string[],
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const target = resolve(path);
  await checkContents(path, names);
  await makeFolder(dirname(target));
  const { fresh, old } = namesBeside(target);
  const removeFresh = () => rmSync(fresh, { recursive: true, force: true });
  process.once('exit', removeFresh);
  try {
    await mkdir(fresh);
    await fill(fresh);
    if (moveIntoPlace(fresh, target, old)) await rm(old, { recursive: true, force: true });
  } finally {
    removeFresh();
    process.off('exit', removeFresh);
  }
}

/** Names for a folder that is being filled, and for the one that it replaces. */
function namesBeside(target: string): { readonly fresh: string; readonly old: string } {
  const own = `.${basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}`;
  return { fresh: join(dirname(target), `${own}.tmp`), old: join(dirname(target), `${own}.old`) };
}

/**
 * Both renames in one turn of the event loop, so that Ctrl-C cannot come between them and leave no folder at all.
 * @returns whether there was a folder, which now is at `old`
 */
function moveIntoPlace(fresh: string, target: string, old: string): boolean {
  const replaced = renameIfThere(target, old);
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (replaced) renameSync(old, target);
    throw error;
  }
  return replaced;
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Asserts that `replaceFolder` may put its folder at `path`, and can: nothing stands there, or a folder that is empty, or one that holds the
 * first of `names` and nothing beside them; and a folder beside it can be made, which is tried.
 * @param path where the folder is to go
 * @param names as in `replaceFolder`
 * @throws UsageError where something else does, or no folder can be made there
 */
export async function checkReplaceable(path: string, names: readonly string[]): Promise<void> {
  await checkContents(path, names);
  await checkFolderAbove(path, path);
  tryFolder(namesBeside(resolve(path)).fresh, path);
}

async function checkContents(path: string, names: readonly string[]): Promise<void> {
  const there = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT' || (error.code === 'ENOTDIR' && !existsSync(path))) return [];
    if (error.code === 'ENOTDIR')
      throw new UsageError(`${path}: expected a folder's name to write to, got a file; choose another --out`);
    throw error;
  });
  const meant = there.filter((name) => !LITTER.includes(name) && !isHalfWritten(name, names));
  if (meant.length > 0 && !meant.includes(names[0])) {
    throw new UsageError(
      `${path}: the folder holds other files and no ${names[0]}, so it is left alone; choose another --out`,
    );
  }
  const others = meant.filter((name) => !names.includes(name));
  for (const name of meant) others.push(...(await strangersIn(path, name, names)));
  if (others.length > 0) {
    throw new UsageError(
      `${path}: the folder would be replaced, but holds ${others.slice(0, 3).join(', ')} too, so it is left alone; move ${others.length === 1 ? 'that' : 'those'} away or choose another --out`,
    );
  }
}

/** What a folder inside holds beside the files that `names` has of it. */
async function strangersIn(path: string, folder: string, names: readonly string[]): Promise<string[]> {
  const files = names.flatMap((name) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : []));
  if (files.length === 0) return [];
  const there = await readdir(join(path, folder)).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOTDIR') return [];
    throw error;
  });
  return there
    .filter((name) => !LITTER.includes(name) && !isHalfWritten(name, files) && !files.some((file) => fits(name, file)))
    .map((name) => `${folder}/${name}`);
}

/** Whether a name is this one, in which `*` stands for anything. */
function fits(name: string, pattern: string): boolean {
  const [start, ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  const end = rest.at(-1)!;
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
}

/** Whether a file is what a process that was killed left of writing one of these: `.name.123-4abc.tmp`. */
function isHalfWritten(name: string, names: readonly string[]): boolean {
  const whole = /^\.(.+)\.[^.]+\.tmp$/.exec(name)?.[1];
  return whole !== undefined && names.some((each) => fits(whole, each));
}

/**
 * Removes a folder with all that is in it; none there is fine.
 * @param path the folder
 * @param names as in `replaceFolder`
 * @throws UsageError where it does not hold the first of `names`, or anything beside them
 */
export async function removeFolder(path: string, names: readonly string[]): Promise<void> {
  await checkContents(path, names);
  await rm(path, { recursive: true, force: true });
}

/** Whether there is a file or folder. */
export async function isThere(path: string): Promise<boolean> {
  return existsSync(path);
}
