import type { Emitter } from '../emitter.ts';
import type { Shape } from '../operator.ts';
import { type Padding, sides } from './spatial.ts';

/** Inputs: the convolution's maps n x c x h x w and the derivative by its output n x k x oh x ow. */
export interface ConvKernelGradientAttributes {
  /** Height and width of the kernels. */
  readonly kernel: readonly [height: number, width: number];
  readonly stride?: number;
  readonly pad?: Padding;
  readonly groups?: number;
}

/**
 * How maps and gradient lie flat, one row of `length` values a channel, so that a kernel's position is a shift: image after image, line after
 * line of `columns` positions, with as many zeros between that nothing of the next line comes into reach.
 */
interface Layout {
  readonly lines: number;
  readonly columns: number;
  readonly length: number;
}

/** A copy of a flat row: which position of the kernel it stands for, and where in its own row it begins. */
interface Copy {
  readonly row: number;
  readonly column: number;
  readonly offset: number;
}

/**
 * Adds nodes that make the derivative by a convolution's kernels one batched matrix product: the rows of the maps, shifted by each position of
 * the kernel, times the rows of the gradient. The shifts are made by one Concat of whole rows with zeros between them, which copies memory as
 * fast as it can be copied; nine Slices of each line (im2col) take several times as long. With stride 1 the maps are shifted along lines only
 * and the gradient along columns: 3 + 3 copies do for a 3 x 3 kernel.
 */
export function emitKernelGradient(
  emitter: Emitter,
  [maps, gradient]: readonly string[],
  output: string,
  attributes: ConvKernelGradientAttributes,
  [shapeOfMaps, shapeOfGradient]: readonly Shape[],
): void {
  const { groups = 1, kernel } = attributes;
  const [channels, nKernels] = [shapeOfMaps[1], shapeOfGradient[1]];
  const layout = layoutOf(attributes, shapeOfMaps, shapeOfGradient);
  const { mapCopies, gradientCopies, longest } = copiesOf(attributes, layout, channels, nKernels);
  const length = layout.length + longest;

  const phases = phasesOfMaps(emitter, maps, attributes, shapeOfMaps, layout, `${output}/maps`);
  const windows = concatRows(
    emitter,
    mapCopies.map(({ row, column, offset }) => ({ name: phases(row, column), offset })),
    { channels, taken: layout.length, length, output: `${output}/windows` },
  );
  emitter.node('Transpose', [gradient], `${output}/gradient`, { perm: [1, 0, 2, 3] });
  const after = [layout.lines - shapeOfGradient[2], layout.columns - shapeOfGradient[3]];
  const padded = padLines(emitter, `${output}/gradient`, [0, 0], after);
  const flat = reshaped(emitter, padded, [nKernels, layout.length], `${output}/gradient/flat`);
  const moved = concatRows(
    emitter,
    gradientCopies.map(({ offset }) => ({ name: flat, offset })),
    { channels: nKernels, taken: layout.length, length, output: `${output}/moved` },
  );

  const [perGroup, nWindows, nMoved] = [channels / groups, mapCopies.length, gradientCopies.length];
  const left = reshaped(emitter, moved, [groups, (nKernels / groups) * nMoved, length], `${output}/left`);
  const right = reshaped(emitter, windows, [groups, perGroup * nWindows, length], `${output}/right`);
  emitter.node('Transpose', [right], `${output}/right/transposed`, { perm: [0, 2, 1] });
  emitter.node('MatMul', [left, `${output}/right/transposed`], `${output}/product`);
  const axes = reshaped(emitter, `${output}/product`, [nKernels, nMoved, perGroup, nWindows], `${output}/axes`);
  // Windows stand for lines of the kernel and moved gradients for columns, or windows for both.
  emitter.node('Transpose', [axes], `${output}/ordered`, { perm: [0, 2, 3, 1] });
  emitter.node('Reshape', [`${output}/ordered`, emitter.integers([nKernels, perGroup, ...kernel])], output);
}

function layoutOf({ kernel, stride = 1, pad = 0 }: ConvKernelGradientAttributes, maps: Shape, gradient: Shape): Layout {
  const [top, left] = sides(pad);
  // Zeros at the end of a line and at the beginning of the next one can be the same.
  const along = (out: number, size: number, length: number, before: number) => {
    const reach = Math.floor((size - 1) / stride);
    const behind = out + reach - before - length;
    return out + reach - (stride === 1 ? Math.max(0, Math.min(before, behind, reach)) : 0);
  };
  const lines = along(gradient[2], kernel[0], maps[2], top);
  const columns = along(gradient[3], kernel[1], maps[3], left);
  return { lines, columns, length: maps[0] * lines * columns };
}

