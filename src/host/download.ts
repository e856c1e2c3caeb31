import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError, UsageError } from '../core/errors.ts';
import type { OnNotice, OnProgress } from '../core/progress.ts';
import { fetchRest, removePart } from './http-download.ts';
import { withLock } from './lock.ts';
import { makeFolder } from './make-folder.ts';

/** A file of the web whose contents are known. */
export interface RemoteFile {
  /** What the user calls it. */
  readonly name: string;
  readonly fileName: string;
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Other sources, to be fetched by hand. */
  readonly elsewhere: readonly string[];
}

/** How a file is downloaded. */
export interface DownloadOptions {
  /** Another place of the same file, such as a mirror; its contents are checked alike. */
  readonly url?: string;
  readonly onProgress?: OnProgress;
  readonly onNotice?: OnNotice;
  /** Milliseconds to wait before each further attempt; an attempt that brought bytes starts the list anew. */
  readonly waits?: readonly number[];
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs?: number;
}

const MEGABYTE = 1e6;

/** Where downloaded weights lie in a cache folder. */
export function weightsFolder(cacheFolder: string): string {
  return join(cacheFolder, 'weights');
}

/**
 * Downloads a file into the cache folder, or finds that it is there. What came before a broken connection is kept and gone on from, also by
 * a later call. The file appears under its name only when its size and SHA-256 are right; of two processes one downloads, the other waits.
 * @returns the file's path
 * @throws UsageError where the server cannot be reached or does not have the file: it says which file to put where by hand
 * @throws FormatError where the server's file is another one
 */
export async function downloadFile(
  file: RemoteFile,
  cacheFolder: string,
  { url = file.url, onProgress, onNotice, waits = [1000, 3000, 10_000], stallMs = 30_000 }: DownloadOptions = {},
): Promise<string> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new UsageError(`${url}: expected a URL of http or https`);
  const folder = weightsFolder(cacheFolder);
  await makeFolder(folder);
  const path = join(folder, file.fileName);
  if (await isIntact(file, path)) {
    onNotice?.(`${path} is there already, its size and sha256 are right`);
    return path;
  }
  const say = () => onNotice?.(`${file.fileName}: another process is downloading it; waiting`);
  return withLock(
    `${path}.lock`,
    async () => {
      if (await isIntact(file, path)) return path; // the other process has brought it
      const part = `${path}.part`;
      const onBytes = (bytes: number) =>
        onProgress?.({
          phase: `downloading ${file.fileName}`,
          done: bytes === file.size ? Math.ceil(bytes / MEGABYTE) : Math.floor(bytes / MEGABYTE),
          total: Math.ceil(file.size / MEGABYTE),
          detail: 'MB',
        });
      await fetchChecked(file, url, part, path, { onBytes, stallMs, waits, onNotice });
      await rename(part, path);
      await removePart(part);
      return path;
    },
    say,
  );
}

interface Fetching {
  readonly onBytes: (bytes: number) => void;
  readonly stallMs: number;
  readonly waits: readonly number[];
  readonly onNotice: OnNotice | undefined;
}

/** Fetches all of a file into `part` and checks its contents; what was pieced together of two versions is fetched once more. */
async function fetchChecked(
  file: RemoteFile,
  url: string,
  part: string,
  path: string,
  fetching: Fetching,
): Promise<void> {
  for (let round = 1; ; round++) {
    const { resumed } = await fetchAll(file, url, part, path, fetching);
    const digest = await sha256OfFile(part);
    if (digest === file.sha256) return;
    await removePart(part);
    if (!resumed || round === 2) {
      throw new FormatError(
        url,
        `expected sha256 ${file.sha256}, got ${digest}; the server has another or a damaged file. ${byHand(file, path)}`,
      );
    }
    fetching.onNotice?.(`${file.fileName}: the parts do not belong together; downloading it anew`);
  }
}

async function fetchAll(
  file: RemoteFile,
  url: string,
  part: string,
  path: string,
  { onBytes, stallMs, waits, onNotice }: Fetching,
): Promise<{ resumed: boolean }> {
  const before = await sizeOrZero(part);
  let best = before;
  for (let attempt = 0; ; ) {
    const outcome = await fetchRest(url, part, file.size, { onBytes, stallMs });
    if (outcome.kind === 'complete') return outcome;
    const have = await sizeOrZero(part);
    if (have > best) [best, attempt] = [have, 0];
    const hopeless = outcome.kind === 'refused' || (outcome.kind === 'unreachable' && best === before);
    if (hopeless || attempt === waits.length) {
      const kept = have > 0 ? ` ${have} of ${file.size} bytes are kept for the next try.` : '';
      throw new UsageError(`${url}: ${outcome.reason}.${kept} ${byHand(file, path)}`);
    }
    const seconds = waits[attempt] / 1000;
    onNotice?.(`${file.fileName}: ${outcome.reason}; trying again in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, waits[attempt]));
    attempt++;
  }
}

/** What to do where the network does not help. */
function byHand(file: RemoteFile, path: string): string {
  const others = file.elsewhere
    .map((other) => `; or name the file of ${other} in your study (backbone.weights)`)
    .join('');
  return `To do it by hand put ${file.fileName} (${file.size} bytes, sha256 ${file.sha256}) at ${path}${others}`;
}

/**
 * Path of weights that were downloaded, or put into their place by hand, before.
 * @param weightsBy how the user may name a file instead, for the message
 * @throws UsageError where they are not there (it names the command that brings them)
 * @throws FormatError where another file lies in their place
 */
export async function findWeights(file: RemoteFile, cacheFolder: string, weightsBy: string): Promise<string> {
  const path = join(weightsFolder(cacheFolder), file.fileName);
  const size = await stat(path).then(
    (status) => status.size,
    () => undefined,
  );
  if (size === undefined) {
    throw new UsageError(
      `${file.name}: its weights are not at ${path}; run hypercolumn weights ${file.name}, or name a file by ${weightsBy}`,
    );
  }
  const digest = size === file.size ? await sha256OfFile(path) : undefined;
  if (digest !== file.sha256) {
    const got = digest === undefined ? `${size} bytes` : `sha256 ${digest}`;
    throw new FormatError(
      path,
      `expected ${file.size} bytes of sha256 ${file.sha256}, got ${got}; run hypercolumn weights ${file.name} to replace it`,
    );
  }
  return path;
}

async function isIntact(file: RemoteFile, path: string): Promise<boolean> {
  return (await sizeOrZero(path)) === file.size && (await sha256OfFile(path)) === file.sha256;
}

/** The hexadecimal SHA-256 of a file of any size, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function sizeOrZero(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
