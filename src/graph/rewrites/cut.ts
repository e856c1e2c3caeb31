import { Graph, type Tensor } from '../graph.ts';

/** A graph in two parts, of which the second begins where the first ends. */
export interface CutGraph {
  /** What no trained constant has a part in; undefined where that is nothing but inputs. Its outputs are inputs of `trained`. */
  readonly frozen: Graph | undefined;
  /** Has the outputs of the whole; its inputs are the frozen part's outputs, and inputs of the whole that it meets directly. */
  readonly trained: Graph;
}

/**
 * Cuts a graph where constants that train begin to matter: what lies before needs to be computed only once an input.
 * @param trained names of these constants; without any, everything is frozen
 */
export function cutBelow(graph: Graph, trained: Iterable<string>): CutGraph {
  const names = new Set(trained);
  const moving = new Set<Tensor>();
  const varying = new Set<Tensor>(graph.inputs); // what differs from one input to the next
  for (const { tensor } of graph.constants) if (names.has(tensor.name)) moving.add(tensor);
  for (const { inputs, output } of graph.nodes) {
    if (inputs.some((input) => moving.has(input))) moving.add(output);
    if (inputs.some((input) => varying.has(input))) varying.add(output);
  }
  const boundary = new Map<Tensor, string>(graph.inputs.map((tensor) => [tensor, tensor.name]));
  const meet = (tensor: Tensor, name: string) => {
    if (!moving.has(tensor) && varying.has(tensor) && !boundary.has(tensor)) boundary.set(tensor, name);
  };
  for (const [name, tensor] of graph.outputs) meet(tensor, name);
  for (const { inputs, output } of graph.nodes) {
    if (moving.has(output)) for (const input of inputs) meet(input, `below/${input.name}`);
  }

  const isComputed = (tensor: Tensor) => !graph.inputs.includes(tensor);
  const computed = [...boundary].filter(([tensor]) => isComputed(tensor));
  const frozen = computed.length === 0 ? undefined : part(graph, new Map(), new Map(computed.map(([t, n]) => [n, t])));
  return { frozen, trained: part(graph, boundary, graph.outputs) };
}

/** What leads to some tensors, beginning at others, which become inputs. */
function part(graph: Graph, begin: ReadonlyMap<Tensor, string>, end: ReadonlyMap<string, Tensor>): Graph {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const constants = new Map(graph.constants.map(({ tensor, data }) => [tensor, data]));
  const result = new Graph();
  const renewed = new Map<Tensor, Tensor>();
  const renew = (tensor: Tensor): Tensor => {
    const known = renewed.get(tensor);
    if (known !== undefined) return known;
    const fresh = create(tensor);
    renewed.set(tensor, fresh);
    return fresh;
  };
  const create = (tensor: Tensor): Tensor => {
    const name = begin.get(tensor) ?? (graph.inputs.includes(tensor) ? tensor.name : undefined);
    if (name !== undefined) return result.input(name, tensor.shape);
    const data = constants.get(tensor);
    if (data !== undefined) return result.constant(tensor.name, tensor.shape, data);
    const { operator, inputs, attributes } = producers.get(tensor)!;
    return result.apply(operator, inputs.map(renew), attributes as never);
  };
  for (const [name, tensor] of end) result.output(name, renew(tensor));
  return result;
}
