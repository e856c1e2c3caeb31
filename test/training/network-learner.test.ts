import { describe, expect, it } from 'vitest';
import type { CropSource } from '../../src/features/crops.ts';
import { trainingLoop } from '../../src/training/loop.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { pairLearner } from '../../src/training/pairs/pair-learner.ts';
import { fitProblem } from '../../src/training/problem.ts';
import { trainingSettings } from '../../src/training/settings.ts';
import { crops, furthest, learn, network, timedSets, weightsOf } from './network-fits.ts';

const holdout = { by: 'image', fraction: 0.3 } as const;
const rates = { mask: 0.01, readout: 0.01, backbone: 0.003 };
const stepwise = { cliqueSize: 5, batch: 12, imagesPerPass: 10, epochs: 3, holdout } as const;

describe.each(['stage', 'channel', 'split'] as const)('a mask of %s on a frozen network', (mask) => {
  it.each([
    { sampler: 'pairs', clip: 0.5 },
    { sampler: 'cliques', clip: 0.5 },
    { sampler: 'pairs', time: { centre: 0.4, width: 0.4 } },
    { sampler: 'cliques', accumulate: 3, time: { centre: 0.4, width: 0.4 } },
    { sampler: 'cliques', optimiser: 'adamw', weightDecay: 5, schedule: { kind: 'cosine', warmup: 1 } },
    { sampler: 'pairs', readout: 'identity', loss: 'mse' },
  ] as TrainingOptions[])('is learnt as from pair statistics: %j', async (some) => {
    const options = { ...stepwise, ...some, mask };
    const settings = { ...trainingSettings(options), mask };
    const problem = fitProblem(timedSets, settings, () => {});
    const pairs = pairLearner(timedSets, problem, settings);
    const expected = await trainingLoop(pairs, problem, settings);
    const got = await learn(options, {}, { sets: timedSets });
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

it('from a stage on, what is below stays, and the gradient is that of training all', async () => {
  const options = {
    mask: 'split',
    train: 'all',
    epochs: 1,
    cliqueSize: 5,
    accumulate: 100,
    learningRate: rates,
  } as const;
  const [all, some] = [await learn(options), await learn({ ...options, trainFrom: 'middle' })];
  expect(Math.abs(all.metrics[0].trainingLoss - some.metrics[0].trainingLoss)).toBeLessThan(1e-6);
  for (const { tensor, data } of network.graph.constants) {
    const moved = furthest(some.weights[tensor.name].data, data) > 0;
    expect(moved, tensor.name).toBe(network.parameters.includes(tensor.name) && !tensor.name.startsWith('low'));
  }
  const part = some.state.arrays['backbone.mean']; // of one step: a tenth of its gradient
  const whole = all.state.arrays['backbone.mean'].slice(-part.length); // stages lie in their order
  expect(furthest(part, whole)).toBeLessThan(1e-5 * Math.hypot(...whole));
  const [ofMask, expected] = [some, all].map(({ state }) => state.arrays['mask.mean']);
  expect(furthest(ofMask, expected)).toBeLessThan(1e-5 * Math.hypot(...expected));
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

it('decay takes its part of every weight and of the mask, and leaves the readouts alone', async () => {
  const options = {
    mask: 'channel',
    train: 'all',
    optimiser: 'adamw',
    epochs: 1,
    cliqueSize: 5,
    accumulate: 100,
  } as const;
  const oneStep = { ...options, learningRate: rates };
  const [free, decayed] = [await learn({ ...oneStep, weightDecay: 0 }), await learn({ ...oneStep, weightDecay: 100 })];
  for (const name of network.parameters) {
    const start = weightsOf(name);
    const expected = Array.from(free.weights[name].data, (value, k) => value - 0.003 * 100 * start[k]);
    expect(furthest(decayed.weights[name].data, expected), name).toBeLessThan(1e-6);
  }
  expect(
    furthest(
      decayed.mask,
      free.mask.map((value) => value - 0.01 * 100),
    ),
  ).toBeLessThan(1e-6);
  const still = { ...options, accumulate: 1, epochs: 2, learningRate: { mask: 0, readout: 0.01, backbone: 0 } };
  const [plain, spared] = [await learn({ ...still, weightDecay: 0 }), await learn({ ...still, weightDecay: 100 })];
  for (const [s, { alpha }] of plain.readouts.entries()) expect(alpha, `set ${s}`).not.toBe(0);
  expect(spared.readouts).toEqual(plain.readouts);
});

describe.each([undefined, 'middle'])('random crops where the network trains from stage %s', (trainFrom) => {
  const options: TrainingOptions = {
    ...{ mask: 'channel', train: 'all', sampler: 'pairs', batch: 21, imagesPerPass: 42, epochs: 3, learningRate: 0 },
    ...(trainFrom !== undefined && { trainFrom }),
  };

  it('are met in the loss, and others in each epoch', async () => {
    const [none, random] = [await learn(options), await learn({ ...options, crop: 'random' })];
    const [centre, ...centres] = none.metrics.map(({ trainingLoss }) => trainingLoss);
    for (const loss of centres) expect(loss).toBeCloseTo(centre, 5);
    const losses = [centre, ...random.metrics.map(({ trainingLoss }) => trainingLoss)];
    for (const [k, loss] of losses.entries()) {
      for (const other of losses.slice(k + 1)) expect(Math.abs(loss - other)).toBeGreaterThan(1e-4);
    }
  });

  it('are not what is validated on', async () => {
    const held = { ...options, holdout };
    const [none, random] = [await learn(held), await learn({ ...held, crop: 'random' })];
    expect(random.metrics.map(({ validationLoss }) => validationLoss)).toEqual(
      none.metrics.map(({ validationLoss }) => validationLoss),
    );
    const losses = random.metrics.map(({ trainingLoss }) => trainingLoss);
    expect(new Set([none.metrics[0].trainingLoss, ...losses]).size).toBe(4);
  });

  it(`are drawn ${trainFrom === undefined ? 'each time an image is met' : 'once an image and epoch'}`, async () => {
    const drawn: number[] = [];
    const watched = new Map(crops.map((source) => [source, watch(source, drawn)]));
    const given = { crops: crops.map((source) => watched.get(source)!) };
    await learn({ ...options, crop: 'random', cliqueSize: 5 }, {}, given);
    const nPairs = 45 + 45 + 28;
    const nImages = 10 + 8;
    const numbersOfCrop = 2; // down and across
    expect(new Set(drawn).size / numbersOfCrop).toBe(3 * (trainFrom === undefined ? 2 * nPairs : nImages));
  });
});

/** Notes the numbers that random crops are drawn by. */
function watch(source: CropSource, drawn: number[]): CropSource {
  return {
    ...source,
    random: (image, random) => {
      const uniform = () => {
        const value = random.uniform();
        drawn.push(value);
        return value;
      };
      const watched = { ...random, uniform };
      return source.random(image, watched);
    },
  };
}
