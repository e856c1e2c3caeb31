// How long `scoreSheet` takes with its defaults: 12 models, 118 images, 15 subjects, on two threads, with 1 and with 20 time points.
// The subjects and models are drawn; the time does not depend on their values. Run `npm run build` first: threads load dist/.
import { performance } from 'node:perf_hooks';
import type { ModelRdm } from '../src/index.ts';

const folder = process.env['HYPERCOLUMN_DIST'] ?? new URL('../dist/', import.meta.url).href;
const library: typeof import('../src/index.ts') = await import(new URL('index.js', folder).href);
const { workerThreads }: typeof import('../src/node.ts') = await import(new URL('node.js', folder).href);
const { condensedLength, makeRdm, makeRdmStack, scoreSheet, seededRandom } = library;

const [N_IMAGES, N_SUBJECTS, N_MODELS, N_THREADS] = [118, 15, 12, 2];

const random = seededRandom(1);
const nPairs = condensedLength(N_IMAGES);
const shared = Float64Array.from({ length: nPairs }, () => random.normal());
const drawn = () => shared.map((value) => 10 + value + 2 * random.normal());
const models: ModelRdm[] = Array.from({ length: N_MODELS }, (_, k) => ({
  name: `model ${k + 1}`,
  rdm: makeRdm(drawn()),
}));
for (const nTimes of [1, 20]) {
  const values = new Float64Array(N_SUBJECTS * nTimes * nPairs);
  for (let k = 0; k < N_SUBJECTS * nTimes; k++) values.set(drawn(), k * nPairs);
  const target = makeRdmStack(values, { nSubjects: N_SUBJECTS, nTimes });
  for (const nSamples of nTimes === 1 ? [1000] : [200, 1000]) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await scoreSheet(models, target, { nSamples, runTasks: workerThreads(N_THREADS) });
    const { user, system } = process.cpuUsage(cpu);
    const wall = ((performance.now() - start) / 1e3).toFixed(1);
    const what = `${nTimes} time ${nTimes === 1 ? 'point' : 'points'}, ${nSamples} bootstrap samples`;
    console.log(`${what}: ${wall} s (processor ${((user + system) / 1e6).toFixed(1)} s)`);
  }
}
