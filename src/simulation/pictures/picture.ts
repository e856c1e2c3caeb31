import type { Random } from '../../core/random.ts';
import type { Canvas } from '../canvas.ts';
import type { Texture } from '../textures.ts';

/** Draws one stimulus of a category: everything that is not named here comes from `random`. */
export type Picture = (size: number, texture: Texture, random: Random) => Canvas;

/** Uniform between two bounds. */
export function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random.uniform();
}

/** One of these, each as likely as the others. */
export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(0, choices.length - 1)];
}
