import { randomBytes } from 'node:crypto';
import { constants, readSync as fsReadSync, rmSync, type Stats } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { FormatError, UsageError } from '../core/errors.ts';
import type { OpenScratch, Sink, Source } from '../formats/source.ts';
import { makeFolder } from './make-folder.ts';
import { writableTarget } from './writable.ts';

/** A file that is open for reading. */
export interface FileSource extends Source {
  readSync(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

// One read or write call moves at most 2 GiB - 4 KiB on Linux, and 2 GiB - 1 bytes in Node.
const LARGEST_CALL = 1 << 30;
// A pipe that took the file's place after it was looked at must not block either; Windows has no such flag.
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file of any size as a Source.
 * @throws UsageError where there is no such file, it may not be read, or is a folder or a device
 */
export async function openFileSource(path: string): Promise<FileSource> {
  const { handle, size } = await openRegularFile(path).catch((error: unknown) => {
    throw explainOpening(path, error);
  });
  return { ...reading(path, handle, size), close: () => handle.close() };
}

/**
 * Opens what is a file or a link to one; a pipe, which would be waited for, or a device, which has no end, is not even opened.
 * @throws UsageError for a folder, a device or a pipe; the system's own error where it cannot be opened
 */
export async function openRegularFile(path: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  checkRegular(path, await stat(path));
  const handle = await open(path, READ_AT_ONCE);
  try {
    const status = await handle.stat();
    checkRegular(path, status);
    return { handle, size: status.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function checkRegular(path: string, status: Stats): void {
  if (status.isDirectory()) throw new UsageError(`${path}: expected a file, got a folder; name a file inside it`);
  if (!status.isFile()) throw new UsageError(`${path}: expected a regular file, got a device or pipe`);
}

/** Opens a file, hands it to `use`, and closes it whatever happens. */
export function withFileSource<T>(path: string, use: (source: FileSource) => Promise<T>): Promise<T> {
  return withFileSources([path], ([source]) => use(source));
}

/** The same for several files at once. */
export async function withFileSources<T>(
  paths: readonly string[],
  use: (sources: readonly FileSource[]) => Promise<T>,
): Promise<T> {
  const sources: FileSource[] = [];
  try {
    for (const path of paths) sources.push(await openFileSource(path));
    return await use(sources);
  } finally {
    for (const source of sources) await source.close();
  }
}

/**
 * Writes a file under a temporary name in the same folder and renames it when all is on the disk: a full disk, an error or Ctrl-C leaves
 * what stood at `path` before as it was. Missing folders are made.
 * @param path the file
 * @param fill writes the bytes, at any offsets in any order
 * @param options of the file
 * @param options.size length of the file where `fill` leaves parts unwritten; they read as zeros
 * @throws UsageError where `path` is a folder or a device, or its folder cannot be made
 */
export async function writeFileAtomically(
  path: string,
  fill: (sink: Sink) => Promise<void>,
  { size }: { size?: number } = {},
): Promise<void> {
  const target = await writableTarget(path);
  const folder = dirname(target);
  await makeFolder(folder).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new UsageError(`${path}: cannot make the folder ${folder}, a file of that name is in the way`);
    }
    throw error;
  });
  const temporary = join(
    folder,
    `.${basename(target).slice(0, 80)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`,
  );
  removeAtExit(temporary);
  try {
    const handle = await open(temporary, 'wx');
    try {
      if (size !== undefined) await handle.truncate(size);
      await fill({ write: (offset, bytes) => writeFully(handle, offset, bytes) });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainWriting(path, error);
  } finally {
    keepAtExit(temporary);
  }
  await syncFolder(folder);
}

/** Makes temporary files in a folder (the system's by default). They have no name from the start, so that not even a kill leaves one. */
export function openScratchFile(folder: string = tmpdir()): OpenScratch {
  return async (size) => {
    const path = join(folder, `hypercolumn-${process.pid}-${randomBytes(6).toString('hex')}.scratch`);
    const handle = await open(path, 'wx+');
    await unlink(path);
    try {
      await handle.truncate(size);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return {
      ...reading(path, handle, size),
      write: (offset, bytes) => writeFully(handle, offset, bytes),
      dispose: () => handle.close(),
    };
  };
}

function reading(name: string, handle: FileHandle, size: number): Omit<FileSource, 'close'> {
  const allocate = (offset: number, length: number) => {
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw new FormatError(name, `expected ${length} bytes, the file has ${size} in all`, `byte ${offset}`);
    }
    return new Uint8Array(length);
  };
  const shrunk = (offset: number) =>
    new FormatError(name, 'the file became shorter while it was read', `byte ${offset}`);
  return {
    name,
    size,
    async read(offset, length) {
      const bytes = allocate(offset, length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(LARGEST_CALL, length - done), offset + done);
        if (bytesRead === 0) throw shrunk(offset + done);
        done += bytesRead;
      }
      return bytes;
    },
    readSync(offset, length) {
      const bytes = allocate(offset, length);
      for (let done = 0; done < length; ) {
        const bytesRead = fsReadSync(handle.fd, bytes, done, Math.min(LARGEST_CALL, length - done), offset + done);
        if (bytesRead === 0) throw shrunk(offset + done);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

async function writeFully(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(LARGEST_CALL, bytes.length - done);
    done += (await handle.write(bytes, done, length, offset + done)).bytesWritten;
  }
}

/** No room, a quota, a limit of the file system, a broken disk: the system does not say for which file. */
function explainWriting(path: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(code)) return error;
  return new UsageError(
    `${path}: it cannot be written (${(error as Error).message}); make room or write elsewhere, what stood there before is as it was`,
    { cause: error },
  );
}

function explainOpening(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UsageError(`${path}: there is no such file; check the path`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new UsageError(`${path}: the file may not be read; check its permissions`, { cause: error });
  }
  return error;
}

/** Makes the rename itself outlast a power cut, where the system can open folders. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows opens no folders; the file's own bytes are on the disk already.
  }
}

const unfinished = new Set<string>();
const removeUnfinished = () => {
  for (const path of unfinished) rmSync(path, { force: true });
};

function removeAtExit(path: string): void {
  if (unfinished.size === 0) process.on('exit', removeUnfinished);
  unfinished.add(path);
}

function keepAtExit(path: string): void {
  unfinished.delete(path);
  if (unfinished.size === 0) process.off('exit', removeUnfinished);
}
