import type { TrainableNetwork } from '../../backbones/trainable.ts';
import type { Engine, EngineSession, EngineTensor } from '../../engine/session.ts';
import { emitOnnx } from '../../graph/emit.ts';
import type { Graph } from '../../graph/graph.ts';
import { channelsFirst } from '../../graph/rewrites/channels-first.ts';
import { foldBatchNorm } from '../../graph/rewrites/fold-batch-norm.ts';
import { openConstants } from '../../graph/rewrites/open-constants.ts';
import { withImages } from '../../graph/rewrites/with-images.ts';
import { type StepGraphSettings, stepGraph } from './step-graph.ts';

/** Loads the graph of a step: forward pass, loss and gradient. Its runs are all of one size, so it keeps its memory. */
export async function loadStep(engine: Engine, network: Graph, settings: StepGraphSettings): Promise<EngineSession> {
  return engine.load(emitOnnx(stepGraph(network, settings), { openAxes: 'none' }), { keepMemory: true });
}

/** What brings a stage of so many axes into the order images, channels, positions. */
const IMAGES_FIRST: Readonly<Record<number, readonly number[]>> = { 3: [0, 2, 1], 4: [1, 0, 2, 3] };

/** Stage features by weights that move. */
export interface ForwardSession {
  /** @returns for each stage n x channels x height x width */
  run(
    inputs: Readonly<Record<string, EngineTensor>>,
    weights: Readonly<Record<string, EngineTensor>>,
  ): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/** Loads the forward pass alone, for so many images at once. */
export async function loadForward(
  engine: Engine,
  network: Graph,
  { stages, parameters, nImages }: Pick<StepGraphSettings, 'stages' | 'parameters' | 'nImages'>,
): Promise<ForwardSession> {
  const graph = channelsFirst(foldBatchNorm(openConstants(withImages(network, nImages), parameters)));
  const outputs = stages.map(({ name }) => `stage/${name}`); // a stage that is frozen is an input of its own name
  for (const [k, { name }] of stages.entries()) {
    const tensor = graph.outputs.get(name)!;
    const order = IMAGES_FIRST[tensor.shape.length];
    graph.output(outputs[k], order === undefined ? tensor : graph.apply('transpose', [tensor], { order }));
    graph.outputs.delete(name);
  }
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
  return {
    async run(inputs, weights) {
      const results = await session.run({ ...inputs, ...weights }, outputs);
      return outputs.map((name) => results[name].data as Float32Array);
    },
    release: () => session.release(),
  };
}

/** What a file of a network's weights holds, by name: all its arrays, with some in place of its own. */
export function arraysOf(
  { graph, arrays }: Pick<TrainableNetwork, 'graph' | 'arrays'>,
  moved: Readonly<Record<string, EngineTensor>>,
): Record<string, EngineTensor> {
  const own = new Map(graph.constants.map(({ tensor: { name, shape }, data }) => [name, { shape, data }]));
  return Object.fromEntries(
    arrays.map((name) => {
      const { shape, data } = moved[name] ?? own.get(name)!;
      return [name, { shape, data: data.slice() }];
    }),
  );
}
