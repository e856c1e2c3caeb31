import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOSSES, type LossName } from '../../src/training/losses.ts';

describe.each(Object.keys(LOSSES) as LossName[])('loss %s', (name) => {
  const loss = LOSSES[name];

  it('has as derivative what central differences give', () => {
    const subjects = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(subjects, fc.double({ min: -2, max: 2, noNaN: true }), (values, prediction) => {
        fc.pre(values.every((value) => Math.abs(value - prediction) > 1e-4)); // not across the kink of L1
        const all = Float64Array.from(values);
        const at = (p: number) => loss.value(p, all, 0, all.length);
        const difference = (at(prediction + 1e-5) - at(prediction - 1e-5)) / 2e-5;
        expect(loss.derivative(prediction, all, 0, all.length)).toBeCloseTo(difference, 6);
      }),
    );
  });

  it('is the mean over the subjects of the pair and no others', () => {
    const values = Float64Array.of(99, 1, 3, 99);
    expect(loss.value(2, values, 1, 3)).toBe(1);
    expect(loss.value(1, values, 1, 3)).toBe(name === 'l1' ? 1 : 2);
  });

  it('is 0 with derivative 0 where the prediction meets every subject', () => {
    expect(loss.value(0.5, Float64Array.of(0.5, 0.5), 0, 2)).toBe(0);
    expect(loss.derivative(0.5, Float64Array.of(0.5, 0.5), 0, 2)).toBe(0);
  });
});
