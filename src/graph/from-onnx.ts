import { UsageError } from '../core/errors.ts';
import type { GraphProto, NodeProto } from '../formats/onnx_pb.ts';
import { statedWeights } from '../formats/onnx-constants.ts';
import { isFloatingPoint } from '../formats/onnx-tensor.ts';
import { Graph, type Tensor } from './graph.ts';
import { CONVERTERS } from './onnx/converters.ts';
import { OnnxNode, type Target } from './onnx/node.ts';
import { known, type Operand, ofGraph, valuesOf } from './onnx/operand.ts';
import type { Shape } from './operator.ts';

/** What of a model becomes a graph. */
export interface FromOnnxOptions {
  /** Of the file, for messages. */
  readonly path: string;
  /** The model's input of images: its name there, its name in the graph (the same by default), and the lengths of its axes. */
  readonly input: { readonly name: string; readonly as?: string; readonly shape: Shape };
  /** Names of tensors of the model, which become the graph's outputs under these names. */
  readonly outputs: readonly string[];
}

/** A model as a graph that can be differentiated. */
export interface FromOnnx {
  readonly graph: Graph;
  /** Names of the constants that can train, in the order in which they are used. */
  readonly parameters: readonly string[];
  /** Names of the other weights that the outputs depend on; no running statistics. */
  readonly frozen: readonly string[];
}

/**
 * An ONNX model as a graph of the table's operators. Weights are constants under their own names; only what the outputs need is converted, and
 * what does not depend on the images (the shapes that exporters compute) is computed at once. The images' number stays open as in other graphs.
 *
 * What trains is told by where it is used, as files do not say it: kernels of convolutions and matrix products with the biases beside them, and
 * behind the first of these gains and biases, which are batch norms' and all weights of more than one value that are added, subtracted,
 * multiplied or divided by; also where such a weight is transposed, reshaped, sliced, joined with others or scaled beforehand. What meets the
 * images before any kernel is how they are normalised: it stays, as do single numbers (epsilons, factors), running statistics, and weights that
 * other operators compute with. Real numbers that a node states, more than one, are weights under the name of its output.
 * @param model with all weights in it
 * @throws UsageError naming an operator on the way that is not in the table, or a tensor that the model does not have
 */
export function fromOnnx(model: GraphProto, { path, input, outputs }: FromOnnxOptions): FromOnnx {
  const graph = new Graph();
  const constants = new Map<string, Tensor>();
  const target: Target = {
    path,
    graph,
    used: new Set(),
    parameters: new Set(),
    statistics: new Set(),
    weight({ name, shape, data }) {
      target.used.add(name);
      const tensor = constants.get(name) ?? graph.constant(name, shape, data);
      constants.set(name, tensor);
      return tensor;
    },
  };
  const operands = new Map<string, Operand>();
  operands.set(input.name, ofGraph(graph.input(input.as ?? input.name, input.shape), 'images'));
  const stated = statedWeights(model.node);
  const weights = new Map([...model.initializer, ...stated].map((tensor) => [tensor.name, tensor]));
  const nodes = model.node.filter(({ output }) => !stated.some(({ name }) => name === output[0]));
  const lookUp = (name: string): Operand | undefined => {
    const weight = weights.get(name);
    if (!operands.has(name) && weight !== undefined) {
      const { shape, data } = valuesOf(path, weight);
      const isWeight = isFloatingPoint(weight.dataType);
      operands.set(
        name,
        isWeight ? { kind: 'weight', name, shape, data } : known({ shape, data: Float64Array.from(data) }, true),
      );
    }
    return operands.get(name);
  };
  convert(neededNodes(nodes, outputs), lookUp, operands, target);
  for (const name of outputs) {
    const operand = lookUp(name);
    if (operand?.kind !== 'tensor' || operand.from === 'weights') {
      throw new UsageError(
        `${path}: expected a tensor that the model computes from the images, got ${JSON.stringify(name)}`,
      );
    }
    graph.output(name, operand.tensor);
  }
  const { used, parameters, statistics } = target;
  const frozen = [...used].filter((name) => !parameters.has(name) && !statistics.has(name));
  return { graph, parameters: [...parameters], frozen };
}

/** Converts nodes in their order, which ONNX asks to be one they can run in. */
function convert(
  nodes: readonly NodeProto[],
  lookUp: (name: string) => Operand | undefined,
  results: Map<string, Operand>,
  target: Target,
): void {
  for (const proto of nodes) {
    const inputs = proto.input.map((name) => {
      const operand = name === '' ? undefined : lookUp(name);
      if (operand === undefined && name !== '') {
        throw new UsageError(
          `${target.path}: expected the first output of another node or a weight as input of ${nameOf(proto)}, got ${name}; use encoder.train: mask`,
        );
      }
      return operand;
    });
    const node = new OnnxNode(target, proto, inputs);
    const result = proto.opType === 'If' ? branch(node, lookUp, target) : converterOf(target.path, proto)(node);
    results.set(proto.output[0], result);
  }
}

/** The branch of an If whose condition is known: exporters ask so whether an axis has length 1. */
function branch(node: OnnxNode, lookUp: (name: string) => Operand | undefined, target: Target): Operand {
  const graph = node.attribute(node.numbers(0)[0] === 0 ? 'else_branch' : 'then_branch')?.g;
  const output = graph?.output[0]?.name;
  if (graph === undefined || output === undefined) return node.refuse('two branches', 'less');
  const inner = new Map<string, Operand>();
  const lookUpInner = (name: string) => inner.get(name) ?? lookUp(name);
  convert(neededNodes(graph.node, [output]), lookUpInner, inner, target);
  return lookUpInner(output) ?? node.refuse('a branch that computes its output', output);
}

function converterOf(path: string, proto: NodeProto) {
  const isStandard = proto.domain === '' || proto.domain === 'ai.onnx';
  const converter = isStandard && Object.hasOwn(CONVERTERS, proto.opType) ? CONVERTERS[proto.opType] : undefined;
  if (converter !== undefined) return converter;
  throw new UsageError(
    `${path}: operator ${proto.opType} (${nameOf(proto)}) has no gradient here, so the network cannot be trained; encoder.train: mask takes any model`,
  );
}

function nameOf({ name, output }: NodeProto): string {
  return name || output[0];
}

/** The nodes that tensors of these names depend on, in the model's order. */
function neededNodes(nodes: readonly NodeProto[], names: readonly string[]): NodeProto[] {
  const wanted = new Set(names);
  const needed: NodeProto[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    for (const name of namesUsed(node)) wanted.add(name);
    needed.push(node);
  }
  return needed.reverse();
}

function namesUsed(node: NodeProto): string[] {
  const inner = node.attribute.flatMap(({ g }) => [
    ...(g?.node ?? []).flatMap(namesUsed),
    ...(g?.output ?? []).map(({ name }) => name),
  ]);
  return [...node.input, ...inner];
}
