import { expect, it } from 'vitest';
import { embeddingRdm } from '../../src/features/embedding.ts';
import type { FeatureStream } from '../../src/features/features.ts';
import { unweightedRdm } from '../../src/features/unweighted-rdm.ts';
import { memoryCache } from './memory-cache.ts';
import { drawnImages, streamOf } from './streams.ts';

const STAGES = [
  { name: 'a', channels: 3, height: 2, width: 3 },
  { name: 'b', channels: 2, height: 1, width: 1 },
];
const images = drawnImages(STAGES, 5);
const expected = await embeddingRdm(streamOf(STAGES, images), new Float64Array(5).fill(1));

/** The stream, and how often it was read. */
function counted(): FeatureStream & { nReads: number } {
  const stream = streamOf(STAGES, images);
  const count = {
    ...stream,
    nReads: 0,
    read() {
      count.nReads++;
      return stream.read();
    },
  };
  return count;
}

it('is computed once and then comes out of the cache, to the last bit', async () => {
  const [cache, stream] = [memoryCache(), counted()];
  expect(await unweightedRdm(cache, stream)).toEqual(expected);
  expect(await unweightedRdm(cache, stream)).toEqual(expected);
  expect(stream.nReads).toBe(1);
});

it('is computed each time where there is no cache', async () => {
  const stream = counted();
  for (let k = 0; k < 2; k++) expect(await unweightedRdm(undefined, stream)).toEqual(expected);
  expect(stream.nReads).toBe(2);
});

it.each([
  ['values', 100],
  ['digest', 1],
])('is computed anew where a byte of the entry has changed: %s', async (_, at) => {
  const [cache, stream] = [memoryCache(), counted()];
  await unweightedRdm(cache, stream);
  await cache.flipByte(at);
  expect(await unweightedRdm(cache, stream)).toEqual(expected);
  expect(stream.nReads).toBe(2);
});

it('is computed anew where the entry is of another number of images or cannot be read', async () => {
  const [cache, stream] = [memoryCache(), counted()];
  await unweightedRdm(cache, stream);
  const fewer = { ...counted(), ...streamOf(STAGES, images.slice(1)) };
  expect(await unweightedRdm(cache, fewer)).toHaveLength(6);
  const broken = { ...cache, open: () => Promise.reject(new Error('disk')) };
  expect(await unweightedRdm(broken, stream)).toEqual(expected);
});

it('comes all the same where the cache cannot keep it, which is said', async () => {
  const notices: string[] = [];
  const full = { ...memoryCache(), store: () => Promise.reject(new Error('disk full')) };
  expect(await unweightedRdm(full, counted(), { onNotice: (notice) => notices.push(notice) })).toEqual(expected);
  expect(notices).toEqual(['cache: an RDM could not be kept, disk full']);
});
