import { ShapeError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { Shape } from '../operator.ts';
import { axesOf, windows } from './spatial.ts';

/** Input: maps n x c x h x w. */
export interface MaxPoolAttributes {
  /** Positions a side of the window. */
  readonly kernel: number;
  readonly stride: number;
  /** Positions around the maps that hold nothing; at most half the kernel. */
  readonly pad?: number;
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
  if (2 * pad > kernel) throw new ShapeError(`${operator}: padding ${pad} is more than half the kernel ${kernel}`);
  const outHeight = pooled(height, attributes);
  const outWidth = pooled(width, attributes);
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
  const beyond = (length: number) => Math.max(pad, (pooled(length, attributes) - 1) * stride + kernel - (length + pad));
  return [pad, pad, beyond(height), beyond(width)];
}

function pooled(length: number, { kernel, stride, pad = 0, ceil = false }: MaxPoolAttributes): number {
  if (!ceil) return windows(length, pad, pad, kernel, stride);
  const count = Math.ceil((length + 2 * pad - kernel) / stride) + 1;
  return (count - 1) * stride >= length + pad ? count - 1 : count;
}
