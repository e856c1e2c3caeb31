import { readFileSync } from 'node:fs';
import { OPERATORS } from '../src/graph/operators/index.ts';
import { median } from './median.ts';

/** What an operator of our graphs costs in one run. */
export interface OperatorCost {
  readonly operator: string;
  readonly milliseconds: number;
  /** Nodes of the engine's graph that it became. */
  readonly nNodes: number;
}

/** What the engine adds of its own: nodes that bring tensors into its layouts, and outputs that bear another name. */
const OTHER = "the engine's own";

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly node_index?: string };
}

/**
 * Milliseconds a run by operator, costliest first, out of a profile that onnxruntime wrote: for each node the median over the runs.
 * Names that `emitOnnx` gives to nodes begin with the operator they came from.
 */
export function operatorCosts(path: string): OperatorCost[] {
  const events: readonly ProfileEvent[] = JSON.parse(readFileSync(path, 'utf8'));
  const durations = new Map<string, { operator: string; times: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const named = /\/([a-zA-Z]+)\d+/.exec(name)?.[1] ?? '';
    const operator = Object.hasOwn(OPERATORS, named) ? named : OTHER;
    const key = `${name} ${args.node_index}`;
    const node = durations.get(key) ?? { operator, times: [] };
    node.times.push(dur / 1000);
    durations.set(key, node);
  }
  const costs = new Map<string, { milliseconds: number; nNodes: number }>();
  for (const { operator, times } of durations.values()) {
    const { milliseconds, nNodes } = costs.get(operator) ?? { milliseconds: 0, nNodes: 0 };
    costs.set(operator, { milliseconds: milliseconds + median(times), nNodes: nNodes + 1 });
  }
  return [...costs].map(([operator, cost]) => ({ operator, ...cost })).sort((a, b) => b.milliseconds - a.milliseconds);
}
