import type { Graph } from '../graph.ts';
import { keepNodes, rewrite } from './rewrite.ts';

/** The graph for inputs of n rows, whatever number it was declared for: every shape in it is known again. */
export function withImages(graph: Graph, n: number): Graph {
  return rewrite(graph, keepNodes, { input: (result, { name, shape }) => result.input(name, [n, ...shape.slice(1)]) });
}
