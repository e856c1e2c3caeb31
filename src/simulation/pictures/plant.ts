import type { Random } from '../../core/random.ts';
import { type Canvas, type Colour, fill, makeCanvas } from '../canvas.ts';
import { disc, ellipse, polygon, stroke } from '../shapes.ts';
import { hsl, mix, pattern, surface } from '../textures.ts';
import { between, type Picture } from './picture.ts';

/** A plant that branches, with leaves and blossoms, in a patterned pot. */
export const plant: Picture = (size, texture, random) => {
  const back = hsl(between(random, 0.05, 0.65), 0.25, between(random, 0.74, 0.92));
  const canvas = makeCanvas(size, (x, y) => mix(back, [0, 0, 0], 0.08 * (x + y)));
  const green = hsl(between(random, 0.22, 0.4), between(random, 0.35, 0.6), between(random, 0.26, 0.4));
  const blossom = random.uniform() < 0.6 ? hsl(between(random, 0.8, 1.15), 0.8, 0.62) : null;
  const style = {
    green,
    blossom,
    spread: between(random, 0.35, 0.75),
    leaf: between(random, 0.07, 0.13),
    slim: between(random, 0.35, 0.6),
  };
  fill(canvas, ellipse(0.08, 0.9, 0.5, 0.07), [0, 0, 0], { opacity: 0.2 });
  const angle = -Math.PI / 2 + between(random, -0.15, 0.15);
  grow(canvas, random, style, { x: 0, y: 0.5, angle, length: between(random, 0.4, 0.5), order: 4 });
  const clay = between(random, 0, 1);
  const pot = surface(hsl(clay, 0.5, 0.4), hsl(clay + 0.07, 0.5, 0.75), pattern(texture, random, 11));
  const wide = between(random, 0.3, 0.4);
  fill(
    canvas,
    polygon([
      [-wide, 0.46],
      [wide, 0.46],
      [wide * 0.72, 0.9],
      [-wide * 0.72, 0.9],
    ]),
    (x, y) => mix(pot(x, y), [0, 0, 0], 0.35 * Math.max(0, x / wide)),
  );
  fill(canvas, ellipse(0, 0.46, wide, 0.05), hsl(0.07, 0.35, 0.18));
  return canvas;
};

interface Style {
  readonly green: Colour;
  readonly blossom: Colour | null;
  readonly spread: number;
  readonly leaf: number;
  readonly slim: number;
}

interface Branch {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly length: number;
  /** How often it still forks. */
  readonly order: number;
}

function grow(canvas: Canvas, random: Random, style: Style, { x, y, angle, length, order }: Branch): void {
  const [endX, endY] = onward(x, y, angle, length);
  const bark = mix(style.green, [0.25, 0.14, 0.05], 0.12 * order);
  const within = { x, y, radius: length + 0.1 };
  fill(
    canvas,
    stroke(
      [
        [x, y],
        [endX, endY],
      ],
      0.014 * (order + 0.6),
    ),
    bark,
    { within },
  );
  if (order === 0) {
    if (style.blossom !== null && random.uniform() < 0.5) blossom(canvas, style.blossom, endX, endY, angle);
    return;
  }
  for (const side of [-1, 1]) {
    const turn = angle + side * style.spread * between(random, 0.6, 1.2);
    const shorter = length * between(random, 0.55, 0.75);
    grow(canvas, random, style, { x: endX, y: endY, angle: turn, length: shorter, order: order - 1 });
    const tone = mix(style.green, side > 0 ? [0, 0.05, 0] : [0.9, 1, 0.5], between(random, 0.1, 0.3));
    leaf(canvas, style, tone, endX, endY, turn + side * 0.5);
  }
}

function leaf(canvas: Canvas, { leaf: half, slim }: Style, tone: Colour, x: number, y: number, angle: number): void {
  const [cx, cy] = onward(x, y, angle, half);
  const within = { x: cx, y: cy, radius: half + 0.05 };
  fill(canvas, ellipse(cx, cy, half, half * slim, angle), tone, { within });
  const vein = stroke([onward(x, y, angle, 0.1 * half), onward(x, y, angle, 1.7 * half)], 0.012);
  fill(canvas, vein, mix(tone, [1, 1, 1], 0.3), { within });
}

function blossom(canvas: Canvas, colour: Colour, x: number, y: number, angle: number): void {
  const within = { x, y, radius: 0.15 };
  for (let petal = 0; petal < 5; petal++) {
    const turn = angle + (2 * Math.PI * petal) / 5;
    const [px, py] = onward(x, y, turn, 0.05);
    fill(canvas, ellipse(px, py, 0.05, 0.033, turn), colour, { within });
  }
  fill(canvas, disc(x, y, 0.03), [0.98, 0.85, 0.3], { within });
}

function onward(x: number, y: number, angle: number, length: number): [x: number, y: number] {
  return [x + length * Math.cos(angle), y + length * Math.sin(angle)];
}
