import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

const HEARTBEAT_MS = 5_000;
const POLL_MS = 250;
/** A lock nobody has touched for so long was left by a process that was killed, on this machine or another. */
const ABANDONED_MS = 60_000;

/**
 * Runs `work` while no other process (on this machine or on one that shares the folder) holds the lock file. A lock whose process has
 * died is taken over.
 * @param path name of the lock file; its folder exists
 * @param onWait called once if another holds the lock
 */
export async function withLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const token = JSON.stringify({ pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') });
  let waiting = false;
  while (!(await take(path, token))) {
    if (await isAbandoned(path)) {
      await takeAway(path);
      continue;
    }
    if (!waiting) onWait?.();
    waiting = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const release = () => {
    // A process that slept for longer than a lock lives may find that another has taken it.
    if (readOrEmpty(path) === token) rmSync(path, { force: true });
  };
  process.on('exit', release);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function take(path: string, token: string): Promise<boolean> {
  return writeFile(path, token, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_MS) return true;
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as { pid: number; host: string };
    return host === hostname() && !isRunning(pid);
  } catch {
    return false; // released in between, or not yet written: ask again
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes an abandoned lock by a rename, which only one of several waiting processes can do; one that was taken meanwhile is put back. */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return; // another process was faster
  }
  if (!(await isAbandoned(aside))) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
