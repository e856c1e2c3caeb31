import { UsageError } from '../../core/errors.ts';
import type { Graph } from '../graph.ts';
import { keepNodes, rewrite } from './rewrite.ts';

/**
 * The graph with some of its constants turned into inputs of the same names, so that they can change from run to run.
 * @throws UsageError for a name that no constant has
 */
export function openConstants(graph: Graph, names: Iterable<string>): Graph {
  const wanted = new Set(names);
  const known = new Set(graph.constants.map(({ tensor }) => tensor.name));
  for (const name of wanted) {
    if (!known.has(name)) throw new UsageError(`openConstants: the graph has no constant ${name}`);
  }
  return rewrite(graph, keepNodes, {
    constant: (result, { name, shape }, data) =>
      wanted.has(name) ? result.input(name, shape) : result.constant(name, shape, data),
  });
}
