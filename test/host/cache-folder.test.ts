import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { chooseCacheFolder, chooseCacheLimit } from '../../src/host/cache-folder.ts';

const around = (platform: string, env: Record<string, string> = {}) => ({ platform, env, home: '/home/ada' });

describe('the cache folder', () => {
  it('is the one that is named, then that of HYPERCOLUMN_CACHE', () => {
    const env = { HYPERCOLUMN_CACHE: '/big/disk', XDG_CACHE_HOME: '/xdg' };
    expect(chooseCacheFolder('here', around('linux', env))).toBe(resolve('here'));
    expect(chooseCacheFolder(undefined, around('darwin', env))).toBe('/big/disk');
  });

  it("is else in the user's cache folder of the platform", () => {
    expect(chooseCacheFolder(undefined, around('linux'))).toBe('/home/ada/.cache/hypercolumn');
    expect(chooseCacheFolder(undefined, around('linux', { XDG_CACHE_HOME: '/xdg' }))).toBe('/xdg/hypercolumn');
    expect(chooseCacheFolder(undefined, around('linux', { XDG_CACHE_HOME: 'relative' }))).toBe(
      '/home/ada/.cache/hypercolumn',
    );
    expect(chooseCacheFolder(undefined, around('darwin'))).toBe('/home/ada/Library/Caches/hypercolumn');
    expect(chooseCacheFolder(undefined, around('win32', { LOCALAPPDATA: '/local' }))).toBe(
      join('/local', 'hypercolumn', 'Cache'),
    );
    expect(chooseCacheFolder(undefined, around('win32'))).toBe(
      join('/home/ada', 'AppData', 'Local', 'hypercolumn', 'Cache'),
    );
  });
});

describe('the cache limit', () => {
  it.each([
    [undefined, 8 * 2 ** 30],
    ['', 8 * 2 ** 30],
    ['0', 0],
    ['12345', 12345],
    ['500MB', 5e8],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['2t', 2 * 2 ** 40],
  ])('%s is %d bytes', (text, bytes) => {
    expect(chooseCacheLimit({ HYPERCOLUMN_CACHE_LIMIT: text })).toBe(bytes);
  });

  it.each(['much', '-1', '5 parsecs', '1e3'])('refuses %s', (text) => {
    expect(() => chooseCacheLimit({ HYPERCOLUMN_CACHE_LIMIT: text })).toThrow(UsageError);
  });
});
