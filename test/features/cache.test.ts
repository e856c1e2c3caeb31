import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedFeatures } from '../../src/features/cached-features.ts';
import { cachedPairStatistics } from '../../src/features/cached-statistics.ts';
import type { FeatureStream } from '../../src/features/features.ts';
import { memoryScratch } from '../../src/features/memory-scratch.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { pairStatisticsBlob, readPairStatistics } from '../../src/features/statistics-blob.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { openCache } from '../../src/host/cache.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };
import { memoryCache } from './memory-cache.ts';
import { goldenImages, streamOf } from './streams.ts';

/** A stream that counts how many images were computed. */
function counted(): FeatureStream & { computed: number } {
  const stream = streamOf(golden.stages, goldenImages());
  return {
    ...stream,
    computed: 0,
    async *read() {
      for await (const features of stream.read()) {
        this.computed++;
        yield features;
      }
    },
  };
}

async function readAll(stream: FeatureStream): Promise<(readonly Float32Array[])[]> {
  const images = [];
  for await (const features of stream.read()) images.push(features);
  return images;
}

async function blobOf(precision: 'float32' | 'float64') {
  const statistics = await pairStatistics(streamOf(golden.stages, goldenImages()), { precision });
  const { size, fill } = await pairStatisticsBlob(statistics);
  const blob = await memoryScratch(size);
  await fill(blob);
  return { statistics, bytes: await blob.read(0, size) };
}

describe('pairStatisticsBlob', () => {
  for (const precision of ['float32', 'float64'] as const) {
    it(`is read back bit for bit in ${precision}, into memory that threads share`, async () => {
      const { statistics, bytes } = await blobOf(precision);
      const back = await readPairStatistics(bytesSource('blob', bytes));
      expect(back).toEqual(statistics);
      expect(back.products.buffer).toBeInstanceOf(SharedArrayBuffer);
    });
  }

  it('is refused with any byte changed, cut short anywhere, or of another kind', async () => {
    const { bytes } = await blobOf('float32');
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at] ^= 1;
      const result = await readPairStatistics(bytesSource('blob', changed)).catch((error: Error) => error);
      // A changed byte of the header that stays a header may rename an image; who reads an entry compares the names.
      const renamed = !(result instanceof Error) && at < 1000;
      expect(result instanceof Error || renamed, `byte ${at}`).toBe(true);
    }
    for (let size = 0; size < bytes.length; size += 97) {
      await expect(readPairStatistics(bytesSource('blob', bytes.slice(0, size)))).rejects.toThrow(/blob/);
    }
  });
});

describe('cachedPairStatistics', () => {
  it('computes once, and gives the same from the cache afterwards', async () => {
    const cache = memoryCache();
    const stream = counted();
    const first = await cachedPairStatistics(cache, stream);
    const second = await cachedPairStatistics(cache, stream);
    expect(stream.computed).toBe(7);
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });

  it('keeps each precision and each key apart, and works without a cache', async () => {
    const cache = memoryCache();
    const stream = counted();
    await cachedPairStatistics(cache, stream, { precision: 'float32' });
    const { products } = await cachedPairStatistics(cache, stream, { precision: 'float64' });
    expect(products).toBeInstanceOf(Float64Array);
    await cachedPairStatistics(cache, { ...stream, key: 'other', read: () => stream.read() });
    expect(stream.computed).toBe(21);
    expect(cache.entries.size).toBe(3);
    await cachedPairStatistics(undefined, stream);
    expect(stream.computed).toBe(28);
  });

  it('computes a damaged entry anew, says so, and mends it', async () => {
    const cache = memoryCache();
    const stream = counted();
    const first = await cachedPairStatistics(cache, stream);
    await cache.flipByte(3000);
    const notices: string[] = [];
    expect(await cachedPairStatistics(cache, stream, { onNotice: (notice) => notices.push(notice) })).toEqual(first);
    expect(stream.computed).toBe(14);
    expect(notices).toEqual([expect.stringMatching(/damaged.*computed anew/)]);
    await cachedPairStatistics(cache, stream);
    expect(stream.computed).toBe(14);
  });

  it('gives the statistics, with a notice, where they cannot be kept', async () => {
    const notices: string[] = [];
    const cache = { open: async () => undefined, store: () => Promise.reject(new Error('ENOSPC')) };
    const statistics = await cachedPairStatistics(cache, counted(), { onNotice: (notice) => notices.push(notice) });
    expect(statistics.products.length).toBe(21 * 18);
    expect(notices).toEqual([expect.stringMatching(/could not be kept, ENOSPC/)]);
  });
});

describe('cachedFeatures', () => {
  it('computes once, and gives the same features from the cache afterwards', async () => {
    const cache = memoryCache();
    const stream = counted();
    const cached = cachedFeatures(cache, stream);
    expect(await readAll(cached)).toEqual(goldenImages());
    expect(await readAll(cached)).toEqual(goldenImages());
    expect(stream.computed).toBe(7);
    expect(cached.key).toBe(stream.key);
  });

  it('goes on from the stream where an image in the entry is damaged, and mends the entry', async () => {
    const cache = memoryCache();
    const stream = counted();
    const cached = cachedFeatures(cache, stream);
    await readAll(cached);
    await cache.flipByte(700);
    expect(await readAll(cached)).toEqual(goldenImages());
    expect(stream.computed).toBe(14);
    expect(await readAll(cached)).toEqual(goldenImages());
    expect(stream.computed).toBe(14);
  });

  it('keeps nothing of a stream that was not read to its end or that failed', async () => {
    const cache = memoryCache();
    const cached = cachedFeatures(cache, counted());
    for await (const _ of cached.read()) break;
    expect(cache.entries.size).toBe(0);
    const failing = {
      ...counted(),
      async *read() {
        yield goldenImages()[0];
        throw new Error('no image');
      },
    };
    await expect(readAll(cachedFeatures(cache, failing))).rejects.toThrow('no image');
    expect(cache.entries.size).toBe(0);
  });

  it('gives the features, with a notice, where they cannot be kept', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    const full = {
      open: async () => undefined,
      store: (_key: string, _size: number, fill: Parameters<ReturnType<typeof memoryCache>['store']>[2]) =>
        fill({ write: () => Promise.reject(new Error('ENOSPC')) }),
    };
    expect(await readAll(cachedFeatures(full, counted(), { onNotice }))).toEqual(goldenImages());
    const refusing = { open: async () => undefined, store: () => Promise.reject(new Error('EACCES')) };
    expect(await readAll(cachedFeatures(refusing, counted(), { onNotice }))).toEqual(goldenImages());
    expect(notices).toEqual([expect.stringMatching(/ENOSPC/), expect.stringMatching(/EACCES/)]);
  });

  it('works with the cache folder, and with one whose bound is too small', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hypercolumn-test-'));
    try {
      const stream = counted();
      const cached = cachedFeatures(openCache(folder), stream);
      expect(await readAll(cached)).toEqual(goldenImages());
      expect(await readAll(cached)).toEqual(goldenImages());
      expect(stream.computed).toBe(7);
      for await (const _ of cachedFeatures(openCache(folder), { ...stream, key: 'stopped' }).read()) break;
      expect((await readdir(join(folder, 'blobs'))).length).toBe(1);
      const small = cachedFeatures(openCache(folder, { limit: 100 }), {
        ...stream,
        key: 'small',
        read: () => stream.read(),
      });
      expect(await readAll(small)).toEqual(goldenImages());
      expect(await readAll(small)).toEqual(goldenImages());
      expect(stream.computed).toBe(21);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
