import { fill, makeCanvas, type Shape } from '../canvas.ts';
import { arc, stroke } from '../shapes.ts';
import { fractalNoise, hsl, mix, pattern, surface } from '../textures.ts';
import { between, oneOf, type Picture } from './picture.ts';

type Line = readonly (readonly [number, number])[];

/** Strokes of capital letters in a box from -0.5 to 0.5 across and -0.7 to 0.7 down. */
const GLYPHS: Readonly<Record<string, readonly Line[]>> = {
  A: [
    [
      [-0.5, 0.7],
      [0, -0.7],
      [0.5, 0.7],
    ],
    [
      [-0.3, 0.2],
      [0.3, 0.2],
    ],
  ],
  E: [
    [
      [0.45, -0.7],
      [-0.45, -0.7],
      [-0.45, 0.7],
      [0.45, 0.7],
    ],
    [
      [-0.45, 0],
      [0.3, 0],
    ],
  ],
  G: [[...arc(0, 0, 0.6, Math.PI * 1.75, Math.PI * 0.25), [0.42, 0.05], [0.1, 0.05]]],
  H: [
    [
      [-0.45, -0.7],
      [-0.45, 0.7],
    ],
    [
      [0.45, -0.7],
      [0.45, 0.7],
    ],
    [
      [-0.45, 0],
      [0.45, 0],
    ],
  ],
  K: [
    [
      [-0.45, -0.7],
      [-0.45, 0.7],
    ],
    [
      [0.45, -0.7],
      [-0.45, 0.1],
    ],
    [
      [-0.15, -0.1],
      [0.45, 0.7],
    ],
  ],
  M: [
    [
      [-0.55, 0.7],
      [-0.45, -0.7],
      [0, 0.3],
      [0.45, -0.7],
      [0.55, 0.7],
    ],
  ],
  O: [arc(0, 0, 0.6, 0, 2 * Math.PI, 32)],
  P: [[[-0.4, 0.7], [-0.4, -0.7], ...arc(0, -0.33, 0.37, -Math.PI / 2, Math.PI / 2), [-0.4, 0.04]]],
  R: [[[-0.4, 0.7], [-0.4, -0.7], ...arc(0, -0.35, 0.35, -Math.PI / 2, Math.PI / 2), [-0.4, 0], [0.45, 0.7]]],
  S: [[...arc(0, -0.34, 0.36, -0.2 * Math.PI, -1.5 * Math.PI), ...arc(0, 0.36, 0.36, -0.5 * Math.PI, 0.8 * Math.PI)]],
  T: [
    [
      [-0.5, -0.7],
      [0.5, -0.7],
    ],
    [
      [0, -0.7],
      [0, 0.7],
    ],
  ],
  Z: [
    [
      [-0.45, -0.7],
      [0.45, -0.7],
      [-0.45, 0.7],
      [0.45, 0.7],
    ],
  ],
};

/** A capital letter, its strokes patterned, on paper. */
export const letter: Picture = (size, texture, random) => {
  const hue = random.uniform();
  const grain = fractalNoise(random);
  const dark = random.uniform() < 0.35;
  const paper = dark ? hsl(hue, 0.3, 0.18) : hsl(hue, 0.35, 0.9);
  const canvas = makeCanvas(size, (x, y) => mix(paper, [0.5, 0.5, 0.5], 0.1 + 0.12 * grain(7 * x, 7 * y)));
  const ink = hue + between(random, 0.3, 0.7);
  const strokes = GLYPHS[oneOf(random, Object.keys(GLYPHS))];
  const turn = between(random, -0.2, 0.2);
  const scale = between(random, 0.85, 1.1);
  const [dx, dy] = [between(random, -0.15, 0.15), between(random, -0.12, 0.12)];
  const width = between(random, 0.17, 0.3);
  const place = ([x, y]: readonly [number, number]): [number, number] => [
    dx + scale * (x * Math.cos(turn) - y * Math.sin(turn)),
    dy + scale * (x * Math.sin(turn) + y * Math.cos(turn)),
  ];
  const lines = strokes.map((line) => line.map(place));
  const glyph = (w: number, shift = 0): Shape => {
    const parts = lines.map((line) => stroke(line, w));
    return (x, y) => Math.min(...parts.map((part) => part(x - shift, y - shift)));
  };
  fill(canvas, glyph(width, 0.05), [0, 0, 0], { opacity: 0.3 });
  fill(canvas, glyph(width + 0.05), dark ? hsl(ink, 0.5, 0.88) : hsl(ink, 0.7, 0.2));
  fill(canvas, glyph(width), surface(hsl(ink, 0.75, 0.36), hsl(ink + 0.08, 0.75, 0.68), pattern(texture, random)));
  return canvas;
};
