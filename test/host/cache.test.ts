import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlobCache, Sink } from '../../src/formats/source.ts';
import { cacheContents, clearCache, openCache } from '../../src/host/cache.ts';
import { bundleForNode, runNode } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const put = (cache: BlobCache, key: string, bytes: Uint8Array) =>
  cache.store(key, bytes.length, (sink) => sink.write(0, bytes));

async function get(cache: BlobCache, key: string): Promise<Uint8Array | undefined> {
  const source = await cache.open(key);
  return source === undefined ? undefined : new Uint8Array(await source.read(0, source.size));
}

const entryFiles = (folder: string) => readdirSync(join(folder, 'blobs')).map((name) => join(folder, 'blobs', name));

/** Waits until the clock by which entries are ordered has moved on. */
const tick = () => new Promise((resolve) => setTimeout(resolve, 15));

describe('openCache', () => {
  it('gives back what was stored under a key, in any pieces, and nothing under another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.uint8Array({ maxLength: 300 }), fc.nat(300), async (key, bytes, cut) => {
        const cache = openCache(temporaryFolder(), { limit: 1e6 });
        await cache.store(key, bytes.length, async (sink) => {
          await sink.write(Math.min(cut, bytes.length), bytes.subarray(cut));
          await sink.write(0, bytes.subarray(0, cut));
        });
        expect(await get(cache, key)).toEqual(bytes);
        expect(await get(cache, `${key}.`)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('reads parts of an entry, at once too', async () => {
    const cache = openCache(temporaryFolder(), { limit: 1e6 });
    await put(cache, 'k', Uint8Array.of(1, 2, 3, 4, 5));
    const source = await cache.open('k');
    expect([...(await source!.read(1, 2))]).toEqual([2, 3]);
    expect([...source!.readSync!(3, 2)]).toEqual([4, 5]);
  });

  it('replaces an entry that is stored again', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { limit: 1e6 });
    await put(cache, 'k', Uint8Array.of(1));
    await put(cache, 'k', Uint8Array.of(2, 2));
    expect(await get(cache, 'k')).toEqual(Uint8Array.of(2, 2));
    expect((await cacheContents(folder)).entries).toBe(1);
  });

  it('stays under its limit by dropping what was used longest ago', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { limit: 3500 });
    for (const key of ['a', 'b', 'c']) {
      await put(cache, key, new Uint8Array(1000));
      await tick();
    }
    await cache.open('a');
    await tick();
    await put(cache, 'd', new Uint8Array(1000));
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await cache.open(key)) !== undefined));
    expect(kept).toEqual([true, false, true, true]);
    expect((await cacheContents(folder)).bytes).toBeLessThanOrEqual(3500);
  });

  it('keeps nothing that alone is larger than the limit, and drops nothing for it', async () => {
    const cache = openCache(temporaryFolder(), { limit: 3000 });
    await put(cache, 'small', new Uint8Array(1000));
    let filled = 0;
    await cache.store('large', 5000, async () => {
      filled++;
    });
    expect(filled).toBe(1);
    expect(await cache.open('large')).toBeUndefined();
    expect(await cache.open('small')).toBeDefined();
  });

  it('keeps nothing of an entry whose making fails, and passes the failure on', async () => {
    const folder = temporaryFolder();
    const notices: string[] = [];
    const cache = openCache(folder, { limit: 1e6, onNotice: (notice) => notices.push(notice) });
    await put(cache, 'k', Uint8Array.of(1));
    const fail = cache.store('k', 10, async (sink) => {
      await sink.write(0, new Uint8Array(5));
      throw new Error('the network stopped');
    });
    await expect(fail).rejects.toThrow('the network stopped');
    expect(await get(cache, 'k')).toEqual(Uint8Array.of(1));
    expect(entryFiles(folder).length).toBe(1);
    expect(notices).toEqual([]);
  });

  it('refuses bytes beyond the size that was stated', async () => {
    const cache = openCache(temporaryFolder(), { limit: 1e6 });
    await expect(cache.store('k', 4, (sink) => sink.write(2, new Uint8Array(3)))).rejects.toThrow(RangeError);
  });

  it.each<[string, (file: string) => void]>([
    ['cut off', (file) => truncateSync(file, 1500)],
    ['cut off in its header', (file) => truncateSync(file, 9)],
    ['emptied', (file) => truncateSync(file, 0)],
    ['of another program', (file) => writeFileSync(file, 'not an entry of ours, but long enough to be one')],
    ['lengthened', (file) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(3)]))],
    [
      'with a header that is no JSON',
      (file) => {
        const bytes = readFileSync(file);
        bytes[12] = 0x5b;
        writeFileSync(file, bytes);
      },
    ],
    [
      'with a header of 4 GB',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xff, 8, 12);
        writeFileSync(file, bytes);
      },
    ],
  ])('misses and removes an entry that is %s', async (_, damage) => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { limit: 1e6 });
    await put(cache, 'k', new Uint8Array(3000));
    damage(entryFiles(folder)[0]);
    expect(await cache.open('k')).toBeUndefined();
    expect(entryFiles(folder)).toEqual([]);
  });

  it('works without a folder that cannot be made, said once', async () => {
    const folder = join(temporaryFolder(), 'in-the-way');
    writeFileSync(folder, 'a file');
    const notices: string[] = [];
    const cache = openCache(folder, { limit: 1e6, onNotice: (notice) => notices.push(notice) });
    let filled = 0;
    const fill = async (sink: Sink) => {
      filled++;
      await sink.write(0, new Uint8Array(10));
    };
    await cache.store('a', 10, fill);
    await cache.store('b', 10, fill);
    expect(filled).toBe(2);
    expect(await cache.open('a')).toBeUndefined();
    expect(notices.length).toBe(1);
    expect(notices[0]).toMatch(`cache ${folder}: cannot be used, going on without it`);
  });

  it('goes on reading an entry that is cleared meanwhile', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { limit: 1e6 });
    await put(cache, 'k', Uint8Array.of(1, 2, 3));
    const source = await cache.open('k');
    await clearCache(folder);
    expect([...(await source!.read(0, 3))]).toEqual([1, 2, 3]);
    expect(await cache.open('k')).toBeUndefined();
  });

  it('removes what killed processes left, but not what others are writing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'blobs'));
    const name = (k: number) => join(folder, 'blobs', `.${String(k).repeat(64)}.blob.1-abc.tmp`);
    for (const k of [1, 2]) writeFileSync(name(k), 'half');
    utimesSync(name(1), 0, 0);
    await put(openCache(folder, { limit: 1e6 }), 'k', Uint8Array.of(1));
    expect([existsSync(name(1)), existsSync(name(2))]).toEqual([false, true]);
  });
});

