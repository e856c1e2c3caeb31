import { describe, expect, it } from 'vitest';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { PairStatistics } from '../../src/features/pair-statistics.ts';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import { type LoopCallbacks, trainingLoop } from '../../src/training/loop.ts';
import { type NetworkLearner, networkLearner } from '../../src/training/network-learner.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { pairLearner } from '../../src/training/pair-learner.ts';
import { fitProblem } from '../../src/training/problem.ts';
import { trainingSettings } from '../../src/training/settings.ts';
import { drawnCrops, noisySubjects, smallNetwork, statisticsOf } from './small-network.ts';

const engine = await nodeEngine({ threads: 1 });
const network = smallNetwork();
const [firstCrops, secondCrops] = [drawnCrops(10, 'first'), drawnCrops(8, 'second')];
const crops = [firstCrops, firstCrops, secondCrops];

/** Three data sets, two of them of the same images; the subjects see what a network of other weights sees. */
const sets = await Promise.all(
  crops.map(async (source, k) => {
    const other = await statisticsOf(smallNetwork('other'), source, engine);
    const nChannels = other.stages.reduce((sum, { channels }) => sum + channels, 0);
    const truth = predictDissimilarities(other, new Float64Array(nChannels).fill(1));
    return {
      ...{ name: `set ${k}`, imageSet: source === firstCrops ? 'first' : 'second' },
      statistics: await statisticsOf(network, source, engine),
      targets: noisySubjects(truth, source.conditions, { nSubjects: 2 + k, seed: k }),
    };
  }),
);

async function learn(options: TrainingOptions, callbacks: LoopCallbacks = {}, of = network) {
  const settings = trainingSettings(options);
  const problem = fitProblem(sets, settings, () => {});
  const learner = await networkLearner(problem, settings, { network: of, engine, crops });
  try {
    const result = await trainingLoop(learner, problem, settings, callbacks);
    return { ...result, ...learner.kept(), state: copyOf(learner) };
  } finally {
    await learner.release();
  }
}

function copyOf(learner: NetworkLearner) {
  const { arrays, values } = learner.state();
  return { arrays: Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data.slice()])), values };
}

function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  return Math.max(...Array.from(got, (value, k) => Math.abs(value - expected[k])));
}

const holdout = { by: 'image', fraction: 0.3 } as const;
const rates = { mask: 0.01, readout: 0.01, backbone: 0.003 };

describe.each(['stage', 'channel', 'split'] as const)('a mask of %s on a frozen network', (mask) => {
  it.each(['pairs', 'cliques'] as const)('is learnt as from pair statistics: %s', async (sampler) => {
    const options = {
      mask,
      sampler,
      cliqueSize: 5,
      batch: 12,
      imagesPerPass: 10,
      epochs: 3,
      holdout,
      clip: 0.5,
    } as const;
    const settings = { ...trainingSettings(options), mask };
    const problem = fitProblem(sets, settings, () => {});
    const pairs = pairLearner(sets, problem, settings);
    const expected = await trainingLoop(pairs, problem, settings);
    const got = await learn(options);
    for (const [epoch, { trainingLoss, validationLoss }] of expected.metrics.entries()) {
      expect(Math.abs(got.metrics[epoch].trainingLoss - trainingLoss)).toBeLessThan(1e-5);
      expect(Math.abs(got.metrics[epoch].validationLoss!.newNew! - validationLoss!.newNew!)).toBeLessThan(1e-5);
      expect(Math.abs(got.metrics[epoch].validationLoss!.newOld! - validationLoss!.newOld!)).toBeLessThan(1e-5);
    }
    expect(furthest(got.mask, pairs.kept().mask)).toBeLessThan(2e-3);
    for (const [s, { alpha, b }] of pairs.kept().readouts.entries()) {
      expect(furthest([got.readouts[s].alpha, got.readouts[s].b], [alpha, b])).toBeLessThan(2e-3);
    }
  });
});

it('training all weights lowers the loss further than the mask alone, and all arrays that can train have moved', async () => {
  const options = { mask: 'channel', epochs: 12, cliqueSize: 5, sampler: 'cliques', learningRate: rates } as const;
  const [mask, all] = [await learn({ ...options, train: 'mask' }), await learn({ ...options, train: 'all' })];
  expect(all.metrics.at(-1)!.trainingLoss).toBeLessThan(0.8 * mask.metrics.at(-1)!.trainingLoss);
  for (const {
    tensor: { name, shape },
    data,
  } of network.graph.constants) {
    expect(all.weights[name].shape).toEqual(shape);
    const moved = furthest(all.weights[name].data, data) > 0;
    expect(moved, name).toBe(network.parameters.includes(name));
    expect(mask.weights[name].data, name).toEqual(data);
  }
});

it('from a stage on, what is below stays, and the first step is that of training all', async () => {
  const options = {
    mask: 'split',
    train: 'all',
    epochs: 1,
    cliqueSize: 5,
    accumulate: 100,
    learningRate: rates,
    holdout,
  } as const;
  const [all, some] = [await learn(options), await learn({ ...options, trainFrom: 'middle' })];
  expect(Math.abs(all.metrics[0].trainingLoss - some.metrics[0].trainingLoss)).toBeLessThan(1e-6);
  for (const {
    tensor: { name },
    data,
  } of network.graph.constants) {
    if (name.startsWith('low')) expect(some.weights[name].data).toEqual(data);
    else expect(furthest(some.weights[name].data, all.weights[name].data), name).toBeLessThan(1e-4);
  }
  expect(some.weights['middle.0.weight'].data).not.toEqual(
    network.graph.constants.find(({ tensor }) => tensor.name === 'middle.0.weight')!.data,
  );
});

