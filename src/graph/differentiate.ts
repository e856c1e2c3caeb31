import { UsageError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { type Graph, operatorOf, type Tensor } from './graph.ts';
import type { Builder } from './operator.ts';

/**
 * Adds to a graph the derivatives of one of its values, by the operators' own rules from the loss back (reverse mode). Only what lies between
 * the parameters and the loss is differentiated; a tensor that is used several times gets the sum over its uses.
 * @param graph is added to
 * @param loss a tensor of one value
 * @param parameters inputs, constants or results of operators
 * @returns for each parameter a tensor of its shape
 * @throws UsageError where the loss is not one value, no gradient reaches a parameter, or an operator on the way has no gradient
 */
export function differentiate(graph: Graph, loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new UsageError(
      `differentiate: expected a loss of one value, got ${formatShape(loss.shape)}; sum or average it`,
    );
  }
  const forward = [...graph.nodes];
  const moving = new Set(parameters);
  for (const { inputs, output } of forward) {
    if (inputs.some((input) => moving.has(input))) moving.add(output);
  }
  const build = graph as Builder; // rules name their operators by strings: the table's type would run in a circle
  const contributions = new Map<Tensor, Tensor[]>();
  contributions.set(loss, [graph.constant('one', loss.shape, new Float64Array(1).fill(1))]);
  const total = (tensor: Tensor): Tensor | undefined => {
    const parts = contributions.get(tensor);
    if (parts === undefined) return undefined;
    // Derivatives that repeat along axes come last, where they meet one that has those axes already.
    const ordered = [...parts].sort((a, b) => sizeOf(b.shape) - sizeOf(a.shape));
    const sum = ordered.reduce((a, b) => graph.apply('add', [a, b]));
    const whole =
      formatShape(sum.shape) === formatShape(tensor.shape)
        ? sum
        : graph.apply('expand', [sum], { shape: tensor.shape });
    contributions.set(tensor, [whole]);
    return whole;
  };

  for (const { operator, inputs, attributes, output } of forward.reverse()) {
    if (!inputs.some((input) => moving.has(input))) continue;
    const gradient = total(output);
    if (gradient === undefined) continue;
    const rule = operatorOf(operator).gradient;
    if (rule === undefined) {
      throw new UsageError(
        `differentiate: operator ${operator} has no gradient, and ${output.name} leads to a parameter`,
      );
    }
    const ofInputs = rule(build, { inputs, attributes, output, gradient });
    for (const [k, input] of inputs.entries()) {
      const part = moving.has(input) ? ofInputs[k]?.() : undefined;
      if (part !== undefined) contributions.set(input, [...(contributions.get(input) ?? []), part]);
    }
  }
  return parameters.map((parameter) => {
    const gradient = total(parameter);
    if (gradient === undefined) {
      throw new UsageError(
        `differentiate: no gradient reaches ${parameter.name}, the loss depends on it not at all or through frozen statistics only; leave it out of the parameters`,
      );
    }
    return gradient;
  });
}
