import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { ceilingsOfFile } from '../../src/study/ceiling.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };
import { arrayOf, fileOf, squareOf, squareRdm, upperTriangle } from './memory-files.ts';

describe('ceilingsOfFile', () => {
  it('gives the ceiling of every variable that is RDMs, or of the one wanted', async () => {
    const stack = [1, 2, 3].map((seed) => squareRdm(5, seed));
    const file = await fileOf('t.mat', {
      EVC: arrayOf(stack),
      IT: arrayOf([...stack].slice(1)),
      note: arrayOf([1, 2]),
    });
    const results = await ceilingsOfFile(file);
    expect(results.map(({ variable, n, nSubjects }) => [variable, n, nSubjects])).toEqual([
      ['EVC', 5, 3],
      ['IT', 5, 2],
    ]);
    expect(await ceilingsOfFile(file, { variable: 'IT' })).toEqual([results[1]]);
    await expect(ceilingsOfFile(file, { variable: 'V4' })).rejects.toThrow(UsageError);
  });

  it('equals scipy to 1e-10 on RDMs that are resolved in time', async () => {
    const { stack, ceiling: expected } = golden.challenge;
    const squares = stack.map((times) => times.map(squareOf));
    const [{ ceiling }] = await ceilingsOfFile(await fileOf('t.npy', { rdms: arrayOf(squares) }));
    for (const bound of ['lower', 'upper'] as const) {
      for (const unit of ['rho', 'r2'] as const) {
        expect(Math.abs(ceiling![bound][unit] - expected[bound][unit])).toBeLessThanOrEqual(1e-10);
      }
    }
  });

  it('says why there is none of one of the two ways of averaging', async () => {
    // Opposite ranks cancel where subjects are on one footing, and not where one has the larger values.
    const values = upperTriangle(squareRdm(5, 1));
    const file = await fileOf('t.npy', { rdms: arrayOf([values, values.map((value) => 9 - 2 * value)]) });
    const notices: string[] = [];
    const [{ ceiling, normalised }] = await ceilingsOfFile(file, { onNotice: (notice) => notices.push(notice) });
    expect(ceiling).not.toBeNull();
    expect(normalised).toBeNull();
    expect(notices.at(-1)).toMatch(/^t.npy, \w+, normalised: there is no noise ceiling, the mean of/);
  });

  it('is the same of condensed RDMs as of square ones', async () => {
    const stack = [1, 2, 3].map((seed) => squareRdm(5, seed));
    const square = await ceilingsOfFile(await fileOf('t.npy', { rdms: arrayOf(stack) }));
    const condensed = await ceilingsOfFile(await fileOf('t.npy', { rdms: arrayOf(stack.map(upperTriangle)) }));
    expect(condensed).toEqual(square);
  });

  it('is null for a single subject, and says so', async () => {
    const notices: string[] = [];
    const file = await fileOf('t.npy', { rdm: arrayOf(squareRdm(5)) });
    const results = await ceilingsOfFile(file, { onNotice: (notice) => notices.push(notice) });
    expect(results).toEqual([
      { variable: 'data', n: 5, nSubjects: 1, ceiling: null, comparator: 'spearman', normalised: null },
    ]);
    expect(notices).toEqual(['t.npy, data: a noise ceiling needs at least 2 subjects, there is 1']);
  });

  it("is null where the subjects' mean is the same for all pairs, and says so", async () => {
    const notices: string[] = [];
    const file = await fileOf('t.npy', {
      rdms: arrayOf([
        [1, 2, 3],
        [3, 2, 1],
      ]),
    });
    const [{ ceiling }] = await ceilingsOfFile(file, { onNotice: (notice) => notices.push(notice) });
    expect(ceiling).toBeNull();
    expect(notices.join()).toContain('the same for all pairs');
  });

  it('needs three conditions', async () => {
    const file = await fileOf('t.npy', { rdms: arrayOf([squareRdm(2), squareRdm(2, 1)]) });
    await expect(ceilingsOfFile(file)).rejects.toThrow(/expected at least 3 conditions, got 2/);
  });
});
