import { ShapeError } from '../core/errors.ts';

/** Points moved onto others. */
export interface Aligned {
  /** n x 2, in the reference's frame. */
  readonly positions: Float64Array;
  /** What is left of the squared distances to the reference, of the reference's own about its centre: 0 a perfect fit, 1 none. */
  readonly disparity: number;
}

/**
 * Moves, turns, mirrors and scales points of a plane so that they come closest to a reference (least squares).
 *
 * As complex numbers about their centres, reference z and moving w: z ~ a w or a conj(w), whichever fits better, a = sum z conj(w) / sum |w|^2.
 * @param reference n x 2
 * @param moving n x 2
 * @throws ShapeError where they are not as many
 * @remarks Points that are all one come to lie on the reference's centre, with a disparity of 1; so does any on a reference that is one
 * point, with 0.
 * @source Gower 1975; scipy.spatial.procrustes
 */
export function procrustes(reference: Float64Array, moving: Float64Array): Aligned {
  if (reference.length !== moving.length) {
    throw new ShapeError(
      `procrustes: expected ${reference.length / 2} points as in the reference, got ${moving.length / 2}`,
    );
  }
  const [cx, cy, total] = centreOf(reference);
  const [mx, my, spread] = centreOf(moving);
  const turned = productWith(1);
  const mirrored = productWith(-1);
  const side = Math.hypot(...mirrored) > Math.hypot(...turned) ? -1 : 1;
  const [re, im] = side === 1 ? turned : mirrored;
  const positions = new Float64Array(moving.length);
  for (let k = 0; k < moving.length; k += 2) {
    const x = moving[k] - mx;
    const y = side * (moving[k + 1] - my);
    positions[k] = cx + (spread === 0 ? 0 : (re * x - im * y) / spread);
    positions[k + 1] = cy + (spread === 0 ? 0 : (re * y + im * x) / spread);
  }
  if (total === 0) return { positions, disparity: 0 };
  const explained = spread === 0 ? 0 : (re * re + im * im) / (spread * total);
  return { positions, disparity: Math.max(0, 1 - explained) };

  /** sum z conj(w), or sum z w for the mirrored points (conj(w) turned back). */
  function productWith(mirror: 1 | -1): [re: number, im: number] {
    let re = 0;
    let im = 0;
    for (let k = 0; k < reference.length; k += 2) {
      const [zx, zy] = [reference[k] - cx, reference[k + 1] - cy];
      const [wx, wy] = [moving[k] - mx, mirror * (moving[k + 1] - my)];
      re += zx * wx + zy * wy;
      im += zy * wx - zx * wy;
    }
    return [re, im];
  }
}

/** Centre of points, and their squared distances from it. */
function centreOf(points: Float64Array): [x: number, y: number, squares: number] {
  const n = points.length / 2;
  let [x, y] = [0, 0];
  for (let k = 0; k < points.length; k += 2) {
    x += points[k] / n;
    y += points[k + 1] / n;
  }
  let squares = 0;
  for (let k = 0; k < points.length; k += 2) squares += (points[k] - x) ** 2 + (points[k + 1] - y) ** 2;
  return [x, y, squares];
}
