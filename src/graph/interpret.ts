import { ShapeError, UsageError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { type Graph, operatorOf, type Tensor } from './graph.ts';
import type { Values } from './operator.ts';

/**
 * Runs a graph in plain float64 loops: the reference that engines are held against.
 * @param feeds a tensor for each input; its first axis may differ from the declared one
 * @returns the graph's outputs by name
 * @throws UsageError where an input is missing, ShapeError where one does not fit
 */
export function interpret(graph: Graph, feeds: Readonly<Record<string, Values>>): Record<string, Values> {
  const values = new Map<Tensor, Values>();
  for (const tensor of graph.inputs) {
    const fed = feeds[tensor.name];
    if (fed === undefined) throw new UsageError(`interpret: nothing was fed for input ${tensor.name}`);
    const { shape } = tensor;
    if (fed.shape.length !== shape.length || fed.shape.some((length, axis) => axis > 0 && length !== shape[axis])) {
      throw new ShapeError(
        `interpret: input ${tensor.name} is ${formatShape(shape)}, but ${formatShape(fed.shape)} was fed`,
      );
    }
    values.set(tensor, fed);
  }
  for (const { tensor, data } of graph.constants) {
    values.set(tensor, { shape: tensor.shape, data: Float64Array.from(data) });
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => values.get(input)!);
    values.set(node.output, operatorOf(node.operator).evaluate(inputs, node.attributes));
  }
  return Object.fromEntries([...graph.outputs].map(([name, tensor]) => [name, values.get(tensor)!]));
}
