import type { Random } from '../core/random.ts';
import type { Colour, Paint } from './canvas.ts';

/** Surfaces that every category of stimuli comes in. */
export const TEXTURES = ['stripes', 'dots', 'checks', 'marble'] as const;

/** A family of surfaces. */
export type Texture = (typeof TEXTURES)[number];

/** How far a surface is towards its second colour at a point, from 0 to 1. */
export type Pattern = (x: number, y: number) => number;

/** Patterns of each family; orientation, phase and, within half an octave, frequency are drawn. */
const PATTERNS: Record<Texture, (random: Random, frequency: number) => Pattern> = {
  stripes(random, frequency) {
    const [u] = rotated(random, frequency);
    return (x, y) => soft(Math.sin(u(x, y)));
  },
  dots(random, frequency) {
    const [u, v] = rotated(random, frequency);
    return (x, y) => soft(0.75 * (Math.cos(u(x, y)) + Math.cos(v(x, y))) - 0.6);
  },
  checks(random, frequency) {
    const [u, v] = rotated(random, frequency * 0.75);
    return (x, y) => soft(2 * Math.sin(u(x, y)) * Math.sin(v(x, y)));
  },
  marble(random, frequency) {
    const noise = fractalNoise(random);
    const [u] = rotated(random, frequency / 3);
    return (x, y) => 0.5 + 0.5 * Math.sin(u(x, y) + 5 * noise(x * frequency * 0.25, y * frequency * 0.25));
  },
};

/** A pattern of this family with about `frequency` cycles across the canvas. */
export function pattern(texture: Texture, random: Random, frequency = 10): Pattern {
  return PATTERNS[texture](random, frequency * 2 ** (0.5 * random.uniform() - 0.25));
}

/** A surface that goes from one colour to another as the pattern does. */
export function surface(from: Colour, to: Colour, of: Pattern): Paint {
  return (x, y) => mix(from, to, of(x, y));
}

/** From the first colour (0) to the second (1). */
export function mix(from: Colour, to: Colour, share: number): Colour {
  return [
    from[0] + share * (to[0] - from[0]),
    from[1] + share * (to[1] - from[1]),
    from[2] + share * (to[2] - from[2]),
  ];
}

/** A colour from hue (in turns), saturation and lightness, the last two from 0 to 1. */
export function hsl(hue: number, saturation: number, lightness: number): Colour {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number) => {
    const k = (((offset + 12 * hue) % 12) + 12) % 12;
    return lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return [part(0), part(8), part(4)];
}

/** Four octaves of value noise, about from -1 to 1, with a period of one unit in the first. */
export function fractalNoise(random: Random): Pattern {
  const side = 32;
  const lattice = Float64Array.from({ length: side * side }, () => 2 * random.uniform() - 1);
  const at = (i: number, j: number) => lattice[(i & (side - 1)) * side + (j & (side - 1))];
  const octave = (x: number, y: number) => {
    const [i, j] = [Math.floor(y), Math.floor(x)];
    const [s, t] = [ease(y - i), ease(x - j)];
    return (1 - s) * ((1 - t) * at(i, j) + t * at(i, j + 1)) + s * ((1 - t) * at(i + 1, j) + t * at(i + 1, j + 1));
  };
  return (x, y) => {
    let sum = 0;
    for (let k = 0, weight = 0.55, scale = 1; k < 4; k++, weight /= 2, scale *= 2) {
      sum += weight * octave(scale * x + 7.3 * k, scale * y + 3.1 * k);
    }
    return sum;
  };
}

/** Phases along two axes at right angles, in a drawn direction. */
function rotated(random: Random, frequency: number): [Pattern, Pattern] {
  const angle = Math.PI * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  const [cos, sin] = [Math.cos(angle) * Math.PI * frequency, Math.sin(angle) * Math.PI * frequency];
  return [(x, y) => cos * x + sin * y + phase, (x, y) => cos * y - sin * x + phase];
}

/** A sine made nearly square: edges stay a few pixels wide at 128 pixels and ten cycles. */
function soft(value: number): number {
  return 0.5 + 0.5 * Math.tanh(3 * value);
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
