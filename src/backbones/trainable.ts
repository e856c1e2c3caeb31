import { digestBytes } from '../core/digest.ts';
import { UsageError } from '../core/errors.ts';
import { emitOnnx } from '../graph/emit.ts';
import { fromOnnx } from '../graph/from-onnx.ts';
import type { Graph } from '../graph/graph.ts';
import { INPUT_NORMALISATIONS } from '../images/normalisation.ts';
import type { Backbone, StageShape } from './backbone.ts';
import { selectStages, tappedGraph } from './network-backbone.ts';
import { inputSize, readImageModel, withPositions } from './onnx-backbone.ts';
import { requireStage } from './onnx-stages.ts';
import { listed, parametersOf } from './parameters.ts';
import { checkArchitecture, checkSize, NETWORKS, ONNX, weightsOf } from './registry.ts';
import { type BackboneContext, type BackboneSpec, normalisationOf } from './spec.ts';

/** A network whose weights can move. */
export interface TrainableNetwork {
  /** As results are labelled: `resnet50`. */
  readonly name: string;
  /** Names the contents: architecture, weights, stages, input. */
  readonly key: string;
  readonly input: Backbone['input'];
  /** The stages that are wanted, in order. */
  readonly stages: readonly StageShape[];
  /**
   * Input `pixels`, n x 3 x height x width; weights as constants under their own names, frozen statistics of batch norms among them. Its outputs
   * are the wanted stages and, where the network declares more, all it has, from the input on.
   */
  readonly graph: Graph;
  /** Names of the constants that can train (kernels, gains, biases; never running statistics), in order; none where a network has none. */
  readonly parameters: readonly string[];
  /** Names of the constants that a file of its weights holds, the parameters among them. */
  readonly arrays: readonly string[];
}

/**
 * A network with its weights, to be trained.
 * @throws UsageError for an architecture, stage or setting that does not exist, FormatError where the weights cannot be used
 */
export async function openTrainable(
  spec: BackboneSpec,
  context: Pick<BackboneContext, 'openSource' | 'findWeights' | 'onNotice'>,
): Promise<TrainableNetwork> {
  const { architecture } = spec;
  checkArchitecture(architecture);
  checkSize(spec);
  if (architecture.startsWith(ONNX)) return openTrainableModel(architecture.slice(ONNX.length), spec, context);
  const network = NETWORKS[architecture];
  const arrays = parametersOf(network);
  const parameters = arrays.filter(({ kind }) => kind !== 'mean' && kind !== 'variance').map(({ name }) => name);
  const { height, width } = spec.size === undefined ? network.input : { height: spec.size, width: spec.size };
  const input = { height, width, normalisation: normalisationOf(spec, network.input.normalisation) };
  const names = selectStages(network, spec.stages ?? network.defaultStages);
  const read = await weightsOf(network, spec, context);
  const all = network.stages.map(({ name }) => name);
  const { graph, stages } = tappedGraph(network, all, [1, 3, height, width], read);
  return {
    name: network.name,
    key: JSON.stringify([network.name, await digestBytes(emitOnnx(graph)), names, input]),
    input,
    stages: names.map((name) => stages.find((stage) => stage.name === name)!),
    graph,
    parameters,
    arrays: arrays.map(({ name }) => name),
  };
}

/**
 * A model of any origin, where all its operators on the way to the stages are in the table.
 * @throws UsageError naming an operator that is not
 */
async function openTrainableModel(
  path: string,
  spec: BackboneSpec,
  context: Pick<BackboneContext, 'openSource' | 'onNotice'>,
): Promise<TrainableNetwork> {
  const { model, input, names } = await readImageModel(path, spec, context);
  const { height, width } = inputSize(path, input, spec.size);
  const own = { name: input.name, as: 'pixels', shape: [1, 3, height, width] };
  const { graph, parameters, frozen } = fromOnnx(model.graph!, { path, input: own, outputs: names });
  if (frozen.length > 0) {
    context.onNotice?.(
      `${path}: weights that do not train: ${listed(frozen)}; those that train are kernels, and behind the first of them gains and biases of more than one value`,
    );
  }
  const shapes = Object.fromEntries([...graph.outputs].map(([name, { shape }]) => [name, shape]));
  const wanted = spec.stages === undefined ? withPositions(path, names, shapes) : names;
  const normalisation = normalisationOf(spec, INPUT_NORMALISATIONS.imagenet);
  return {
    name: `onnx:${path.split(/[/\\]/).at(-1)}`,
    key: JSON.stringify(['onnx', await digestBytes(emitOnnx(graph)), wanted, height, width, normalisation]),
    input: { height, width, normalisation },
    stages: wanted.map((name) => requireStage(path, name, shapes[name])),
    ...{ graph, parameters, arrays: parameters },
  };
}

/**
 * Names of the parameters that train where training begins at a stage: all but those that earlier stages depend on. `layer3` begins with its
 * first block, `layer3.2` with that block.
 * @throws UsageError for a stage that the network does not have
 */
export function parametersFrom({ name, graph, parameters }: TrainableNetwork, stage: string): readonly string[] {
  const names = [...graph.outputs.keys()];
  const place = names.indexOf(stage);
  if (place === -1) {
    throw new UsageError(`encoder.trainFrom: expected a stage of ${name} (${names.join(', ')}), got ${stage}`);
  }
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const earlier = names.slice(0, place).filter((other) => !other.startsWith(`${stage}.`));
  const met = new Set(earlier.map((other) => graph.outputs.get(other)!));
  for (const tensor of met) for (const input of producers.get(tensor)?.inputs ?? []) met.add(input);
  const frozen = new Set([...met].map((tensor) => tensor.name));
  return parameters.filter((parameter) => !frozen.has(parameter));
}
