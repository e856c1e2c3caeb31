import type { RgbImage } from '../images/image.ts';

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Signed distance to a shape's outline: negative inside. The canvas reaches from -1 to 1 both ways, y down. */
export type Shape = (x: number, y: number) => number;

/** The colour of a surface at a point. */
export type Paint = (x: number, y: number) => Colour;

/** A square picture in the making. */
export interface Canvas {
  readonly size: number;
  /** size x size x 3, row-major. */
  readonly rgb: Float64Array;
}

/** A canvas covered with one paint. */
export function makeCanvas(size: number, background: Paint): Canvas {
  const canvas = { size, rgb: new Float64Array(size * size * 3) };
  fill(canvas, () => Number.NEGATIVE_INFINITY, background);
  return canvas;
}

/** A disc that holds a shape: nothing outside it is looked at. */
export interface Surround {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

const EVERYWHERE: Surround = { x: 0, y: 0, radius: 4 };

/** Lays a shape over what is there; its edge is one pixel soft, so that no staircase shows up as energy at high frequencies. */
export function fill(
  canvas: Canvas,
  shape: Shape,
  paint: Paint | Colour,
  { opacity = 1, within = EVERYWHERE }: { opacity?: number; within?: Surround } = {},
): void {
  const { size, rgb } = canvas;
  const pixel = 2 / size;
  const [left, right] = pixelsAround(within.x, within.radius, size);
  const [top, bottom] = pixelsAround(within.y, within.radius, size);
  for (let row = top; row < bottom; row++) {
    const y = (row + 0.5) * pixel - 1;
    for (let column = left; column < right; column++) {
      const x = (column + 0.5) * pixel - 1;
      const cover = opacity * Math.min(1, Math.max(0, 0.5 - shape(x, y) / pixel));
      if (cover === 0) continue;
      const colour = typeof paint === 'function' ? paint(x, y) : paint;
      const at = 3 * (row * size + column);
      for (let c = 0; c < 3; c++) rgb[at + c] += cover * (colour[c] - rgb[at + c]);
    }
  }
}

function pixelsAround(centre: number, radius: number, size: number): [first: number, end: number] {
  const toPixel = (at: number) => ((at + 1) * size) / 2;
  return [
    Math.max(0, Math.floor(toPixel(centre - radius)) - 1),
    Math.min(size, Math.ceil(toPixel(centre + radius)) + 1),
  ];
}

/** The picture in 8 bits. */
export function toRgbImage({ size, rgb }: Canvas): RgbImage {
  return {
    width: size,
    height: size,
    data: Uint8Array.from(rgb, (v) => Math.round(255 * Math.min(1, Math.max(0, v)))),
  };
}
