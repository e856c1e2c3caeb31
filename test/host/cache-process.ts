import { cacheContents, openCache } from '../../src/host/cache.ts';

// Run by cache.test.ts in several processes on one folder: stores and reads a few keys again and again, in a cache too small for all.
const [folder, seed] = process.argv.slice(2);
let notices = 0;
const cache = openCache(folder, { limit: 30_000, onNotice: () => notices++ });
let state = Number(seed);
const draw = (n: number) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
let [hits, wrong] = [0, 0];
for (let k = 0; k < 150; k++) {
  const key = draw(8);
  const size = 1000 * (key + 1);
  const source = await cache.open(String(key));
  if (source === undefined) {
    await cache.store(String(key), size, async (sink) => {
      for (let at = 0; at < size; at += 500) {
        await sink.write(at, new Uint8Array(500).fill(key));
        if (draw(20) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    });
  } else {
    hits++;
    const bytes = await source.read(0, source.size);
    if (bytes.length !== size || bytes.some((byte) => byte !== key)) wrong++;
  }
}
await cacheContents(folder);
process.stdout.write(`${hits} hits, ${wrong} wrong, ${notices} notices`);
