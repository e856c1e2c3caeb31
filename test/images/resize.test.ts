import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { cropTo } from '../../src/images/crop.ts';
import { resizeBilinear } from '../../src/images/resize.ts';
import { drawn } from './drawn.ts';
import { golden } from './golden.ts';

describe('resizeBilinear', () => {
  it.each(golden.resizes)('equals PIL bit for bit from $from to $to', ({ seed, from, to, sha256, firstPixels }) => {
    const resized = resizeBilinear(drawn(seed, ...from), ...to);
    expect([...resized.data.subarray(0, firstPixels.length)]).toEqual(firstPixels);
    expect(createHash('sha256').update(resized.data).digest('hex')).toBe(sha256);
  });

  it('gives a window the pixels it has in the whole result', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.nat(1000),
        size,
        size,
        size,
        size,
        fc.array(fc.nat(999), { minLength: 4, maxLength: 4 }),
        (seed, w, h, W, H, at) => {
          const left = at[0] % W;
          const top = at[1] % H;
          const window = { left, top, width: 1 + (at[2] % (W - left)), height: 1 + (at[3] % (H - top)) };
          const image = drawn(seed, w, h);
          expect(resizeBilinear(image, W, H, window)).toEqual(cropTo(resizeBilinear(image, W, H), window));
        },
      ),
    );
  });

  it('keeps an image of one color as it is at any size', () => {
    const size = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.nat(255), size, size, size, size, (value, w, h, W, H) => {
        const image = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(value) };
        expect(resizeBilinear(image, W, H).data.every((byte) => byte === value)).toBe(true);
      }),
    );
  });

  it('refuses sizes below one pixel, windows outside and images whose bytes do not fit', () => {
    const image = drawn(0, 3, 2);
    expect(() => resizeBilinear(image, 0, 4)).toThrow(ShapeError);
    expect(() => resizeBilinear(image, 4, 2.5)).toThrow('whole pixels from 1, got 2.5');
    expect(() => resizeBilinear(image, 4, 4, { left: 2, top: 0, width: 3, height: 4 })).toThrow('inside 4 x 4');
    expect(() => resizeBilinear({ ...image, width: 4 }, 4, 4)).toThrow('expected 4 x 2 x 3 = 24 bytes, got 18');
  });
});
