import { closeNames } from '../core/close-names.ts';
import { digestBytes } from '../core/digest.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import type { Engine } from '../engine/session.ts';
import { emitOnnx } from '../graph/emit.ts';
import { Graph } from '../graph/graph.ts';
import { foldBatchNorm } from '../graph/rewrites/fold-batch-norm.ts';
import { mergeGroups } from '../graph/rewrites/merge-groups.ts';
import type { InputNormalisation } from '../images/normalisation.ts';
import type { Backbone, StageShape } from './backbone.ts';
import { featuresPerImage, runInBatches } from './batches.ts';
import type { Network, ReadParameter } from './network.ts';

/** Images that go through the network at once: more take more memory and are no faster. */
const BATCH = 8;

/** How a network is made a backbone. */
export interface NetworkBackboneOptions {
  readonly engine: Engine;
  readonly read: ReadParameter;
  /** As results are labelled; the network's name by default. */
  readonly name?: string;
  readonly stages?: number | readonly string[] | undefined;
  readonly normalisation?: InputNormalisation;
  readonly height?: number;
  readonly width?: number;
}

/**
 * Loads a network that is declared as data into an engine.
 * @throws UsageError for a stage it does not have, or an input too small for it
 */
export async function networkBackbone(
  network: Network,
  {
    engine,
    read,
    name = network.name,
    stages: wanted = network.defaultStages,
    normalisation = network.input.normalisation,
    height = network.input.height,
    width = network.input.width,
  }: NetworkBackboneOptions,
): Promise<Backbone> {
  const names = selectStages(network, wanted);
  const { graph, stages } = tappedGraph(network, names, [1, 3, height, width], read);
  const model = emitOnnx(mergeGroups(foldBatchNorm(graph)));
  const key = JSON.stringify([network.name, await digestBytes(model), height, width, normalisation]);
  const session = await engine.load(model);
  const sizes = featuresPerImage(stages);
  return {
    name,
    key,
    stages,
    input: { height, width, normalisation },
    run: (pixels, n) =>
      runInBatches(pixels, n, BATCH, sizes, async (few, count) => {
        const results = await session.run({ pixels: { shape: [count, 3, height, width], data: few } });
        return names.map((stage) => results[stage].data as Float32Array);
      }),
    release: () => session.release(),
  };
}

/**
 * The network's graph with some stages as its outputs, and their shapes.
 * @param shape n x 3 x height x width
 * @throws UsageError for an input too small
 */
export function tappedGraph(
  network: Network,
  names: readonly string[],
  shape: readonly number[],
  read: ReadParameter,
): { graph: Graph; stages: StageShape[] } {
  const graph = new Graph();
  try {
    const taps = network.build(graph, graph.input('pixels', shape), read);
    for (const stage of names) graph.output(stage, taps[stage]);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new UsageError(
      `${network.name}: an input of ${formatShape(shape.slice(2))} does not fit it (${error.message})`,
    );
  }
  const stages: StageShape[] = [...graph.outputs].map(([name, tensor]) => {
    const [, channels, height, width] = tensor.shape;
    return { name, channels, height, width };
  });
  return { graph, stages };
}

/**
 * Names of the stages that are wanted of a network.
 * @throws UsageError for a number or a name it does not know, or a name given twice
 */
export function selectStages(network: Network, wanted: number | readonly string[]): readonly string[] {
  if (typeof wanted === 'number') {
    const set = network.stageSets[wanted];
    if (set !== undefined) return set;
    throw new UsageError(
      `stages: ${network.name} has sets of ${Object.keys(network.stageSets).join(' and ')}, got ${wanted}; name stages to choose others`,
    );
  }
  const known = network.stages.map(({ name }) => name);
  if (wanted.length === 0) throw new UsageError(`stages: expected at least one, got none`);
  for (const [k, name] of wanted.entries()) {
    if (!known.includes(name)) {
      throw new UsageError(
        `stages: ${network.name} has no ${JSON.stringify(name)}; close to it are ${closeNames(name, known).join(', ')}`,
      );
    }
    if (wanted.indexOf(name) !== k) throw new UsageError(`stages: expected different ones, got ${name} twice`);
  }
  return wanted;
}
