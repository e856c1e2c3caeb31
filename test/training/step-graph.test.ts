import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/core/shape.ts';
import { countMaskValues, countScaleValues } from '../../src/encoder/channel-weights.ts';
import type { MaskResolution, PairResolution } from '../../src/encoder/encoder.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { layOutStages } from '../../src/features/stage-layout.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { LossName } from '../../src/training/losses.ts';
import { GRADIENT, STEP, stepGraph } from '../../src/training/network/step-graph.ts';
import { createPairLoss, type Parameters } from '../../src/training/pairs/pair-loss.ts';
import { pairTable } from '../../src/training/pairs/pair-table.ts';
import { between } from '../golden/seeded.ts';

const N = 6;
const N_SUBJECTS = 3;
const N_PAIRS = (N * (N - 1)) / 2;
const stages = [
  { name: 'low', channels: 5, height: 6, width: 7 },
  { name: 'middle', channels: 8, height: 3, width: 3 },
  { name: 'vector', channels: 4, height: 1, width: 1 },
];

/** Features as after a ReLU, with channels of very different size. */
const features = stages.map(({ name, channels, height, width }) => {
  const shape = [N, channels, height, width];
  const sizes = between(`size ${name}`, [channels], 0.1, 3);
  const data = between(name, shape, -0.4, 1).map((value, k) => {
    return Math.max(0, value) * sizes[Math.floor(k / (height * width)) % channels];
  });
  return { shape, data };
});

/** A network that has nothing to learn: its stages are fed. */
function fedStages(): Graph {
  const graph = new Graph();
  for (const { name, channels, height, width } of stages) {
    graph.output(name, graph.input(name, [1, channels, height, width]));
  }
  return graph;
}

const alpha = Float64Array.of(-0.3);
const b = Float64Array.of(0.2);
const pairWeights = between('weights', [N_PAIRS], 0.2, 2);
const subjects = between('targets', [N_PAIRS, N_SUBJECTS], 0, 1.5);

function inputsOf(resolution: MaskResolution) {
  const mask = between('mask', [countMaskValues(stages, resolution)], 0.3, 1.5);
  const scale = Float64Array.from(between('scale', [countScaleValues(stages, resolution)], 0.5, 2));
  return { mask, scale };
}

function graphOf(resolution: MaskResolution, scale: Float64Array, loss: LossName): Graph {
  return stepGraph(fedStages(), {
    ...{ stages, maskResolution: resolution, scale, loss, readout: 'affine', parameters: [] },
    ...{ nImages: N, nSubjects: N_SUBJECTS },
  });
}

/** Every pair once, above the diagonal. */
function square(values: Float32Array, ofPair: (pair: number, subject: number) => number) {
  const data = new Float32Array(N_SUBJECTS * N * N);
  for (let s = 0; s < N_SUBJECTS; s++) {
    for (let i = 0, pair = 0; i < N; i++) {
      for (let j = i + 1; j < N; j++, pair++) data[(s * N + i) * N + j] = values[ofPair(pair, s)];
    }
  }
  return { shape: [N_SUBJECTS, N, N], data };
}

function feedsOf(mask: Float32Array) {
  const weights = square(pairWeights, (pair) => pair);
  return {
    ...Object.fromEntries(stages.map(({ name }, k) => [name, features[k]])),
    [STEP.mask]: { shape: [mask.length], data: mask },
    [STEP.alpha]: { shape: [1], data: Float32Array.from(alpha) },
    [STEP.b]: { shape: [1], data: Float32Array.from(b) },
    [STEP.weights]: { shape: weights.shape, data: weights.data.map((value) => value / N_SUBJECTS / N_PAIRS) },
    [STEP.targets]: square(subjects, (pair, s) => pair * N_SUBJECTS + s),
  };
}

/** The same loss and gradient by the pair statistics, in float64. */
async function byStatistics(resolution: PairResolution, mask: Float32Array, scale: Float64Array, loss: LossName) {
  const conditions = Array.from({ length: N }, (_, k) => `image ${k}`);
  const stream = {
    ...{ conditions, stages, key: 'features' },
    async *read() {
      for (let k = 0; k < N; k++) {
        yield features.map(({ shape, data }) =>
          data.subarray(k * sizeOf(shape.slice(1)), (k + 1) * sizeOf(shape.slice(1))),
        );
      }
    },
  };
  const table = pairTable(await pairStatistics(stream, { precision: 'float64' }), resolution, scale);
  const pairs = {
    length: N_PAIRS,
    set: new Uint32Array(N_PAIRS),
    pair: new Uint32Array(N_PAIRS),
    i: new Uint32Array(N_PAIRS),
    j: new Uint32Array(N_PAIRS),
  };
  for (let i = 0, pair = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++, pair++) [pairs.pair[pair], pairs.i[pair], pairs.j[pair]] = [pair, i, j];
  }
  const set = {
    table: 0,
    nSubjects: N_SUBJECTS,
    values: Float64Array.from(subjects),
    weights: Float64Array.from(pairWeights),
  };
  const factors = resolution === 'stage' ? new Float64Array(stages.length).fill(1) : scale;
  const pairLoss = createPairLoss({ tables: [table], sets: [set], pairs, scale: factors, loss });
  const gradient: Parameters = {
    mask: new Float64Array(mask.length),
    alpha: new Float64Array(1),
    b: new Float64Array(1),
  };
  const value = pairLoss(
    Uint32Array.from({ length: N_PAIRS }, (_, k) => k),
    { mask: Float64Array.from(mask), alpha, b },
    gradient,
  );
  return { value, gradient };
}

