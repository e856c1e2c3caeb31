import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';

/** Where a process runs; what the choice of the cache folder depends on. */
export interface CacheSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string;
}

/** This process's. */
export function cacheSurroundings(): CacheSurroundings {
  return { env: process.env, platform: process.platform, home: homedir() };
}

const USER_CACHES: Record<string, (around: CacheSurroundings) => string> = {
  darwin: ({ home }) => join(home, 'Library', 'Caches', 'hypercolumn'),
  win32: ({ env, home }) => join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'hypercolumn', 'Cache'),
};

/**
 * The folder for caches and downloads: the one named, else `$HYPERCOLUMN_CACHE`, else the user's cache folder (`$XDG_CACHE_HOME/hypercolumn` or
 * `~/.cache/hypercolumn`; macOS `~/Library/Caches/hypercolumn`; Windows `%LOCALAPPDATA%\hypercolumn\Cache`).
 */
export function chooseCacheFolder(named?: string, around: CacheSurroundings = cacheSurroundings()): string {
  const asked = named || around.env['HYPERCOLUMN_CACHE'];
  if (asked) return resolve(asked);
  const usual = USER_CACHES[around.platform];
  if (usual !== undefined) return usual(around);
  // The XDG specification: a relative path in the variable is invalid and to be ignored.
  const xdg = around.env['XDG_CACHE_HOME'];
  return join(xdg && isAbsolute(xdg) ? xdg : join(around.home, '.cache'), 'hypercolumn');
}

const DEFAULT_LIMIT = 8 * 2 ** 30;
const UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Bytes the cache may take: `$HYPERCOLUMN_CACHE_LIMIT` (`500MB`, `20 GiB`, plain bytes; 0 keeps nothing), 8 GiB by default.
 * @throws UsageError where the variable is no size
 */
export function chooseCacheLimit(env: CacheSurroundings['env'] = process.env): number {
  const text = env['HYPERCOLUMN_CACHE_LIMIT'];
  if (text === undefined || text.trim() === '') return DEFAULT_LIMIT;
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) {
    throw new UsageError(`HYPERCOLUMN_CACHE_LIMIT: expected a size such as 8GiB, 500MB or 0, got ${text}`);
  }
  return Math.floor(Number(digits) * factor);
}
