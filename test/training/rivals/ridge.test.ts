import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.ts';
import { predictRows, type RidgeSet, ridge } from '../../../src/training/rivals/ridge.ts';
import { ridgeFoldErrors } from '../../../src/training/rivals/ridge-fold.ts';
import golden from '../../golden/rivals/expected.json' with { type: 'json' };

/** A golden set, with a row before and after it that is not learnt from. */
function setOf({ rows, targets }: { rows: number[][]; targets: number[] }): RidgeSet {
  const strange = rows[0].map(() => 1e6);
  return {
    rows: Float64Array.from([strange, ...rows, strange].flat()),
    targets: Float64Array.of(1e6, ...targets, -1e6),
    chosen: Uint32Array.from(targets, (_, k) => k + 1),
  };
}

describe('ridge regression', () => {
  it.each(golden.ridge)("equals numpy's direct solution for every penalty: $name", (each) => {
    const models = ridge(each.sets.map(setOf), each.sets[0].rows[0].length, each.penalties);
    models.forEach(({ penalty, weights, units }, k) => {
      expect(penalty).toBe(each.penalties[k]);
      const largest = Math.max(...each.weights[k].map(Math.abs));
      each.weights[k].forEach((weight, c) => {
        expect(Math.abs(weights[c] - weight)).toBeLessThan(1e-7 * largest);
      });
      units.forEach(({ offset }, s) => {
        expect(offset).toBeCloseTo(each.offsets[k][s], 7);
      });
    });
  });

  it('gives what a set of any unit says the same weight', () => {
    const [{ rows, targets, chosen }] = golden.ridge[0].sets.map(setOf);
    const [a] = ridge([{ rows, targets, chosen }], 12, [0.1]);
    const [b] = ridge([{ rows, targets: targets.map((value) => 1000 * value - 5), chosen }], 12, [0.1]);
    b.weights.forEach((weight, c) => {
      expect(weight).toBeCloseTo(a.weights[c], 9);
    });
    expect(b.units[0].sd).toBeCloseTo(1000 * a.units[0].sd, 6);
  });

  it('goes through rows once that two sets share, and finds what two copies of them would give', () => {
    const [{ rows, targets, chosen }, other] = golden.ridge[1].sets.map(setOf);
    const [first, second] = [
      { rows, targets, chosen },
      { rows, targets: targets.map((value) => value ** 2), chosen },
    ];
    const copy = { ...second, rows: rows.slice() };
    const [shared] = ridge([first, other, second], 11, [0.1]);
    const [apart] = ridge([first, other, copy], 11, [0.1]);
    shared.weights.forEach((weight, c) => {
      expect(weight).toBeCloseTo(apart.weights[c], 9);
    });
    expect(shared.units.map(({ mean }) => mean)).toEqual(apart.units.map(({ mean }) => mean));
  });

  it('comes as near in float32 as the predictors are kept', () => {
    const [{ rows, targets, chosen }] = golden.ridge[0].sets.map(setOf);
    const [wide] = ridge([{ rows, targets, chosen }], 12, [0.1]);
    const [narrow] = ridge([{ rows: Float32Array.from(rows), targets, chosen }], 12, [0.1]);
    const [p, q] = [wide, narrow].map(({ weights }) => predictRows(rows, chosen, weights));
    p.forEach((value, k) => {
      expect(q[k]).toBeCloseTo(value, 4);
    });
  });

  it.each([
    ['targets that do not vary', { targets: new Float64Array(3).fill(0.1) }, /expected dissimilarities that vary/],
    ['predictors that do not vary', { rows: new Float64Array(6).fill(0.1) }, /expected predictors that vary/],
    ['no pair', { chosen: new Uint32Array() }, /expected dissimilarities that vary .* got none/],
  ])('refuses %s', (_, change, message) => {
    const set = {
      rows: Float64Array.of(1, 2, 3, 4, 5, 7),
      targets: Float64Array.of(1, 3, 2),
      chosen: Uint32Array.of(0, 1, 2),
      ...change,
    };
    expect(() => ridge([set], 2, [1])).toThrow(UsageError);
    expect(() => ridge([set], 2, [1])).toThrow(message);
  });

  it('is judged in a fold by squared errors in standard deviations of the targets learnt from', () => {
    const [{ rows, targets, chosen }] = golden.ridge[0].sets.map(setOf);
    const [learnt, leftOut] = [chosen.subarray(0, 20), chosen.subarray(20)];
    const [{ weights, units }] = ridge([{ rows, targets, chosen: learnt }], 12, [1]);
    const predicted = predictRows(rows, leftOut, weights).map(
      (z) => units[0].mean + units[0].sd * (z - units[0].offset),
    );
    const expected = predicted.reduce((sum, value, k) => sum + ((targets[leftOut[k]] - value) / units[0].sd) ** 2, 0);
    const fold = { sets: [{ rows, targets, chosen: learnt, leftOut }], nColumns: 12, penalties: [1] };
    expect(ridgeFoldErrors(fold)[0]).toBeCloseTo(expected, 2);
  });
});
