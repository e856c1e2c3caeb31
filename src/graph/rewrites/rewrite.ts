import { type Constant, Graph, type GraphNode, type Tensor } from '../graph.ts';

/** What a rewriting rule may look up in the graph it rewrites. */
export interface Surroundings {
  /** Values of a tensor that is a constant. */
  constant(tensor: Tensor): Float32Array | Float64Array | undefined;
  /** The node that computes a tensor, if nothing but `reader` uses its result. */
  onlyFor(tensor: Tensor, reader: GraphNode): GraphNode | undefined;
}

/**
 * What takes a node's place: a function that adds it to the new graph and gives its output, told how tensors of the old graph are called in
 * the new one; undefined leaves the node as it is.
 */
export type Rule = (
  node: GraphNode,
  surroundings: Surroundings,
) => ((graph: Graph, renewed: (tensor: Tensor) => Tensor) => Tensor) | undefined;

/** How what is not computed is taken over: as it is, unless told otherwise. */
export interface Leaves {
  readonly input?: (result: Graph, tensor: Tensor) => Tensor;
  readonly constant?: (result: Graph, tensor: Tensor, data: Constant['data']) => Tensor;
}

/** Leaves every node as it is. */
export const keepNodes: Rule = () => undefined;

/** The graph with a rule applied to every node; nodes and constants that nothing needs any more are left out. */
export function rewrite(
  graph: Graph,
  rule: Rule,
  {
    input = (result, { name, shape }) => result.input(name, shape),
    constant = (result, { name, shape }, data) => result.constant(name, shape, data),
  }: Leaves = {},
): Graph {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const constants = new Map(graph.constants.map(({ tensor, data }) => [tensor, data]));
  const readers = new Map<Tensor, number>();
  for (const tensor of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.values()]) {
    readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const surroundings: Surroundings = {
    constant: (tensor) => constants.get(tensor),
    onlyFor: (tensor, reader) =>
      readers.get(tensor) === 1 && reader.inputs.includes(tensor) ? producers.get(tensor) : undefined,
  };
  const result = new Graph();
  const renewed = new Map<Tensor, Tensor>();
  for (const tensor of graph.inputs) renewed.set(tensor, input(result, tensor));

  // From the outputs back, so that only what is needed is taken over.
  const renew = (tensor: Tensor): Tensor => {
    const known = renewed.get(tensor);
    if (known !== undefined) return known;
    const data = constants.get(tensor);
    const fresh = data ? constant(result, tensor, data) : renewNode(producers.get(tensor)!);
    renewed.set(tensor, fresh);
    return fresh;
  };
  const renewNode = (node: GraphNode): Tensor =>
    rule(node, surroundings)?.(result, renew) ??
    result.apply(node.operator, node.inputs.map(renew), node.attributes as never);
  for (const [name, tensor] of graph.outputs) result.output(name, renew(tensor));
  return result;
}
