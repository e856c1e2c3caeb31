import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNaturally } from '../../src/images/natural-order.ts';

const name = fc.stringMatching(/^[a-b.0-9_]{0,8}$/);

describe('compareNaturally', () => {
  it('puts image_2 before image_10', () => {
    const names = ['image_10.jpg', 'image_2.jpg', 'image_1.jpg', 'b3.png', 'Image_5.jpg', 'image.jpg'];
    expect(names.sort(compareNaturally)).toEqual([
      'Image_5.jpg',
      'b3.png',
      'image.jpg',
      'image_1.jpg',
      'image_2.jpg',
      'image_10.jpg',
    ]);
  });

  it('is plain name order for names padded with zeros', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-c.]{1,3}$/), fc.nat(999)), { maxLength: 20 }), (parts) => {
        const names = parts.map(([word, k]) => `${word}_${String(k).padStart(3, '0')}.jpg`);
        expect([...names].sort(compareNaturally)).toEqual([...names].sort());
      }),
    );
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNaturally(a, b))).toBe(-Math.sign(compareNaturally(b, a)) + 0);
        expect(compareNaturally(a, b) === 0).toBe(a === b);
        if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0) {
          expect(compareNaturally(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('compares numbers of any length, and equal ones by their zeros', () => {
    expect(compareNaturally('a99999999999999999999998', 'a99999999999999999999999')).toBeLessThan(0);
    expect(['a1', 'a01', 'a001', 'a2'].sort(compareNaturally)).toEqual(['a001', 'a01', 'a1', 'a2']);
  });
});