/** Which copies of the maps' and of the gradient's rows meet; p + (shift of the window) in the maps is p in the gradient. */
function copiesOf(
  { kernel: [height, width], stride = 1 }: ConvKernelGradientAttributes,
  { columns }: Layout,
  channels: number,
  nKernels: number,
): { mapCopies: Copy[]; gradientCopies: Copy[]; longest: number } {
  const lines = [...Array(height).keys()];
  const places = [...Array(width).keys()];
  if (stride === 1 && height * channels + width * nKernels < height * width * channels) {
    const longest = (height - 1) * columns;
    return {
      mapCopies: lines.map((row) => ({ row, column: 0, offset: longest - row * columns })),
      gradientCopies: places.map((column) => ({ row: 0, column, offset: longest + column })),
      longest: longest + width - 1,
    };
  }
  const shift = (row: number, column: number) => Math.floor(row / stride) * columns + Math.floor(column / stride);
  const longest = shift(height - 1, width - 1);
  return {
    mapCopies: lines.flatMap((row) => places.map((column) => ({ row, column, offset: longest - shift(row, column) }))),
    gradientCopies: [{ row: 0, column: 0, offset: longest }],
    longest,
  };
}

/** Gives the flat rows of every stride-th line and column of the padded maps, from a position of the kernel on; each is added once. */
function phasesOfMaps(
  emitter: Emitter,
  maps: string,
  { stride = 1, pad = 0 }: ConvKernelGradientAttributes,
  [, channels, height, width]: Shape,
  { lines, columns, length }: Layout,
  output: string,
): (row: number, column: number) => string {
  const [top, left] = sides(pad);
  const ends = [lines * stride, columns * stride];
  emitter.node('Transpose', [maps], output, { perm: [1, 0, 2, 3] });
  const whole = padLines(emitter, output, [top, left], [ends[0] - top - height, ends[1] - left - width]);
  const known = new Map<string, string>();
  return (row, column) => {
    const from = [row % stride, column % stride];
    const name = `${output}/${from.join('/')}`;
    if (!known.has(name)) {
      const ranges = [from, ends, [2, 3], [stride, stride]];
      if (stride > 1) emitter.node('Slice', [whole, ...ranges.map((list) => emitter.integers(list))], name);
      known.set(name, reshaped(emitter, stride > 1 ? name : whole, [channels, length], `${name}/flat`));
    }
    return known.get(name)!;
  };
}

/** Zeros around the last two axes; negative counts take lines away. */
function padLines(emitter: Emitter, name: string, before: readonly number[], after: readonly number[]): string {
  let result = name;
  if (after.some((count) => count < 0)) {
    const axes = [0, 1].filter((k) => after[k] < 0);
    const ranges = [axes.map(() => 0), axes.map((k) => after[k]), axes.map((k) => k + 2)];
    emitter.node('Slice', [result, ...ranges.map((list) => emitter.integers(list))], `${name}/reached`);
    result = `${name}/reached`;
  }
  const missing = after.map((count) => Math.max(0, count));
  if ([...before, ...missing].every((count) => count === 0)) return result;
  emitter.node('Pad', [result, emitter.integers([0, 0, ...before, 0, 0, ...missing])], `${name}/padded`);
  return `${name}/padded`;
}

/** Rows with zeros before and behind them, each `length` long, a channel's copies one after the other. */
function concatRows(
  emitter: Emitter,
  copies: readonly { readonly name: string; readonly offset: number }[],
  { channels, taken, length, output }: { channels: number; taken: number; length: number; output: string },
): string {
  if (copies.length === 1 && taken === length) return copies[0].name;
  const zeros = new Map<number, string>();
  const parts: string[] = [];
  let end = 0;
  const fill = (to: number) => {
    if (to === end) return;
    if (!zeros.has(to - end)) zeros.set(to - end, emitter.filled([channels, to - end], 0));
    parts.push(zeros.get(to - end)!);
  };
  for (const [k, { name, offset }] of copies.entries()) {
    fill(k * length + offset);
    parts.push(name);
    end = k * length + offset + taken;
  }
  fill(copies.length * length);
  emitter.node('Concat', parts, output, { axis: 1 });
  return output;
}

function reshaped(emitter: Emitter, name: string, shape: Shape, output: string): string {
  emitter.node('Reshape', [name, emitter.integers(shape)], output);
  return output;
}