it('images in several passes give the step of one pass, to rounding', async () => {
  const options = {
    mask: 'split',
    train: 'all',
    sampler: 'pairs',
    crop: 'random',
    epochs: 1,
    batch: 20,
    learningRate: rates,
  } as const;
  const [one, several] = [
    await learn({ ...options, imagesPerPass: 40 }),
    await learn({ ...options, imagesPerPass: 6 }),
  ];
  expect(Math.abs(one.metrics[0].trainingLoss - several.metrics[0].trainingLoss)).toBeLessThan(1e-5);
  for (const name of network.parameters) {
    expect(furthest(one.weights[name].data, several.weights[name].data), name).toBeLessThan(1e-3);
  }
});

describe.each([
  { train: 'all', crop: 'random', sampler: 'pairs' },
  { train: 'all', crop: 'none', sampler: 'cliques', accumulate: 2, optimiser: 'adamw', clip: 1 },
  { train: 'all', trainFrom: 'high', crop: 'random', sampler: 'cliques' },
  { train: 'mask', mask: 'feature', crop: 'random', sampler: 'cliques' },
] as const)('gone on with after a stop: %o', (some) => {
  it('equals, bit for bit, the fit that never stopped', async () => {
    const options = { epochs: 3, batch: 15, cliqueSize: 5, learningRate: rates, holdout, ...some } as const;
    const checkpoints: Checkpoint[] = [];
    const whole = await learn(options);
    const controller = new AbortController();
    const stopped = learn(options, {
      signal: controller.signal,
      onEpoch: () => controller.abort(new Error('stopped')),
      onCheckpoint: ({ progress, learner: { arrays, values } }) => {
        const copies = Object.entries(arrays).map(([name, data]) => [name, data.slice()] as const);
        checkpoints.push({ progress, learner: { values, arrays: Object.fromEntries(copies) } });
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(checkpoints.length).toBeGreaterThan(0);
    for (const resume of checkpoints.slice(0, 2)) {
      const resumed = await learn(options, { resume });
      expect(resumed.state).toEqual(whole.state);
      expect(resumed.metrics).toEqual(whole.metrics);
      expect(resumed.weights).toEqual(whole.weights);
    }
  });
});

it('an image that the network sees nothing in is named', async () => {
  const blind = smallNetwork();
  for (const { tensor, data } of blind.graph.constants) {
    if (/gain|bias/.test(tensor.name)) data.fill(tensor.name.includes('bias') ? -1 : 0);
  }
  await expect(learn({ train: 'all', cliqueSize: 5, epochs: 1 }, {}, blind)).rejects.toThrow(
    /^image (first|second)\d\.jpg: expected features that vary/,
  );
});

it('a stage that is none is an error that lists those there are', async () => {
  await expect(learn({ train: 'all', trainFrom: 'layer3' })).rejects.toThrow(
    'expected a stage of small (low, middle, high), got layer3',
  );
});

it('a network that has no weights is trained no further than the mask', async () => {
  const fixed = { ...network, parameters: [] };
  await expect(learn({ train: 'all' }, {}, fixed)).rejects.toThrow(
    'expected mask with small, which has no weights to train',
  );
});

it('weights that no wanted stage depends on stay, and training from there is an error', async () => {
  const low = { ...network, stages: network.stages.slice(0, 2) };
  const settings = trainingSettings({ mask: 'channel', train: 'all', epochs: 1, cliqueSize: 5, learningRate: rates });
  const shorter = sets.map((set) => ({ ...set, statistics: withoutLast(set.statistics) }));
  const problem = fitProblem(shorter, settings, () => {});
  const learner = await networkLearner(problem, settings, { network: low, engine, crops });
  await trainingLoop(learner, problem, settings);
  const { weights } = learner.kept();
  await learner.release();
  for (const { tensor, data } of network.graph.constants.filter(({ tensor: { name } }) => name.endsWith('.weight'))) {
    expect(furthest(weights[tensor.name].data, data) > 0, tensor.name).toBe(!tensor.name.startsWith('high'));
  }
  const fromHigh = networkLearner(problem, { ...settings, trainFrom: 'high' }, { network: low, engine, crops });
  await expect(fromHigh).rejects.toThrow('expected a stage that those of backbone.stages depend on, got high');
});

/** Statistics without those of the last stage. */
function withoutLast(statistics: PairStatistics): PairStatistics {
  const { stages, products, energies, sums } = statistics;
  const all = stages.reduce((sum, { channels }) => sum + channels, 0);
  const kept = all - stages.at(-1)!.channels;
  const cut = (rows: ArrayLike<number>) =>
    Float64Array.from({ length: (rows.length / all) * kept }, (_, k) => rows[Math.floor(k / kept) * all + (k % kept)]);
  return {
    ...statistics,
    stages: stages.slice(0, -1),
    products: cut(products),
    energies: cut(energies),
    sums: cut(sums),
  };
}
