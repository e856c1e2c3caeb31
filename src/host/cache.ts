import { createHash } from 'node:crypto';
import { access, readdir, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { BlobCache, Sink, Source } from '../formats/source.ts';
import { chooseCacheLimit } from './cache-folder.ts';
import { type FileSource, openFileSource, writeFileAtomically } from './files.ts';
import { makeFolder } from './make-folder.ts';

/** How a cache is kept. */
export interface CacheOptions {
  /** Bytes all entries may take; `chooseCacheLimit()` by default. */
  readonly limit?: number;
  /** Told once where the cache cannot be used. */
  readonly onNotice?: OnNotice;
}

// An entry: magic, bytes of the JSON header, JSON {key, size}, zeros up to a multiple of 64, then the blob.
const MAGIC = 'HYPCOL01';
const PREFIX_BYTES = MAGIC.length + 4;
const ALIGNMENT = 64;
const LARGEST_HEADER = 1 << 20;
const ENTRY_NAME = /^[0-9a-f]{64}\.blob$/;
const TEMPORARY_NAME = /^\.[0-9a-f]{64}\.blob\..*\.tmp$/;
// A temporary file that nobody has written to for a day was left by a process that was killed.
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * A cache of blobs in a folder, bounded in size: what was used longest ago goes first. Processes may share it: an entry appears whole, by a
 * rename, or not at all, and one that another process removes while it is read stays readable (on Windows it cannot be removed then).
 *
 * A cache is never a reason to fail: an entry that is damaged is removed and missed, and where the folder cannot be written or the disk is
 * full nothing is kept, said once. `store` runs `fill` exactly once to its end even then; only what `fill` itself throws is passed on.
 */
export function openCache(folder: string, options: CacheOptions = {}): BlobCache {
  const { limit = chooseCacheLimit(), onNotice } = options;
  const blobs = blobFolder(folder);
  let said = false;
  const giveUp = (error: unknown) => {
    const reason = error instanceof Error ? (error.cause ?? error) : error; // the way out of a full disk is not the cache's
    if (!said) onNotice?.(`cache ${folder}: cannot be used, going on without it (${messageOf(reason)})`);
    said = true;
  };
  return {
    async open(key) {
      const path = join(blobs, fileNameOf(key));
      const source = await openEntry(path, key).catch((error: unknown) => {
        giveUp(error);
        return undefined;
      });
      if (source !== undefined) {
        const now = new Date();
        await utimes(path, now, now).catch(() => undefined); // a cache that may only be read still serves
      }
      return source;
    },
    async store(key, size, fill) {
      const header = headerOf(key, size);
      const total = header.length + size;
      if (total > limit) return fill(NOWHERE);
      let fillError: { error: unknown } | undefined;
      let filled = false;
      const path = join(blobs, fileNameOf(key));
      try {
        await makeCacheFolder(folder, blobs);
        await makeRoom(blobs, limit - total);
        await writeFileAtomically(
          path,
          async (file) => {
            await file.write(0, header);
            const { sink, failure } = tolerant(file, header.length, size);
            filled = true;
            await fill(sink).catch((error: unknown) => {
              fillError = { error };
              throw error;
            });
            if (failure() !== undefined) throw failure();
          },
          { size: total },
        );
        await makeRoom(blobs, limit);
      } catch (error) {
        if (fillError !== undefined) throw fillError.error;
        giveUp(error);
        if (!filled) await fill(NOWHERE);
      }
    },
  };
}

/** What a cache holds. */
export interface CacheContents {
  readonly entries: number;
  readonly bytes: number;
}

/** Counts the entries and their bytes; a folder that is not there holds none. */
export async function cacheContents(folder: string): Promise<CacheContents> {
  const entries = await listFiles(blobFolder(folder), ENTRY_NAME);
  return { entries: entries.length, bytes: totalBytes(entries) };
}

/**
 * Removes every entry, and nothing that this library did not write.
 * @returns what was removed
 */
export async function clearCache(folder: string): Promise<CacheContents> {
  const blobs = blobFolder(folder);
  const entries = await listFiles(blobs, ENTRY_NAME);
  for (const { path } of entries) await rm(path, { force: true });
  await removeAbandoned(blobs);
  await rmdir(blobs).catch(() => undefined); // not empty: another process is writing
  return { entries: entries.length, bytes: totalBytes(entries) };
}

function blobFolder(folder: string): string {
  return join(folder, 'blobs');
}

function fileNameOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}.blob`;
}

function headerOf(key: string, size: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ key, size }));
  const header = new Uint8Array(Math.ceil((PREFIX_BYTES + json.length) / ALIGNMENT) * ALIGNMENT);
  header.set(new TextEncoder().encode(MAGIC));
  new DataView(header.buffer).setUint32(MAGIC.length, json.length, true);
  header.set(json, PREFIX_BYTES);
  return header;
}

// Closes the file of an entry when nothing can read it any more: a Source has no close.
const forgotten = new FinalizationRegistry((file: FileSource) => {
  file.close().catch(() => undefined);
});

async function openEntry(path: string, key: string): Promise<Source | undefined> {
  if (!(await exists(path))) return undefined;
  const file = await openFileSource(path).catch(async (error: unknown) => {
    if (!(await exists(path))) return undefined; // another process removed it in between
    throw error;
  });
  if (file === undefined) return undefined;
  const header = await readHeader(file, key).catch(() => undefined);
  if (header === undefined) {
    await file.close();
    await rm(path, { force: true });
    return undefined;
  }
  const { offset, size } = header;
  const held = { file }; // lives as long as either function does, even apart from the Source
  forgotten.register(held, file);
  return {
    name: path,
    size,
    read: (from, length) => held.file.read(offset + from, length),
    readSync: (from, length) => held.file.readSync(offset + from, length),
  };
}

/** Where the blob lies; undefined where the file is no whole entry of this key. */
async function readHeader(file: Source, key: string): Promise<{ offset: number; size: number } | undefined> {
  if (file.size < PREFIX_BYTES) return undefined;
  const prefix = await file.read(0, PREFIX_BYTES);
  if (new TextDecoder('latin1').decode(prefix.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC.length, true);
  if (length > LARGEST_HEADER || PREFIX_BYTES + length > file.size) return undefined;
  const said: unknown = JSON.parse(new TextDecoder().decode(await file.read(PREFIX_BYTES, length)));
  const { key: saidKey, size } = said as { key: unknown; size: unknown };
  const offset = Math.ceil((PREFIX_BYTES + length) / ALIGNMENT) * ALIGNMENT;
  return saidKey === key && typeof size === 'number' && offset + size === file.size ? { offset, size } : undefined;
}

const NOWHERE: Sink = { write: async () => undefined };

/** A sink that swallows a failing disk: whoever fills it may be computing what others need. */
function tolerant(file: Sink, offset: number, size: number): { sink: Sink; failure: () => unknown } {
  let failure: unknown;
  return {
    sink: {
      async write(at, bytes) {
        if (at + bytes.length > size) {
          throw new RangeError(
            `cache entry of ${size} bytes: a write of ${bytes.length} bytes at ${at} passes its end`,
          );
        }
        if (failure === undefined) {
          await file.write(offset + at, bytes).catch((error: unknown) => {
            failure = error;
          });
        }
      },
    },
    failure: () => failure,
  };
}

async function makeCacheFolder(folder: string, blobs: string): Promise<void> {
  await makeFolder(blobs);
  const tag = 'Signature: 8a477f597d28d172789f06886806bc55\n# A cache of hypercolumn; backups may leave it out.\n';
  await writeFile(join(folder, 'CACHEDIR.TAG'), tag, { flag: 'wx' }).catch(() => undefined); // it stands already
}

interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAt: number;
}

async function listFiles(blobs: string, pattern: RegExp): Promise<CacheFile[]> {
  const names = await readdir(blobs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files: CacheFile[] = [];
  for (const name of names) {
    if (!pattern.test(name)) continue;
    const path = join(blobs, name);
    const status = await stat(path).catch(() => undefined); // gone in between
    if (status !== undefined) files.push({ path, bytes: status.size, usedAt: status.mtimeMs });
  }
  return files;
}

function totalBytes(files: readonly CacheFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Removes what was used longest ago until all entries take at most so many bytes. */
async function makeRoom(blobs: string, bytes: number): Promise<void> {
  await removeAbandoned(blobs);
  const entries = (await listFiles(blobs, ENTRY_NAME)).sort((a, b) => a.usedAt - b.usedAt);
  let total = totalBytes(entries);
  for (const entry of entries) {
    if (total <= bytes) return;
    await rm(entry.path, { force: true });
    total -= entry.bytes;
  }
}

async function removeAbandoned(blobs: string): Promise<void> {
  for (const { path, usedAt } of await listFiles(blobs, TEMPORARY_NAME)) {
    if (Date.now() - usedAt > ABANDONED_MS) await rm(path, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
