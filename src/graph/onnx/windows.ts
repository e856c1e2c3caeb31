import { sizeOf } from '../../core/shape.ts';
import type { OnnxNode } from './node.ts';
import type { Operand } from './operand.ts';

/** Windows along the last axes of a tensor, as ONNX's convolutions and pools describe them. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Positions added before and behind each axis. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** A node's windows over input 0. */
export function windowsOf(node: OnnxNode, kernelShape?: readonly number[]): Windows {
  const kernel = node.list('kernel_shape') ?? kernelShape ?? node.refuse('a kernel_shape', 'none');
  const lengths = node.input(0).shape.slice(-kernel.length);
  if (node.list('dilations')?.some((dilation) => dilation !== 1)) {
    return node.refuse('dilations of 1', String(node.list('dilations')));
  }
  const strides = node.list('strides') ?? kernel.map(() => 1);
  const how = node.text('auto_pad') ?? 'NOTSET';
  if (how.startsWith('SAME')) {
    const total = kernel.map((size, k) =>
      Math.max(0, (Math.ceil(lengths[k] / strides[k]) - 1) * strides[k] + size - lengths[k]),
    );
    const less = total.map((count) => Math.floor(count / 2));
    const more = total.map((count) => Math.ceil(count / 2));
    return how === 'SAME_LOWER'
      ? { kernel, strides, before: more, behind: less }
      : { kernel, strides, before: less, behind: more };
  }
  const pads = node.list('pads') ?? [...kernel, ...kernel].map(() => 0);
  return { kernel, strides, before: pads.slice(0, kernel.length), behind: pads.slice(kernel.length) };
}

/** The one length that all axes share. */
export function same(node: OnnxNode, what: string, lengths: readonly number[]): number {
  return lengths.every((length) => length === lengths[0])
    ? lengths[0]
    : node.refuse(`the same ${what} on each axis`, `${lengths}`);
}

/** Four sides of windows over maps. */
export function sidesOf(
  node: OnnxNode,
  { kernel, before, behind }: Windows,
): readonly [number, number, number, number] {
  if (kernel.length !== 2) return node.refuse('maps of two axes', `${kernel.length}`);
  return [before[0], before[1], behind[0], behind[1]];
}

/** Sums over windows along the last axes, zeros beyond the edge: a few slices and additions an axis. */
export function windowSums(node: OnnxNode, input: Operand, { kernel, strides, before, behind }: Windows): Operand {
  const rank = input.shape.length;
  const first = rank - kernel.length;
  const low = Array.from({ length: rank }, (_, axis) => before[axis - first] ?? 0);
  const high = Array.from({ length: rank }, (_, axis) => behind[axis - first] ?? 0);
  const isPadded = [...low, ...high].some((count) => count > 0);
  let result = isPadded ? node.apply('pad', [input], { low, high }) : input;
  for (const [k, size] of kernel.entries()) {
    const axis = first + k;
    const count = Math.floor((result.shape[axis] - size) / strides[k]) + 1;
    if (size === 1 && strides[k] === 1) continue;
    const parts = Array.from({ length: size }, (_, from) =>
      node.apply('slice', [result], { axis, from, to: from + (count - 1) * strides[k] + 1, step: strides[k] }),
    );
    result = parts.reduce((sum, part) => node.apply('add', [sum, part]));
  }
  return result;
}

/** How many of the input's own positions, or with `all` how many of any, each window holds: 1 x 1 x ... x windows. */
export function windowCounts(node: OnnxNode, input: Operand, windows: Windows, all: boolean): Operand {
  const { kernel } = windows;
  const leading = input.shape.slice(0, -kernel.length).map(() => 1);
  if (all) return node.number(sizeOf(kernel));
  const shape = [...leading, ...input.shape.slice(-kernel.length)];
  const ones: Operand = { kind: 'known', shape, data: new Float64Array(sizeOf(shape)).fill(1), isInteger: false };
  return windowSums(node, ones, windows);
}
