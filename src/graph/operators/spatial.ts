import { ShapeError } from '../../core/errors.ts';
import type { Shape } from '../operator.ts';

/** Zeros, or for a pool nothing, around an image: one number for every side, or top, left, bottom, right. */
export type Padding = number | readonly [top: number, left: number, bottom: number, right: number];

/** A padding's four sides. */
export function sides(pad: Padding): readonly [top: number, left: number, bottom: number, right: number] {
  return typeof pad === 'number' ? [pad, pad, pad, pad] : pad;
}

/** Number of windows of `kernel` positions, `stride` apart, that fit into `length` positions with padding. */
export function windows(length: number, before: number, after: number, kernel: number, stride: number): number {
  return Math.floor((length + before + after - kernel) / stride) + 1;
}

/** The four axes of a batch of feature maps: n x channels x height x width. */
export function axesOf(
  operator: string,
  shape: Shape,
): readonly [n: number, channels: number, height: number, width: number] {
  if (shape.length !== 4) {
    throw new ShapeError(`${operator}: expected n x channels x height x width, got rank ${shape.length}`);
  }
  return shape as readonly [number, number, number, number];
}
