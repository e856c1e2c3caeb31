import { ShapeError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { Shape } from '../operator.ts';
import { axesOf, type Padding, sides, windows } from './spatial.ts';

/** Input: maps n x c x h x w. */
export interface MaxPoolAttributes {
  /** Positions a side of the window. */
  readonly kernel: number;
  readonly stride: number;
  /** Positions around the maps that hold nothing; on each side at most half the kernel. */
  readonly pad?: Padding;
  /** Whether a last window may reach beyond the lower and right edge, as long as it begins inside. */
  readonly ceil?: boolean;
}

/**
 * Shape of a pool's result.
 * @throws ShapeError where no window fits into the maps
 */
export function pooledShape(operator: string, maps: Shape, attributes: MaxPoolAttributes): Shape {
  const [n, channels, height, width] = axesOf(operator, maps);
  const { kernel, pad = 0 } = attributes;
  if (sides(pad).some((side) => 2 * side > kernel)) {
    throw new ShapeError(`${operator}: padding ${pad} is more than half the kernel ${kernel}`);
  }
  const [top, left, bottom, right] = sides(pad);
  const outHeight = pooled(height, top, bottom, attributes);
  const outWidth = pooled(width, left, right, attributes);
  if (outHeight < 1 || outWidth < 1) {
    throw new ShapeError(`${operator}: a kernel of ${kernel} does not fit into maps ${formatShape(maps)}`);
  }
  return [n, channels, outHeight, outWidth];
}

/** Runtimes disagree on `ceil`; padding below and to the right that says the same leaves no room for that. */
export function padsOf(
  [, , height, width]: Shape,
  attributes: MaxPoolAttributes,
): readonly [top: number, left: number, bottom: number, right: number] {
  const { kernel, stride, pad = 0 } = attributes;
  const [top, left, bottom, right] = sides(pad);
  const beyond = (length: number, before: number, after: number) => {
    const reached = (pooled(length, before, after, attributes) - 1) * stride + kernel;
    return Math.max(after, reached - (length + before));
  };
  return [top, left, beyond(height, top, bottom), beyond(width, left, right)];
}

function pooled(
  length: number,
  before: number,
  after: number,
  { kernel, stride, ceil = false }: MaxPoolAttributes,
): number {
  if (!ceil) return windows(length, before, after, kernel, stride);
  const count = Math.ceil((length + before + after - kernel) / stride) + 1;
  return (count - 1) * stride >= length + before ? count - 1 : count;
}
