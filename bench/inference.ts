// How long `evaluate` takes: 5 models, 118 images, 15 subjects, 1,000 dual bootstrap samples, on two threads; with and without permutations.
// The subjects and models are drawn; the time does not depend on their values. Run `npm run build` first: threads load dist/.
import { performance } from 'node:perf_hooks';
import type { ComparatorName, ModelRdm } from '../src/index.ts';

const built = (file: string) => import(new URL(`../dist/${file}`, import.meta.url).href);
const library: typeof import('../src/index.ts') = await built('index.js');
const { workerThreads }: typeof import('../src/node.ts') = await built('node.js');
const { COMPARATOR_NAMES, condensedLength, evaluate, makeRdm, makeRdmStack, seededRandom } = library;

const [N_IMAGES, N_SUBJECTS, N_MODELS, N_SAMPLES, N_THREADS] = [118, 15, 5, 1000, 2];

const random = seededRandom(1);
const nPairs = condensedLength(N_IMAGES);
const shared = Float64Array.from({ length: nPairs }, () => random.normal());
const drawn = () => shared.map((value) => 10 + value + 2 * random.normal());
const models: ModelRdm[] = Array.from({ length: N_MODELS }, (_, k) => ({
  name: `model ${k + 1}`,
  rdm: makeRdm(drawn()),
}));
const values = new Float64Array(N_SUBJECTS * nPairs);
for (let subject = 0; subject < N_SUBJECTS; subject++) values.set(drawn(), subject * nPairs);
const target = makeRdmStack(values, { nSubjects: N_SUBJECTS });

const names = process.argv.length > 2 ? (process.argv.slice(2) as ComparatorName[]) : COMPARATOR_NAMES;
for (const comparator of names) {
  const seconds: string[] = [];
  for (const nPermutations of [0, 1000]) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await evaluate(models, target, {
      comparator,
      nSamples: N_SAMPLES,
      nPermutations,
      runTasks: workerThreads(N_THREADS),
    });
    const { user, system } = process.cpuUsage(cpu);
    const wall = ((performance.now() - start) / 1e3).toFixed(1);
    seconds.push(`${wall} s (processor ${((user + system) / 1e6).toFixed(1)} s)`);
  }
  console.log(`${comparator}: ${seconds[0]}, with 1,000 permutations too ${seconds[1]}`);
}
