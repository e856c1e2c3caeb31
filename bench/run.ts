// All speed figures of docs/benchmarks.md in one run, ours beside the literal PyTorch peer where there is one.
// Run: npm run build && HYPERCOLUMN_DATA=DIR npm run bench. The peer needs a Python with torch: HYPERCOLUMN_PYTHON, /usr/bin/python3 or python3.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { seededRandom } from '../src/core/random.ts';
import { engineGram } from '../src/engine/gram.ts';
import { nodeEngine } from '../src/engine/node.ts';
import { rdmOf } from '../src/rdm/distances.ts';
import { alignedTable } from '../src/report/table.ts';
import { measureExtraction } from './extraction.ts';
import { measureForward } from './forward.ts';
import { median } from './median.ts';
import { MEMORY_LIMIT, measureMemory } from './memory.ts';
import { findPeer } from './peer.ts';
import { measureStep } from './step.ts';
import { benchTraining, syntheticSets, timeTraining } from './training.ts';

const rows: string[][] = [['what', 'ours', 'peer', 'ratio', 'asked for']];
const add = (...row: string[]) => {
  rows.push(row);
  console.error(row.join('  '));
};
const seconds = async (work: () => unknown, repeats: number) => {
  const times: number[] = [];
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  return median(times);
};

console.error(
  `${cpus()[0].model}, ${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`,
);

const help = await seconds(() => execFileSync(process.execPath, ['dist/cli/main.js', '--help']), 7);
add('hypercolumn --help', `${help.toFixed(2)} s`, '', '', '< 0.3 s');

const forward = await measureForward(5);
add(
  'forward pass, SE-ResNeXt-50, ms an image',
  forward.ours[8].toFixed(0),
  forward.peer?.toFixed(0) ?? 'no PyTorch here',
  forward.ratio === null ? '' : `${forward.ratio.toFixed(2)} times faster`,
  '1.5 times faster',
);

const hasData = process.env['HYPERCOLUMN_DATA'] !== undefined;
if (hasData) {
  const { ours, peer, ratio } = await measureExtraction();
  add(
    'extraction of jpgs, SE-ResNeXt-50, ms an image',
    ours.toFixed(0),
    peer === null ? 'no PyTorch here' : `${peer.toFixed(0)} (forward alone)`,
    ratio === null ? '' : `${ratio.toFixed(2)} times faster`,
    '1.5 times faster',
  );
}

const [four, one] = await benchTraining();
const literalStep = findPeer()?.step('mask', 40);
const nSteps = Math.ceil(four.nPairs / 40) * four.epochs;
add(
  `mask of channels, ${four.nPairs} pairs, ${four.epochs} epochs`,
  `${four.seconds.toFixed(1)} s`,
  literalStep === undefined
    ? 'no PyTorch here'
    : `${((literalStep * nSteps) / 3600).toFixed(0)} h (${nSteps} steps of ${literalStep.toFixed(1)} s)`,
  literalStep === undefined ? '' : `${((literalStep * nSteps) / four.seconds).toFixed(0)} times faster`,
  '< 12 s',
);
add(`the same, one data set of ${one.nPairs} pairs`, `${one.seconds.toFixed(1)} s`, '', '', '');
const split = await timeTraining('split', syntheticSets(), 1, { mask: 'split' });
add(`split mask, ${split.nPairs} pairs, ${split.epochs} epochs`, `${split.seconds.toFixed(1)} s`, '', '', '');

const step = await measureStep(3);
add(
  'forward and backward pass, SE-ResNeXt-50, 12 images, ms an image',
  step.pass.ours.toFixed(0),
  step.pass.peer?.toFixed(0) ?? 'no PyTorch here',
  step.ratio === null ? '' : `${step.ratio.toFixed(2)} times faster (with the update)`,
  '< 190, 1.8 times faster',
);
add(
  'update of all weights, Adam',
  `${step.update.ours.toFixed(2)} s`,
  step.update.peer === null ? 'no PyTorch here' : `${step.update.peer.toFixed(2)} s`,
  '',
  '< 0.4 s',
);
const nEpochPairs = 22_178;
const literalAll = findPeer()?.step('all', 40);
const epoch = (nEpochPairs / 66) * ((12 * step.pass.ours) / 1000 + step.update.ours);
const literalEpoch = literalAll === undefined ? undefined : (nEpochPairs / 40) * literalAll;
add(
  `epoch over ${nEpochPairs} pairs, all weights, cliques of 12`,
  `${(epoch / 60).toFixed(1)} min`,
  literalEpoch === undefined
    ? 'no PyTorch here'
    : `${(literalEpoch / 3600).toFixed(1)} h (steps of ${literalAll!.toFixed(0)} s)`,
  literalEpoch === undefined ? '' : `${(literalEpoch / epoch).toFixed(0)} times faster`,
  '30 times faster',
);
add('peak memory, a step of 16 images', `${(step.memory / 1e9).toFixed(2)} GB`, '', '', '< 6 GB');
for (const { operator, milliseconds, plain } of step.costs.slice(0, 10)) {
  const products = plain === undefined ? '' : `${(milliseconds / plain.milliseconds).toFixed(2)} times plain products`;
  add(
    `the step's ${operator}, ms an image`,
    (milliseconds / 12).toFixed(1),
    '',
    products,
    plain === undefined ? '' : '< 2 times',
  );
}

const [n, d] = [1000, 100_352];
const random = seededRandom(0);
const features = Float32Array.from({ length: n * d }, () => Math.max(0, random.uniform() - 0.3));
const gram = engineGram(await nodeEngine());
await rdmOf(features.subarray(0, 10 * d), 10, d, { metric: 'correlation', gram });
const rdm = await seconds(() => rdmOf(features, n, d, { metric: 'correlation', gram }), 3);
add(
  `correlation RDM of ${n} x ${d}`,
  `${rdm.toFixed(1)} s`,
  '62 s (rsatoolbox, stated)',
  `${(62 / rdm).toFixed(0)} times faster`,
  '< 4 s',
);

if (hasData) {
  const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  for (const { what, bytes } of await measureMemory()) {
    add(`peak memory, ${what}`, inGigabytes(bytes), '', '', `< ${inGigabytes(MEMORY_LIMIT)}`);
  }
}

console.log(alignedTable(rows));
