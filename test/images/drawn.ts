import type { RgbImage } from '../../src/images/image.ts';

/** The pixels that test/golden/images/generate.py draws from the same seed: Knuth's linear congruence, its top byte. */
export function drawn(seed: number, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed;
  for (let k = 0; k < data.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[k] = state >>> 24;
  }
  return { width, height, data };
}
