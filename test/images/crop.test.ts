import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { centreWindow, cropTo, shorterSideSize, windowAt } from '../../src/images/crop.ts';
import { drawn } from './drawn.ts';
import { golden } from './golden.ts';

const sizeOf = ([width, height]: [number, number]) => ({ width, height });

describe('crops', () => {
  it.each(golden.crops)('centre as torchvision does, halves to even: $crop of $image', ({ image, crop, left, top }) => {
    expect(centreWindow(sizeOf(image), sizeOf(crop))).toEqual({ left, top, ...sizeOf(crop) });
  });

  it.each(golden.shorter)('size the shorter side as torchvision does: $image', ({ image, size }) => {
    expect(shorterSideSize(sizeOf(image), 256)).toEqual(sizeOf(size));
  });

  it('anywhere lie at every position alike, up to the last', () => {
    const [image, crop] = [
      { width: 7, height: 4 },
      { width: 5, height: 4 },
    ];
    const lefts = [0, 0.333, 0.334, 0.666, 0.667, 1 - 2 ** -53].map((across) => windowAt(image, crop, 0.9, across));
    expect(lefts.map(({ left }) => left)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(lefts[0]).toEqual({ left: 0, top: 0, ...crop });
    expect(() => windowAt(crop, image, 0, 0)).toThrow(/at least 7 x 4 pixels, got 5 x 4/);
  });

  it('take the pixels of the window', () => {
    const image = drawn(3, 4, 3);
    const cropped = cropTo(image, { left: 1, top: 1, width: 2, height: 2 });
    expect([...cropped.data]).toEqual([...image.data.subarray(15, 21), ...image.data.subarray(27, 33)]);
  });

  it('refuse a window larger than the image', () => {
    expect(() => centreWindow({ width: 10, height: 300 }, { width: 224, height: 224 })).toThrow(ShapeError);
    expect(() => cropTo(drawn(0, 4, 4), { left: 2, top: 0, width: 3, height: 1 })).toThrow('inside 4 x 4 pixels');
  });
});
