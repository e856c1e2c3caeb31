import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import {
  FIT_NAMES,
  type Fit,
  fitOfRandomCrops,
  normalise,
  preprocess,
  resizedSize,
} from '../../src/images/preprocess.ts';
import { resizeBilinear } from '../../src/images/resize.ts';
import { drawn } from './drawn.ts';
import { golden } from './golden.ts';

describe('preprocess', () => {
  const cases = golden.preprocessed.flatMap((row) => FIT_NAMES.map((fit) => ({ ...row, fit })));
  it.each(cases)('equals torchvision bit for bit: $fit of $from to $side', ({ seed, from, side, fit, ...row }) => {
    const values = preprocess(drawn(seed, ...from), { fit, width: side, height: side });
    expect(values.length).toBe(3 * side * side);
    expect([...values.subarray(0, 4)]).toEqual(row[fit].first.map(Math.fround));
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(row[fit].sha256);
  });

  it('gives Caffe networks blue first, from 0 to 255, less the mean', () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) };
    expect([...normalise(image, INPUT_NORMALISATIONS.caffe)]).toEqual([30 - 104, 20 - 117, 10 - 123]);
  });

  it('crops for an input that is not square without leaving the image', () => {
    for (const [width, height] of [
      [224, 100],
      [64, 448],
    ]) {
      expect(preprocess(drawn(1, 90, 70), { width, height }).length).toBe(3 * width * height);
    }
  });

  it('squash bends the whole image to the shape of the input', () => {
    const image = drawn(1, 50, 20);
    const expected = normalise(resizeBilinear(image, 30, 40), INPUT_NORMALISATIONS.imagenet);
    expect(preprocess(image, { fit: 'squash', width: 30, height: 40 })).toEqual(expected);
  });

  it('resizes to 256 where 224 are cut out, and leaves squash none to cut', () => {
    const input = { width: 224, height: 224 };
    expect(resizedSize({ width: 500, height: 400 }, 'crop', input)).toEqual({ width: 320, height: 256 });
    expect(resizedSize({ width: 500, height: 400 }, 'squash-crop', input)).toEqual({ width: 256, height: 256 });
    expect(resizedSize({ width: 500, height: 400 }, 'squash', input)).toEqual(input);
    expect(resizedSize({ width: 5, height: 4 }, 'squash-crop', { width: 64, height: 112 })).toEqual({
      width: 73,
      height: 128,
    });
    expect(FIT_NAMES.map(fitOfRandomCrops)).toEqual(['crop', 'squash-crop', 'squash-crop']);
  });

  it('refuses a fit it does not know, listing those it does', () => {
    expect(() => preprocess(drawn(0, 2, 2), { fit: 'pad' as Fit, width: 2, height: 2 })).toThrow(
      new UsageError('preprocess: expected crop or squash or squash-crop, got pad'),
    );
  });
});
