import { type Colour, fill, makeCanvas } from '../canvas.ts';
import { arc, box, difference, disc, ellipse, intersection, stroke } from '../shapes.ts';
import { hsl, mix, pattern, surface } from '../textures.ts';
import { between, oneOf, type Picture } from './picture.ts';

const SKINS: readonly Colour[] = [
  [0.96, 0.8, 0.69],
  [0.87, 0.67, 0.52],
  [0.72, 0.5, 0.36],
  [0.48, 0.32, 0.23],
];
const HAIRS: readonly Colour[] = [
  [0.12, 0.09, 0.08],
  [0.36, 0.21, 0.12],
  [0.78, 0.58, 0.29],
  [0.62, 0.25, 0.12],
  [0.72, 0.71, 0.7],
];

/** A face with hair and a patterned pullover. */
export const face: Picture = (size, texture, random) => {
  const hue = random.uniform();
  const backdrop = hsl(hue, 0.3, between(random, 0.55, 0.8));
  const canvas = makeCanvas(size, (x, y) => mix(backdrop, [1, 1, 1], 0.25 - 0.25 * Math.hypot(x, y)));
  const skin = oneOf(random, SKINS);
  const hair = oneOf(random, HAIRS);
  const shade = mix(skin, [0.25, 0.05, 0.05], 0.25);
  const cx = between(random, -0.1, 0.1);
  const cy = between(random, -0.14, 0.02);
  const wide = between(random, 0.4, 0.5);
  const high = wide * between(random, 1.2, 1.4);

  const long = random.uniform() < 0.45;
  if (long) fill(canvas, box(cx, cy + 0.25, wide * 1.22, high * 1.05, 0.3), mix(hair, [0, 0, 0], 0.25));
  fill(canvas, box(cx, cy + high, wide * 0.38, 0.3, 0.1), shade);
  const cloth = hue + between(random, 0.3, 0.7);
  const pullover = surface(hsl(cloth, 0.6, 0.35), hsl(cloth + 0.12, 0.6, 0.72), pattern(texture, random));
  fill(canvas, box(cx, cy + high + 0.68, wide * 2, 0.5, 0.35), pullover);

  const head = ellipse(cx, cy, wide, high);
  for (const side of [-1, 1]) fill(canvas, ellipse(cx + side * wide, cy + 0.05, 0.08, 0.14), shade);
  fill(canvas, head, (x, y) => mix(skin, shade, 0.8 * Math.max(0, (x - cx) / wide) ** 2 + 0.15 * Math.max(0, y - cy)));
  const parting = between(random, -0.08, 0.08);
  const fringe = ellipse(cx + parting, cy + 0.16, wide * 1.15, high * between(random, 0.72, 0.86));
  const scalp = ellipse(cx, cy - 0.05, wide * 1.1, high * 1.1);
  fill(canvas, intersection(difference(scalp, fringe), box(cx, cy - high, 2 * wide, high)), (x, y) =>
    mix(hair, [1, 1, 1], 0.06 * (1 + Math.sin(28 * (x - cx) + 6 * y))),
  );

  const gaze = between(random, -0.03, 0.03);
  const iris = hsl(oneOf(random, [0.08, 0.3, 0.58]), 0.45, 0.35);
  const eyeY = cy - 0.03;
  const apart = wide * between(random, 0.42, 0.5);
  for (const side of [-1, 1]) {
    const ex = cx + side * apart;
    const eye = ellipse(ex, eyeY, wide * 0.23, wide * 0.14);
    fill(canvas, eye, [0.97, 0.97, 0.95]);
    fill(canvas, intersection(disc(ex + gaze, eyeY, wide * 0.13), eye), iris);
    fill(canvas, intersection(disc(ex + gaze, eyeY, wide * 0.065), eye), [0.05, 0.05, 0.05]);
    const brow = arc(ex, eyeY + 0.08, wide * 0.46, Math.PI * 1.3, Math.PI * 1.7);
    fill(canvas, stroke(brow, 0.045), mix(hair, [0, 0, 0], 0.3));
  }
  const noseX = cx + gaze;
  fill(
    canvas,
    stroke(
      [
        [noseX + 0.02, cy + 0.04],
        [noseX + 0.06, cy + 0.2],
        [noseX - 0.03, cy + 0.22],
      ],
      0.035,
    ),
    shade,
  );
  const mouthY = cy + high * between(random, 0.5, 0.58);
  const smile = between(random, 0.1, 0.3);
  fill(
    canvas,
    stroke(arc(cx, mouthY - 0.3 - smile * 0.2, 0.36, Math.PI * (0.5 - smile), Math.PI * (0.5 + smile)), 0.06),
    [0.72, 0.25, 0.25],
  );
  return canvas;
};
