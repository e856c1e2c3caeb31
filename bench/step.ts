// A training step of SE-ResNeXt-50 on all pairs of some images: forward, backward and update, ours beside the literal PyTorch peer in turns, so
// that both meet the same load; what each operator costs; the most memory a step of 16 images holds.
// Run: HYPERCOLUMN_DATA=DIR tsx bench/step.ts [rounds]. peer.ts says how the peer is found.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openTrainable } from '../src/backbones/trainable.ts';
import { condensedLength } from '../src/core/condensed.ts';
import { seededRandom } from '../src/core/random.ts';
import { countScaleValues } from '../src/encoder/channel-weights.ts';
import { nodeEngine } from '../src/engine/node.ts';
import type { LoadOptions } from '../src/engine/session.ts';
import { withOutputs } from '../src/graph/rewrites/with-outputs.ts';
import { float32AdamStep, float32Group } from '../src/training/network/float32-adam.ts';
import { networkLearner } from '../src/training/network/network-learner.ts';
import { stepGraph } from '../src/training/network/step-graph.ts';
import { pairList } from '../src/training/pair-list.ts';
import { trainingSettings } from '../src/training/settings.ts';
import { median } from './median.ts';
import { type OperatorCost, operatorCosts } from './operator-costs.ts';
import { findPeer } from './peer.ts';
import { type PlainProducts, plainProducts } from './plain-products.ts';

const N_IMAGES = 12;
const N_IMAGES_OF_MEMORY = 16;
const N_VALUES = 25_510_896;
const N_SUBJECTS = 15;

/** Medians over the rounds. */
export interface StepTimes {
  /** Forward and backward pass, milliseconds an image. */
  readonly pass: { readonly ours: number; readonly peer: number | null };
  /** Seconds of Adam on all weights. */
  readonly update: { readonly ours: number; readonly peer: number | null };
  /** Median over the rounds of the peer's whole step by ours; null where there is no PyTorch. */
  readonly ratio: number | null;
  readonly costs: readonly StepCost[];
  /** Peak memory in bytes of a process that takes steps of 16 images. */
  readonly memory: number;
}

/** What an operator costs in a step. */
export interface StepCost extends OperatorCost {
  /** The operator's multiply-adds as plain matrix products, measured beside it. */
  readonly plain?: PlainProducts;
}

/** Measures a round at a time: a step of ours, then one of the peer. */
export async function measureStep(rounds = 5): Promise<StepTimes> {
  const step = await learnerOn(N_IMAGES);
  const update = updateOfAll();
  const peer = findPeer();
  await step.run();
  const ours: { pass: number; update: number }[] = [];
  const theirs: { pass: number; update: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const whole = await seconds(step.run);
    const ofUpdate = await seconds(update);
    ours.push({ pass: whole - ofUpdate, update: ofUpdate });
    if (peer !== undefined) theirs.push(...peer.clique(N_IMAGES, 1));
  }
  await step.release();
  const middle = (times: typeof ours, part: 'pass' | 'update', factor = 1) =>
    times.length === 0 ? null : factor * median(times.map((time) => time[part]));
  const perImage = 1000 / N_IMAGES;
  return {
    pass: { ours: middle(ours, 'pass', perImage)!, peer: middle(theirs, 'pass', perImage) },
    update: { ours: middle(ours, 'update')!, peer: middle(theirs, 'update') },
    ratio:
      theirs.length === 0
        ? null
        : median(theirs.map((time, k) => (time.pass + time.update) / (ours[k].pass + ours[k].update))),
    costs: await costsOfStep(),
    memory: peakMemory(),
  };
}

