/** How squares are pushed apart. */
export interface SpreadOptions {
  /** Pixels of a square's side. */
  readonly side: number;
  /** Squares stay within 0 and so many pixels, and so far from both. */
  readonly within: number;
  readonly inset: number;
  readonly steps?: number;
}

const PUSH = 0.5;
/** Of a side, how far apart centres are to be. */
const FREE = 0.95;
/** Part of the way back to its own place that a square goes each step. */
const RETURN = 0.02;

/**
 * Pushes squares apart that lie over each other, each little enough that the map stays the map; the same squares give the same places.
 * @param centres n x 2, in pixels
 * @returns n x 2
 */
export function spreadApart(centres: Float64Array, { side, within, inset, steps = 60 }: SpreadOptions): Float64Array {
  const n = centres.length / 2;
  const places = Float64Array.from(centres);
  const wanted = FREE * side;
  for (let step = 0; step < steps; step++) {
    for (let k = 0; k < places.length; k++) places[k] += RETURN * (centres[k] - places[k]);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const x = places[2 * j] - places[2 * i];
        const y = places[2 * j + 1] - places[2 * i + 1];
        const overX = wanted - Math.abs(x);
        const overY = wanted - Math.abs(y);
        if (overX <= 0 || overY <= 0) continue;
        // Along the side on which less is to go; of two in the very same place the later goes right.
        const axis = overX < overY || (x === 0 && y === 0) ? 0 : 1;
        const way = axis === 0 ? Math.sign(x || 1) * overX : Math.sign(y || 1) * overY;
        places[2 * i + axis] -= (PUSH * way) / 2;
        places[2 * j + axis] += (PUSH * way) / 2;
      }
    }
  }
  const least = inset + side / 2;
  return places.map((place) => Math.min(within - least, Math.max(least, place)));
}
