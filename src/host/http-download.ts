import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';

/** What a transfer says as it goes on. */
export interface Transfer {
  /** Bytes on the disk so far. */
  readonly onBytes: (done: number) => void;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stallMs: number;
}

/** How an attempt to fetch the rest of a file ended. */
export type Attempt =
  /** All bytes are there. `resumed`: some of them are from an earlier attempt. */
  | { readonly kind: 'complete'; readonly resumed: boolean }
  /** No connection came about: worth another attempt only where there was one before. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** Worth another attempt. */
  | { readonly kind: 'interrupted'; readonly reason: string }
  /** The server will not give this file, now or later. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Fetches what is missing of a file into `part`, asking for the rest (Range) if the server still has the same version of it (If-Range),
 * and starting over where it answers with the whole.
 * @param size bytes the file must have
 */
export async function fetchRest(url: string, part: string, size: number, transfer: Transfer): Promise<Attempt> {
  const version = await versionOf(part, url);
  const have = await sizeOf(part);
  if (have === size) return { kind: 'complete', resumed: true };
  const from = have < size && version !== undefined ? have : 0;
  const stall = stallGuard(transfer.stallMs);
  try {
    const response = await ask(url, from, version, stall);
    if ('kind' in response) return response;
    const start = startOf(response, from, size);
    if (typeof start === 'string') {
      await response.body?.cancel().catch(() => undefined);
      return start === 'range' ? await startOver(part) : failureOf(response, start);
    }
    await rememberVersion(part, url, response);
    return await receive(response, part, start, size, transfer, stall);
  } finally {
    stall.stop();
  }
}

// What a machine without a network, or a name or address without a server, says.
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'bad port',
]);

async function ask(
  url: string,
  from: number,
  version: string | undefined,
  stall: StallGuard,
): Promise<Response | Attempt> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (from > 0) headers['range'] = `bytes=${from}-`;
  if (from > 0 && version) headers['if-range'] = version;
  return fetch(url, { headers, signal: stall.signal }).catch(
    (error: unknown): Attempt =>
      UNREACHABLE.has(reasonOf(error))
        ? { kind: 'unreachable', reason: `the server cannot be reached (${reasonOf(error)})` }
        : interrupted(error, stall),
  );
}

function interrupted(error: unknown, stall: StallGuard): Attempt {
  return { kind: 'interrupted', reason: stall.signal.aborted ? 'no data came for a while' : reasonOf(error) };
}

/** Removes a part file and what is remembered of it. */
export async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(versionPath(part), { force: true });
}

/** The byte the answer starts at, or what is wrong with it; `range` where the range asked for cannot be met. */
function startOf(response: Response, from: number, size: number): number | string {
  if (response.status === 416) return 'range';
  if (response.status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    if (Number(start) !== from) return 'range';
    return total === '*' || Number(total) === size
      ? from
      : `expected a file of ${size} bytes, the server's has ${total}`;
  }
  if (response.status !== 200) return `the server answers ${response.status} ${response.statusText}`.trim();
  const type = response.headers.get('content-type') ?? '';
  if (/^text\/html/i.test(type)) return 'the server sends a web page in place of the file';
  const length = response.headers.get('content-length');
  return length === null || Number(length) === size
    ? 0
    : `expected a file of ${size} bytes, the server's has ${length}`;
}

function failureOf(response: Response, reason: string): Attempt {
  const later = response.status >= 500 || response.status === 429 || response.status === 408;
  return { kind: later ? 'interrupted' : 'refused', reason };
}

async function startOver(part: string): Promise<Attempt> {
  await removePart(part);
  return { kind: 'interrupted', reason: 'the server cannot go on where the last download ended' };
}

async function receive(
  response: Response,
  part: string,
  start: number,
  size: number,
  { onBytes }: Transfer,
  stall: StallGuard,
): Promise<Attempt> {
  const file = await open(part, start === 0 ? 'w' : 'r+');
  let done = start;
  try {
    const reader = response.body?.getReader();
    for (;;) {
      const chunk = await reader?.read().catch((error: unknown) => interrupted(error, stall));
      if (chunk !== undefined && 'kind' in chunk) return chunk;
      if (chunk?.value === undefined) break;
      stall.touch();
      if (done + chunk.value.length > size) {
        await reader?.cancel().catch(() => undefined);
        await file.truncate(0);
        return { kind: 'refused', reason: `expected a file of ${size} bytes, the server sends more` };
      }
      await file.write(chunk.value, 0, chunk.value.length, done);
      done += chunk.value.length;
      onBytes(done);
    }
  } finally {
    await file.close();
  }
  if (done === size) return { kind: 'complete', resumed: start > 0 };
  return { kind: 'interrupted', reason: `the connection ended after ${done} of ${size} bytes` };
}

interface StallGuard {
  readonly signal: AbortSignal;
  touch(): void;
  stop(): void;
}

function stallGuard(ms: number): StallGuard {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, touch: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

function versionPath(part: string): string {
  return `${part}.json`;
}

/** Names the version of the file that a part belongs to: a strong ETag or the date of change. */
async function rememberVersion(part: string, url: string, response: Response): Promise<void> {
  const etag = response.headers.get('etag');
  const version = etag?.startsWith('"') ? etag : (response.headers.get('last-modified') ?? '');
  await writeFile(versionPath(part), JSON.stringify({ url, version }));
}

/** What If-Range says of a part; empty where the server named no version, undefined where the part is of another URL. */
async function versionOf(part: string, url: string): Promise<string | undefined> {
  try {
    const said = JSON.parse(await readFile(versionPath(part), 'utf8')) as { url: unknown; version: unknown };
    return said.url === url && typeof said.version === 'string' ? said.version : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** fetch hides why a connection failed in the error's cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') return 'the connection broke off';
  return code ?? (cause === undefined ? messageOf(error) : messageOf(cause));
}