/** A learner of all weights and a step of it on all pairs of n drawn images. */
async function learnerOn(nImages: number, options: LoadOptions = {}) {
  const engine = await nodeEngine();
  const untrained = { architecture: 'se_resnext50_32x4d', weights: 'untrained' };
  const network = await openTrainable(untrained, {
    openSource: () => Promise.reject(new Error('untrained weights are in no file')),
  });
  const random = seededRandom(0);
  const nPairs = condensedLength(nImages);
  const pairs = Uint32Array.from({ length: nPairs }, (_, k) => k);
  const drawn = (length: number) => Float64Array.from({ length }, () => random.uniform());
  const pixels = Array.from({ length: nImages }, () =>
    Float32Array.from({ length: 3 * 224 * 224 }, () => random.uniform() * 4 - 2),
  );
  const crops = {
    conditions: pixels.map((_, k) => `image ${k}`),
    key: async () => 'drawn',
    centre: async (image: number) => pixels[image],
    random: async (image: number) => pixels[image],
  };
  const weights = new Float64Array(nPairs).fill(1);
  const set = {
    name: 'drawn',
    conditions: crops.conditions,
    unit: 1,
    nSubjects: N_SUBJECTS,
    draw: null,
    weights,
    values: drawn(nPairs * N_SUBJECTS),
  };
  const problem = {
    sets: [set],
    stages: network.stages,
    pairs: pairList([nImages], [[[...pairs]]]),
    nTrainingPairs: nPairs,
    validation: { newNew: new Uint32Array(0), newOld: new Uint32Array(0), pair: new Uint32Array(0) },
    splits: [],
    scale: new Float64Array(countScaleValues(network.stages, 'split')).fill(1),
  };
  const settings = trainingSettings({ train: 'all', cliqueSize: nImages, crop: 'random' });
  const profiled = {
    ...engine,
    load: (model: Uint8Array, own?: LoadOptions) => engine.load(model, { ...own, ...options }),
  };
  const learner = await networkLearner(problem, settings, { network, engine: profiled, crops: [crops] });
  let step = 0;
  return {
    run: async () => {
      await learner.step(pairs, 1, { epoch: 1, step: ++step, batches: [pairs] });
    },
    release: () => learner.release(),
    graph: () =>
      stepGraph(
        withOutputs(
          network.graph,
          network.stages.map(({ name }) => name),
        ),
        {
          ...{
            stages: network.stages,
            parameters: network.parameters,
            maskResolution: settings.mask,
            scale: problem.scale,
          },
          ...{ readout: settings.readout, loss: settings.loss, nImages, nSubjects: N_SUBJECTS },
        },
      ),
  };
}

function updateOfAll(): () => void {
  const group = float32Group(new Float32Array(N_VALUES), { learningRate: 1e-5 });
  const random = seededRandom(1);
  for (let k = 0; k < N_VALUES; k++) group.gradient[k] = random.uniform() - 0.5;
  let taken = 0;
  return () => float32AdamStep([group], ++taken, 1, 1);
}

async function costsOfStep(): Promise<StepCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-profile-'));
  try {
    const step = await learnerOn(N_IMAGES, { profile: join(folder, 'step') });
    for (let k = 0; k < 5; k++) await step.run();
    await step.release();
    const plain = await plainProducts(step.graph(), await nodeEngine());
    return operatorCosts(join(folder, readdirSync(folder)[0])).map((cost) => {
      return cost.operator in plain ? { ...cost, plain: plain[cost.operator] } : cost;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In a process of its own, which begins with nothing. */
function peakMemory(): number {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), 'memory'];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv[2] === 'memory') {
    const step = await learnerOn(N_IMAGES_OF_MEMORY);
    for (let k = 0; k < 3; k++) await step.run();
    await step.release();
    console.log(1024 * process.resourceUsage().maxRSS);
  } else {
    const { pass, update, ratio, costs, memory } = await measureStep(Number(process.argv[2] ?? 5));
    const beside = (peer: string | null) => (peer === null ? '' : `, PyTorch ${peer}`);
    const [passOfPeer, updateOfPeer] = [pass.peer?.toFixed(0) ?? null, update.peer?.toFixed(2) ?? null];
    console.log(`forward and backward, ${N_IMAGES} images: ${pass.ours.toFixed(0)} ms an image${beside(passOfPeer)}`);
    console.log(`update of ${N_VALUES} values: ${update.ours.toFixed(2)} s${beside(updateOfPeer)}`);
    if (ratio !== null) console.log(`PyTorch's whole step by ours: ${ratio.toFixed(2)}`);
    console.log(`peak memory, ${N_IMAGES_OF_MEMORY} images: ${(memory / 1e9).toFixed(2)} GB`);
    for (const { operator, milliseconds, nNodes, plain } of costs) {
      const asProducts =
        plain === undefined
          ? ''
          : `, ${(milliseconds / plain.milliseconds).toFixed(2)} times its ${(plain.multiplyAdds / 1e9).toFixed(1)} G multiply-adds as plain products`;
      const cost = (milliseconds / N_IMAGES).toFixed(1).padStart(6);
      console.log(`${operator.padEnd(20)} ${cost} ms an image, ${nNodes} nodes${asProducts}`);
    }
  }
}
