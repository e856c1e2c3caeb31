import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twoSided95 } from '../../src/core/student-t.ts';
import { untrainedEncoder } from '../../src/encoder/channel-weights.ts';
import { PAIR_RESOLUTIONS } from '../../src/encoder/encoder.ts';
import { countMaskValues, signedMeanMasks, stageShares } from '../../src/encoder/tuning.ts';
import { encoderOf, golden, goldenStatistics, plainStatistics } from '../training/golden.ts';

describe('stageShares', () => {
  it.each(PAIR_RESOLUTIONS)("are the parts of numpy's variance of the embedding to 1e-12: %s mask", (resolution) => {
    const shares = stageShares(encoderOf(resolution), Object.keys(golden.images).map(goldenStatistics));
    for (const [k, expected] of golden.stageShares[resolution].entries()) expect(shares[k]).toBeCloseTo(expected, 12);
  });

  it("sum to 1 and know neither the mask's overall size nor its sign as a whole", () => {
    const statistics = [goldenStatistics('A')];
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 9, maxLength: 9 }),
        fc.constantFrom(-3, -1, 0.01, 7),
        (mask, factor) => {
          const encoder = { ...encoderOf('channel'), mask: Float64Array.from(mask) };
          const shares = stageShares(encoder, statistics);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
          const scaled = stageShares({ ...encoder, mask: encoder.mask.map((value) => factor * value) }, statistics);
          for (const [k, share] of shares.entries()) expect(scaled[k]).toBeCloseTo(share, 10);
        },
      ),
    );
  });

  it('are meaningful where channels have a single position', () => {
    const stages = [
      { name: 'a', channels: 2, height: 1, width: 1 },
      { name: 'b', channels: 2, height: 1, width: 1 },
    ];
    const statistics = plainStatistics(
      stages,
      [
        [1, -1],
        [2, -2],
      ],
      ['x'],
    );
    const shares = stageShares(untrainedEncoder(stages), [statistics]);
    expect(shares[0]).toBeCloseTo(0.2, 12);
    expect(shares[1]).toBeCloseTo(0.8, 12);
  });

  it('name an image that the mask leaves constant', () => {
    const encoder = { ...encoderOf('channel'), mask: new Float64Array(9) };
    expect(() => stageShares(encoder, [goldenStatistics('A')])).toThrow(/image A0/);
  });
});

describe('signedMeanMasks', () => {
  it("have scipy's mean and 95 % interval of Student's t to 1e-10", () => {
    for (const [k, { mean, ci95 }] of signedMeanMasks(encoderOf('channel')).entries()) {
      const expected = golden.signedMeanMasks[k];
      expect(mean).toBeCloseTo(expected.mean, 12);
      expect(ci95![0]).toBeCloseTo(expected.ci95[0], 10);
      expect(ci95![1]).toBeCloseTo(expected.ci95[1], 10);
    }
  });

  it('have no interval where a stage has a single mask value', () => {
    expect(signedMeanMasks(encoderOf('stage'))).toEqual(golden.masks.stage.map((mean) => ({ mean, ci95: null })));
    const stages = [{ name: 'one', channels: 1, height: 4, width: 4 }];
    expect(signedMeanMasks(untrainedEncoder(stages))).toEqual([{ mean: 1, ci95: null }]);
  });
});

describe('countMaskValues', () => {
  it.each(PAIR_RESOLUTIONS)('adds up to the mask: %s', (resolution) => {
    const encoder = encoderOf(resolution);
    const counts = countMaskValues(encoder);
    expect(counts).toHaveLength(encoder.stages.length);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(encoder.mask.length);
  });

  it('has a value for each position of a mask of features', () => {
    const stages = [{ name: 'one', channels: 3, height: 2, width: 5 }];
    expect(countMaskValues({ stages, maskResolution: 'feature' })).toEqual([30]);
  });
});

it.each(golden.studentT975)(
  "twoSided95 is scipy's 97.5 % point of t with $degrees degrees of freedom",
  ({ degrees, t }) => {
    expect(Math.abs(twoSided95(degrees) - t)).toBeLessThan(1e-10);
  },
);
