import type { Graph } from '../graph.ts';
import { keepNodes, rewrite } from './rewrite.ts';

/** The graph with some of its outputs, in this order, and only what they need. */
export function withOutputs(graph: Graph, names: readonly string[]): Graph {
  const all = rewrite(graph, keepNodes);
  const wanted = names.map((name) => [name, all.outputs.get(name)!] as const);
  all.outputs.clear();
  for (const [name, tensor] of wanted) all.output(name, tensor);
  return rewrite(all, keepNodes);
}
