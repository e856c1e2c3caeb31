import { expect, it, vi } from 'vitest';
import { cacheContents, openCache } from '../../src/host/cache.ts';
import { temporaryFolder } from './temporary-folder.ts';

const disk = vi.hoisted(() => ({ freeBytes: Number.POSITIVE_INFINITY }));

// A disk that fills up while an entry is written: what the operating system then answers to a write.
vi.mock('../../src/host/files.ts', async (importOriginal) => {
  const files = await importOriginal<typeof import('../../src/host/files.ts')>();
  const writeFileAtomically: typeof files.writeFileAtomically = (path, fill, options) =>
    files.writeFileAtomically(
      path,
      (sink) =>
        fill({
          async write(offset, bytes) {
            if (offset + bytes.length > disk.freeBytes) {
              throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
            }
            await sink.write(offset, bytes);
          },
        }),
      options,
    );
  return { ...files, writeFileAtomically };
});

it.each([
  ['in the middle of an entry', 500],
  ['before its first byte', 0],
])(
  'a disk that is full %s leaves the filling undisturbed, earlier entries whole, and is said once',
  async (_, freeBytes) => {
    const folder = temporaryFolder();
    const notices: string[] = [];
    const cache = openCache(folder, { limit: 1e6, onNotice: (notice) => notices.push(notice) });
    disk.freeBytes = Number.POSITIVE_INFINITY;
    await cache.store('earlier', 1000, (sink) => sink.write(0, new Uint8Array(1000)));
    const before = await cacheContents(folder);

    disk.freeBytes = freeBytes;
    for (const key of ['a', 'b']) {
      let written = 0;
      await cache.store(key, 1000, async (sink) => {
        for (; written < 1000; written += 100) await sink.write(written, new Uint8Array(100));
      });
      expect(written).toBe(1000);
      expect(await cache.open(key)).toBeUndefined();
    }
    expect(await cacheContents(folder)).toEqual(before);
    expect(await cache.open('earlier')).toBeDefined();
    expect(notices).toEqual([
      `cache ${folder}: cannot be used, going on without it (ENOSPC: no space left on device, write)`,
    ]);
  },
);
