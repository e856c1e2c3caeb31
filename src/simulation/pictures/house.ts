import { fill, makeCanvas } from '../canvas.ts';
import { below, box, disc, polygon } from '../shapes.ts';
import { fractalNoise, hsl, mix, pattern, surface } from '../textures.ts';
import { between, oneOf, type Picture } from './picture.ts';

/** A house with a roof, rows of windows and a patterned front. */
export const house: Picture = (size, texture, random) => {
  const sky = hsl(between(random, 0.52, 0.62), 0.55, between(random, 0.65, 0.82));
  const canvas = makeCanvas(size, (_, y) => mix(sky, [1, 1, 1], 0.35 + 0.35 * y));
  const clouds = fractalNoise(random);
  fill(canvas, (x, y) => 0.2 + 0.5 * y - clouds(1.2 * x + 3, 3 * y), [1, 1, 1], { opacity: 0.6 });

  const ground = between(random, 0.6, 0.75);
  fill(
    canvas,
    below(() => ground - 0.02),
    (_, y) => mix(hsl(0.27, 0.45, 0.42), hsl(0.27, 0.45, 0.25), (y - ground) * 3),
  );

  const cx = between(random, -0.15, 0.15);
  const wide = between(random, 0.48, 0.68);
  const floors = random.integer(1, 3);
  const high = 0.3 + 0.2 * floors;
  const top = ground - high;
  const hue = oneOf(random, [0.02, 0.08, 0.12, 0.55, 0.95]);
  const wall = surface(hsl(hue, 0.5, 0.72), hsl(hue, 0.5, 0.48), pattern(texture, random, 12));
  fill(canvas, box(cx, ground - high / 2, wide, high / 2), (x, y) =>
    mix(wall(x, y), [0, 0, 0], x > cx + wide * 0.6 ? 0.2 : 0),
  );

  const peak = between(random, 0.25, 0.5);
  const overhang = wide + 0.1;
  const roofHue = between(random, -0.03, 0.06);
  const roof =
    random.uniform() < 0.6
      ? polygon([
          [cx - overhang, top],
          [cx, top - peak],
          [cx + overhang, top],
        ])
      : polygon([
          [cx - overhang, top],
          [cx - wide * 0.6, top - peak * 0.7],
          [cx + wide * 0.6, top - peak * 0.7],
          [cx + overhang, top],
        ]);
  fill(canvas, box(cx + wide * 0.5, top - peak * 0.6, 0.07, 0.2), hsl(roofHue, 0.3, 0.3));
  fill(canvas, roof, (_, y) => hsl(roofHue, 0.5, 0.36 + 0.05 * Math.sin(y * 50)));

  const columns = random.integer(2, 4);
  const pane = hsl(0.58, 0.4, between(random, 0.3, 0.6));
  const arched = random.uniform() < 0.4;
  for (let floor = 0; floor < floors; floor++) {
    const wy = top + (high * (floor + 0.45)) / (floors + 0.4);
    for (let column = 0; column < columns; column++) {
      const wx = cx - wide + (2 * wide * (column + 0.5)) / columns;
      const [a, b] = [(0.55 * wide) / columns, 0.075];
      fill(canvas, box(wx, wy, a + 0.025, b + 0.025), [0.96, 0.95, 0.9]);
      if (arched) fill(canvas, disc(wx, wy - b, a + 0.025), [0.96, 0.95, 0.9]);
      fill(canvas, box(wx, wy, a, b), (x, y) => mix(pane, [1, 1, 1], x + y > wx + wy ? 0.25 : 0));
      fill(canvas, box(wx, wy, 0.01, b), [0.96, 0.95, 0.9]);
    }
  }
  const doorX = cx + wide * between(random, -0.5, 0.5);
  fill(canvas, box(doorX, ground - 0.14, 0.11, 0.15), [0.95, 0.93, 0.88]);
  fill(canvas, box(doorX, ground - 0.125, 0.085, 0.14), hsl(between(random, 0, 1), 0.55, 0.3));
  return canvas;
};
