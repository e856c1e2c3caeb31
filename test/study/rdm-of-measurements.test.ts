import { describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { mahalanobisRdm } from '../../src/rdm/mahalanobis.ts';
import { noisePrecision } from '../../src/rdm/noise-precision.ts';
import { type RdmOfMeasurementsOptions, rdmOfMeasurements } from '../../src/study/rdms/rdm-of-measurements.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };
import { arrayOf, fileOf, textsOf } from './memory-files.ts';

const { measurements, condition, fold, mahalanobis, crossnobis, ...repeats } = golden.rsatoolbox.repeats;
const d = measurements[0].length;
const nMeasurements = measurements.length;
const names = condition.map((number) => `condition ${number}`);

const measured = () =>
  fileOf('m.npz', {
    x: arrayOf(measurements),
    condition: arrayOf(condition),
    fold: arrayOf(fold),
    names: textsOf(names),
  });
const precision = async () => ({ source: await fileOf('noise.npy', { p: arrayOf(repeats.precision) }) });

describe('rdmOfMeasurements', () => {
  it("is rsatoolbox's crossnobis to 1e-10, with a precision from a file and without", async () => {
    const { values, conditions } = (await rdm({ metric: 'crossnobis', folds: 'fold', noise: await precision() })).rdm;
    expectClose(values, crossnobis);
    expect(conditions).toEqual([...new Set(names)]);
    const plain = await rdm({ metric: 'crossnobis', folds: 'fold' });
    expectClose(plain.rdm.values, repeats.crossnobis_identity);
    expect(plain.notices.join()).toContain('crossnobis without --noise');
  });

  it("is rsatoolbox's mahalanobis of conditions' means once squared and over the number of columns", async () => {
    const { values } = (await rdm({ metric: 'mahalanobis', noise: await precision() })).rdm;
    expectClose(
      values.map((value) => value ** 2 / d),
      mahalanobis,
    );
  });

  it('estimates the noise from rows of residuals, less their mean, and says how', async () => {
    const rows = Array.from({ length: 12 }, (_, k) =>
      measurements[k % nMeasurements].map((v, c) => v * (1 + ((k * c) % 5)) + 3),
    );
    const noise = { source: await fileOf('noise.npz', { other: arrayOf([[1]]), r: arrayOf(rows) }), variable: 'r' };
    const { rdm: found, notices } = await rdm({ metric: 'mahalanobis', noise });
    const mean = rows[0].map((_, c) => rows.reduce((sum, row) => sum + row[c] / 12, 0));
    const residuals = Float64Array.from(rows.flatMap((row) => row.map((value, c) => value - mean[c])));
    expectClose(found.values, mahalanobisRdm(means(), 6, d, noisePrecision(residuals, 12, d, 11)).values);
    expect(notices.join()).toMatch(/12 residuals with 11 degrees of freedom, its correlations shrunk by \d+ %/);
  });

  it("estimates the noise from the measurements' deviations from their conditions' means", async () => {
    const { rdm: found, notices } = await rdm({ metric: 'mahalanobis', noise: 'residuals', conditions: 'condition' });
    const mean = means();
    const residuals = Float64Array.from(
      measurements.flatMap((row, m) => row.map((value, c) => value - mean[condition[m] * d + c])),
    );
    const expected = noisePrecision(residuals, nMeasurements, d, nMeasurements - 6);
    expectClose(found.values, mahalanobisRdm(mean, 6, d, expected).values);
    expect(notices.join()).toContain(`with ${nMeasurements - 6} degrees of freedom`);
    expect(found.conditions).toEqual([...new Set(condition.map(String))]);
  });

  it('takes every row for a condition where there are no names', async () => {
    const file = await fileOf('m.npy', { x: arrayOf(measurements) });
    const { conditions, nConditions } = await rdmOfMeasurements(file, {
      metric: 'mahalanobis',
      noise: await precision(),
    });
    expect([conditions, nConditions]).toEqual([null, nMeasurements]);
    await expect(rdmOfMeasurements(file, { metric: 'mahalanobis', noise: 'residuals' })).rejects.toThrow(
      /^--noise residuals: expected conditions that are measured more than once/,
    );
  });

  it('says what the metric needs, and what does not fit', async () => {
    await expect(rdm({ metric: 'mahalanobis' })).rejects.toThrow(/^--metric mahalanobis: expected --noise FILE/);
    await expect(rdm({ metric: 'crossnobis' })).rejects.toThrow(/^--metric crossnobis: expected --folds VARIABLE/);
    const nameless = await fileOf('m.npz', { x: arrayOf(measurements), fold: arrayOf(fold) });
    await expect(rdmOfMeasurements(nameless, { metric: 'crossnobis', folds: 'fold' })).rejects.toThrow(
      /expected --conditions VARIABLE/,
    );
    await expect(rdm({ metric: 'crossnobis', folds: 'run' })).rejects.toThrow(UsageError);
    await expect(rdm({ metric: 'crossnobis', folds: 'x' })).rejects.toThrow(/expected \d+ texts or numbers, one a row/);
    const narrow = {
      source: await fileOf('noise.npy', {
        p: arrayOf([
          [1, 0],
          [0, 1],
        ]),
      }),
    };
    await expect(rdm({ metric: 'mahalanobis', noise: narrow })).rejects.toThrow(FormatError);
    await expect(rdm({ metric: 'mahalanobis', noise: narrow })).rejects.toThrow(
      /noise\.npy, .*: expected noise of the/,
    );
  });
});

async function rdm(options: RdmOfMeasurementsOptions) {
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  return { rdm: await rdmOfMeasurements(await measured(), { ...options, variable: 'x', onNotice }), notices };
}

/** Means of the six conditions, in their order. */
function means(): Float64Array {
  return Float64Array.from({ length: 6 * d }, (_, k) => {
    const of = measurements.filter((_row, m) => condition[m] === Math.floor(k / d));
    return of.reduce((sum, row) => sum + row[k % d], 0) / of.length;
  });
}

function expectClose(values: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(values).toHaveLength(expected.length);
  for (let k = 0; k < values.length; k++) expect(values[k]).toBeCloseTo(expected[k], 10);
}