function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    difference += (got[k] - expected[k]) ** 2;
    size += expected[k] ** 2;
  }
  expect(got.length).toBe(expected.length);
  return Math.sqrt(difference / size);
}

const engine = await nodeEngine({ threads: 1 });

describe.each(['stage', 'channel', 'split'] as const)('mask of %s', (resolution) => {
  it.each(['l1', 'mse'] as const)('loss and gradient are those of the pair statistics: %s', async (loss) => {
    const { mask, scale } = inputsOf(resolution);
    const { value, gradient } = await byStatistics(resolution, mask, scale, loss);
    const graph = graphOf(resolution, scale, loss);
    const feeds = feedsOf(mask);
    const wide = Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data) },
    ]);
    const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
    const results = { interpreter: interpret(graph, Object.fromEntries(wide)), engine: await session.run(feeds) };
    await session.release();
    for (const [what, found] of Object.entries(results)) {
      expect(Math.abs(found[STEP.loss].data[0] / value - 1), what).toBeLessThan(1e-6);
      expect(relativeError(found[GRADIENT + STEP.mask].data, gradient.mask), what).toBeLessThan(1e-5);
      for (const part of ['alpha', 'b'] as const) {
        expect(Math.abs(found[GRADIENT + STEP[part]].data[0] - gradient[part][0]), what).toBeLessThan(1e-6 * value);
      }
    }
  });
});

it('a mask of features that are alike within each channel has the loss of the mask of channels, whose gradient is the sum over positions', () => {
  const { mask, scale } = inputsOf('channel');
  const { places, nChannels } = layOutStages(stages);
  const ofFeatures = Float32Array.from(
    places.flatMap(({ stage, firstChannel, nPositions }) =>
      Array.from({ length: stage.channels * nPositions }, (_, k) => mask[firstChannel + Math.floor(k / nPositions)]),
    ),
  );
  const run = (resolution: MaskResolution, values: Float32Array) => {
    const feeds = Object.entries(feedsOf(values));
    const wide = feeds.map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]);
    return interpret(graphOf(resolution, scale, 'l1'), Object.fromEntries(wide));
  };
  const byChannel = run('channel', mask);
  const byFeature = run('feature', ofFeatures);
  for (const name of [STEP.loss, STEP.variances, STEP.ofMeans, GRADIENT + STEP.alpha]) {
    expect(relativeError(byFeature[name].data, byChannel[name].data), name).toBeLessThan(1e-12);
  }
  const sums = new Float64Array(nChannels);
  for (const { stage, firstChannel, firstFeature, nPositions } of places) {
    for (let k = 0; k < stage.channels * nPositions; k++) {
      sums[firstChannel + Math.floor(k / nPositions)] += byFeature[GRADIENT + STEP.mask].data[firstFeature + k];
    }
  }
  expect(relativeError(sums, byChannel[GRADIENT + STEP.mask].data)).toBeLessThan(1e-10);
});

it('an image whose features are all alike has no variance, which shows beside the part of its energy that is the mean', () => {
  const { mask, scale } = inputsOf('channel');
  const feeds = feedsOf(mask.fill(1));
  const flat = {
    ...feeds,
    ...Object.fromEntries(
      stages.map(({ name }, k) => {
        const data = features[k].data.slice();
        data.fill(0.7, data.length / N, (2 * data.length) / N);
        return [name, { shape: features[k].shape, data }];
      }),
    ),
  };
  const wide = Object.entries(flat).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]);
  const found = interpret(graphOf('channel', scale.fill(1), 'l1'), Object.fromEntries(wide));
  const ratios = Array.from(found[STEP.variances].data, (value, k) => value / found[STEP.ofMeans].data[k]);
  expect(ratios.map((ratio) => ratio < 1e-12)).toEqual([false, true, false, false, false, false]);
});
