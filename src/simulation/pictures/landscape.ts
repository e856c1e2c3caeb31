import { fill, makeCanvas } from '../canvas.ts';
import { below, disc } from '../shapes.ts';
import { fractalNoise, hsl, mix, pattern } from '../textures.ts';
import { between, oneOf, type Picture } from './picture.ts';

/** A horizon: sky with a sun, ridges that fade with distance, and patterned fields drawn in perspective. */
export const landscape: Picture = (size, texture, random) => {
  const dusk = random.uniform() < 0.4;
  const high = dusk ? hsl(between(random, 0.62, 0.75), 0.45, 0.4) : hsl(between(random, 0.54, 0.6), 0.65, 0.6);
  const low = dusk ? hsl(between(random, 0.02, 0.1), 0.8, 0.7) : hsl(0.55, 0.4, 0.9);
  const horizon = between(random, -0.1, 0.25);
  const canvas = makeCanvas(size, (_, y) => mix(high, low, Math.min(1, (y + 1) / (1 + horizon))));
  const sunX = between(random, -0.7, 0.7);
  const sunY = horizon - between(random, 0.25, 0.75);
  fill(canvas, disc(sunX, sunY, between(random, 0.1, 0.17)), dusk ? [1, 0.85, 0.6] : [1, 0.98, 0.85]);

  const rough = fractalNoise(random);
  const hue = oneOf(random, [0.58, 0.65, 0.75, 0.4]);
  for (let ridge = 0; ridge < 3; ridge++) {
    const lift = between(random, 0.15, 0.45) * (1 - 0.28 * ridge);
    const line = (x: number) => horizon - lift * (0.55 + 0.8 * rough(1.4 * x + 5 * ridge, 9 * ridge)) + 0.07 * ridge;
    const tone = mix(hsl(hue, 0.3, 0.38), low, 0.55 - 0.24 * ridge);
    fill(canvas, below(line), (x, y) => mix(tone, [1, 1, 1], 0.18 * Math.max(0, rough(9 * x, 9 * y))));
  }
  const water = random.uniform() < 0.35;
  const fieldHue = water ? between(random, 0.5, 0.58) : oneOf(random, [0.13, 0.2, 0.26, 0.32, 0.09]);
  const [from, to] = [hsl(fieldHue, 0.5, 0.3), hsl(fieldHue + 0.03, 0.55, 0.62)];
  const field = pattern(texture, random, 3);
  const shore = (x: number) => horizon + 0.12 + 0.05 * rough(2 * x, 40);
  fill(canvas, below(shore), (x, y) => {
    const depth = 0.22 / (y - horizon + 0.04);
    return mix(mix(from, to, field(x * depth * 1.4, depth * 2.2)), low, Math.min(0.7, 0.12 * depth));
  });
  return canvas;
};
