// A training epoch of a small network on the device that the process is given: its results as one line of JSON.
import { parametersOf, randomParameters } from '../../src/backbones/parameters.ts';
import { residualNetwork } from '../../src/backbones/residual.ts';
import type { TrainableNetwork } from '../../src/backbones/trainable.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { Device } from '../../src/engine/session.ts';
import type { CropSource } from '../../src/features/crops.ts';
import { Graph } from '../../src/graph/graph.ts';
import { trainingLoop } from '../../src/training/loop.ts';
import { networkLearner } from '../../src/training/network/network-learner.ts';
import { fitProblem } from '../../src/training/problem.ts';
import { trainingSettings } from '../../src/training/settings.ts';
import { between } from '../golden/seeded.ts';
import { noisySubjects, statisticsOf } from '../training/small-network.ts';

const SIDE = 16;
const N_IMAGES = 8;

/** Grouped and strided convolutions, a pool that rounds up, squeeze-and-excitation, shortcuts: all that the paper's network has. */
function smallSeResnext(): TrainableNetwork {
  const network = residualNetwork({
    ...{ name: 'small', blocks: [1, 1], groups: 4, width: 8, squeeze: 16 },
    pool: { pad: 0, ceil: true },
  });
  const graph = new Graph();
  const taps = network.build(graph, graph.input('pixels', [1, 3, SIDE, SIDE]), randomParameters(1));
  const stages = network.stageSets[network.defaultStages].map((name) => {
    graph.output(name, taps[name]);
    const [, channels, height, width] = taps[name].shape;
    return { name, channels, height, width };
  });
  const parameters = parametersOf(network).flatMap(({ name, kind }) =>
    kind === 'mean' || kind === 'variance' ? [] : [name],
  );
  return {
    name: 'small',
    key: 'small',
    input: { ...network.input, height: SIDE, width: SIDE },
    stages,
    graph,
    parameters,
    arrays: parameters,
  };
}

const network = smallSeResnext();
const shape = [3, SIDE, SIDE];
const pixels = async (image: number) => Float32Array.from(between(`image ${image}`, shape, -1, 1));
const conditions = Array.from({ length: N_IMAGES }, (_, image) => `${image}.png`);
const crops: CropSource = { conditions, key: async () => 'drawn', centre: pixels, random: pixels };

const cpu = await nodeEngine({ threads: 1 });
const truth = between('truth', [(N_IMAGES * (N_IMAGES - 1)) / 2], 0.5, 1.5);
const sets = [
  {
    ...{ name: 'drawn', imageSet: 'drawn' },
    statistics: await statisticsOf(network, crops, cpu),
    targets: noisySubjects(Float64Array.from(truth), conditions),
  },
];

const engine = await nodeEngine({ device: process.argv[2] as Device });
const settings = trainingSettings({
  ...{ mask: 'channel', train: 'all', sampler: 'cliques', cliqueSize: 5, epochs: 1, readout: 'affine' },
  learningRate: { mask: 0.01, readout: 0.01, backbone: 0.001 },
});
const problem = fitProblem(sets, settings, () => {});
const learner = await networkLearner(problem, settings, { network, engine, crops: [crops] });
const losses: number[] = [];
const step = learner.step.bind(learner);
await trainingLoop(
  {
    ...learner,
    async step(...given) {
      losses.push(await step(...given));
      return losses.at(-1)!;
    },
  },
  problem,
  settings,
);
const { mask, weights } = learner.kept();
const before = new Map(network.graph.constants.map(({ tensor, data }) => [tensor.name, data]));
const changes = network.parameters.flatMap((name) => {
  const [now, then] = [weights[name].data, before.get(name)!];
  return Array.from({ length: sizeOf(weights[name].shape) }, (_, k) => now[k] - then[k]);
});
process.stdout.write(
  JSON.stringify({
    engine: engine.name,
    losses,
    mask: [...mask],
    norm: Math.sqrt(changes.reduce((sum, change) => sum + change ** 2, 0)),
  }),
);