describe('two processes at once', () => {
  it('never see an entry that is half written, wrong or over the limit', async () => {
    const folder = temporaryFolder();
    const script = await bundleForNode(new URL('cache-process.ts', import.meta.url));
    const reports = await Promise.all([1, 2, 3].map((seed) => runNode(script, [folder, String(seed)])));
    for (const { code, output } of reports) {
      expect(output).toMatch(/^\d+ hits, 0 wrong, 0 notices$/);
      expect(code).toBe(0);
    }
    expect(reports.some(({ output }) => !output.startsWith('0 '))).toBe(true);
    const { bytes } = await cacheContents(folder);
    expect(bytes).toBeLessThanOrEqual(30_000);
    expect(readdirSync(join(folder, 'blobs')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('clearCache', () => {
  it('removes entries and nothing else', async () => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { limit: 1e6 });
    await put(cache, 'a', new Uint8Array(1000));
    await put(cache, 'b', new Uint8Array(1000));
    writeFileSync(join(folder, 'blobs', 'thesis.txt'), 'mine');
    const { bytes } = await cacheContents(folder);
    expect(bytes).toBeGreaterThanOrEqual(2000);
    expect(await clearCache(folder)).toEqual({ entries: 2, bytes });
    expect(readdirSync(join(folder, 'blobs'))).toEqual(['thesis.txt']);
  });

  it('finds nothing in a folder that is not there', async () => {
    expect(await clearCache(join(temporaryFolder(), 'nowhere'))).toEqual({ entries: 0, bytes: 0 });
  });
});
