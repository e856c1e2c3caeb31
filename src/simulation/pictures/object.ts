import type { Random } from '../../core/random.ts';
import { fill, makeCanvas, type Shape } from '../canvas.ts';
import { below, box, difference, disc, ellipse, polygon } from '../shapes.ts';
import { hsl, mix, pattern, surface } from '../textures.ts';
import { between, oneOf, type Picture } from './picture.ts';

/** Outlines of things that stand on a table; the second shape is drawn behind the first. */
const OUTLINES: readonly ((random: Random) => readonly Shape[])[] = [
  () => [disc(0, 0.05, 0.55)],
  (random) => {
    const belly = between(random, 0.4, 0.52);
    const neck = between(random, 0.12, 0.2);
    const half = (t: number) => neck + (belly - neck) * Math.sin(Math.PI * t) ** 1.5 + 0.1 * Math.max(0, 0.2 - t);
    const right = Array.from({ length: 24 }, (_, k): [number, number] => [half(k / 26), -0.72 + (1.32 * k) / 23]);
    return [polygon([...right, ...right.map(([x, y]): [number, number] => [-x, y]).reverse()])];
  },
  (random) => {
    const [a, b] = [between(random, 0.34, 0.44), between(random, 0.4, 0.5)];
    return [
      box(-0.08, 0.6 - b, a, b, 0.1),
      difference(ellipse(a, 0.6 - b, 0.25, 0.28), ellipse(a, 0.6 - b, 0.15, 0.18)),
    ];
  },
  (random) => {
    const points = random.integer(5, 8);
    const tips = Array.from({ length: 2 * points }, (_, k): [number, number] => {
      const [radius, angle] = [k % 2 === 0 ? 0.66 : 0.36, (Math.PI * (k + 0.5)) / points];
      return [radius * Math.sin(angle), radius * Math.cos(angle)];
    });
    return [polygon(tips)];
  },
  (random) => [ellipse(0, 0.1, between(random, 0.36, 0.42), 0.52), ellipse(0.06, -0.45, 0.05, 0.2, -0.3)],
  () => [
    polygon([
      [-0.55, 0.6],
      [0, -0.65],
      [0.55, 0.6],
    ]),
  ],
];

/** A patterned, shaded thing on a table. */
export const object: Picture = (size, texture, random) => {
  const hue = random.uniform();
  const back = hsl(hue + 0.5, 0.18, between(random, 0.6, 0.85));
  const edge = between(random, 0.25, 0.4);
  const canvas = makeCanvas(size, (_, y) => mix(back, [0, 0, 0], 0.12 * (y + 1)));
  fill(
    canvas,
    below(() => edge),
    (_, y) => mix(hsl(hue + 0.5, 0.22, 0.42), [1, 1, 1], 0.35 * (y - edge)),
  );
  const [front, behind] = oneOf(random, OUTLINES)(random);
  const scale = between(random, 0.9, 1.15);
  const dx = between(random, -0.15, 0.15);
  const placed =
    (shape: Shape): Shape =>
    (x, y) =>
      scale * shape((x - dx) / scale, y / scale);
  fill(canvas, ellipse(dx + 0.1, 0.62 * scale, 0.6 * scale, 0.1), [0, 0, 0], { opacity: 0.28 });
  if (behind !== undefined) fill(canvas, placed(behind), hsl(hue + 0.04, 0.5, 0.3));
  const skin = surface(
    hsl(hue, 0.65, 0.42),
    hsl(hue + between(random, 0.08, 0.25), 0.65, 0.7),
    pattern(texture, random, 9),
  );
  fill(canvas, placed(front), (x, y) => {
    const light = Math.hypot((x - dx) / scale + 0.25, y / scale + 0.3);
    return mix(
      mix(skin(x, y), [1, 1, 1], Math.max(0, 0.45 - 1.3 * light)),
      [0, 0, 0.05],
      Math.max(0, 0.55 * light - 0.2),
    );
  });
  return canvas;
};
