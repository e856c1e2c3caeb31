import type { TrainableNetwork } from '../../src/backbones/trainable.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/session.ts';
import type { CropSource } from '../../src/features/crops.ts';
import { type PairStatistics, pairStatistics } from '../../src/features/pair-statistics.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { withOutputs } from '../../src/graph/rewrites/with-outputs.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import { between } from '../golden/seeded.ts';

const SIDE = 16;
const input = { height: SIDE, width: SIDE, normalisation: INPUT_NORMALISATIONS.imagenet };

/** A network of three stages, small enough to train in milliseconds: stem, a grouped block and a pointwise one. */
export function smallNetwork(seed = ''): TrainableNetwork {
  const graph = new Graph();
  const parameters: string[] = [];
  const weights = (name: string, shape: number[], low: number, high: number, trains = true) => {
    if (trains) parameters.push(name);
    return graph.constant(name, shape, between(seed + name, shape, low, high));
  };
  const conv = (x: Tensor, name: string, channels: number, kernel: number, stride = 1, groups = 1) => {
    const shape = [channels, x.shape[1] / groups, kernel, kernel];
    const bound = Math.sqrt(3 / (shape[1] * kernel * kernel));
    const y = graph.apply('conv', [x, weights(`${name}.weight`, shape, -bound, bound)], {
      ...{ stride, groups, pad: (kernel - 1) / 2 },
    });
    const norm = graph.apply('batchNorm', [
      y,
      weights(`${name}.gain`, [channels], 0.7, 1.3),
      weights(`${name}.bias`, [channels], -0.3, 0.3),
      weights(`${name}.mean`, [channels], -0.2, 0.2, false),
      weights(`${name}.variance`, [channels], 0.5, 1.5, false),
    ]);
    return graph.apply('relu', [norm]);
  };
  const pixels = graph.input('pixels', [1, 3, SIDE, SIDE]);
  const low = graph.apply('maxPool', [conv(pixels, 'low', 8, 3)], { kernel: 3, stride: 2, pad: 1 });
  const middle = conv(conv(low, 'middle.0', 8, 3, 2, 4), 'middle.1', 12, 1);
  const high = conv(middle, 'high', 10, 1);
  const stages = Object.entries({ low, middle, high }).map(([name, tensor]) => {
    graph.output(name, tensor);
    return { name, channels: tensor.shape[1], height: tensor.shape[2], width: tensor.shape[3] };
  });
  return {
    name: 'small',
    key: `small ${seed}`,
    input,
    stages,
    graph,
    parameters,
    arrays: graph.constants.map(({ tensor }) => tensor.name),
  };
}

/** Drawn images: smooth patterns, of which a random crop is a shifted one. */
export function drawnCrops(n: number, name = 'crops'): CropSource {
  const conditions = Array.from({ length: n }, (_, k) => `${name}${k}.jpg`);
  const pixels = (image: number, right: number, down: number) => {
    const phases = between(`${name} ${image}`, [24], 0, 6);
    return Float32Array.from({ length: 3 * SIDE * SIDE }, (_, k) => {
      const [c, y, x] = [Math.floor(k / SIDE / SIDE), Math.floor(k / SIDE) % SIDE, k % SIDE];
      let sum = 0;
      for (let w = 0; w < 4; w++) {
        const [a, b] = [phases[8 * c + 2 * w], phases[8 * c + 2 * w + 1]];
        sum += Math.sin(0.4 * (a * (x + right) - b * (y + down)) + a * b);
      }
      return sum;
    });
  };
  return {
    conditions,
    key: async () => name,
    centre: async (image) => pixels(image, 0, 0),
    random(image, random) {
      const [right, down] = [4 * random.uniform(), 4 * random.uniform()];
      return Promise.resolve(pixels(image, right, down));
    },
  };
}

/** Pair statistics of the centre crops. */
export async function statisticsOf(
  network: TrainableNetwork,
  crops: CropSource,
  engine: Engine,
): Promise<PairStatistics> {
  const { stages } = network;
  const names = stages.map((stage) => stage.name);
  const session = await engine.load(emitOnnx(withOutputs(network.graph, names)));
  const stream = {
    ...{ conditions: crops.conditions, stages, key: network.key },
    async *read() {
      for (const image of crops.conditions.keys()) {
        const feeds = { pixels: { shape: [1, 3, SIDE, SIDE], data: await crops.centre(image) } };
        const results = await session.run(feeds);
        yield names.map((name) => results[name].data as Float32Array);
      }
    },
  };
  const statistics = await pairStatistics(stream, { precision: 'float64' });
  await session.release();
  return statistics;
}

/** Subjects' dissimilarities: another network's, each with noise of its own. */
export function noisySubjects(
  truth: Float64Array,
  conditions: readonly string[],
  { nSubjects = 3, noise = 0.05, seed = 1 } = {},
) {
  const random = seededRandom(seed);
  const values = Float64Array.from(
    { length: nSubjects * truth.length },
    (_, k) => truth[k % truth.length] + noise * random.normal(),
  );
  return { nConditions: conditions.length, conditions, nSubjects, nTimes: 1, values };
}
