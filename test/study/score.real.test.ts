import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFileSource } from '../../src/host/files.ts';
import { BENCHMARKS } from '../../src/rdm/benchmarks.ts';
import { ceilingsOfFile } from '../../src/study/ceiling.ts';
import { type ScoreFilesOptions, scoreFiles } from '../../src/study/score.ts';
import golden from '../golden/challenge/expected.json' with { type: 'json' };

const DATA = join(process.env['HYPERCOLUMN_DATA']!, 'data', 'algonauts2019');

type Ceilings = Record<string, { lower: { rho: number; r2: number }; upper: { rho: number; r2: number } }>;

describe("noise ceilings of the challenge's data", () => {
  it.each(['92', '118'] as const)(
    'equal scipy to 1e-10 and the published ones to 4 decimals: fMRI of the %s set',
    async (set) => {
      const results = await ceilings(`${set}/target_fmri.mat`);
      expect(results.map(({ variable, n, nSubjects }) => [variable, n, nSubjects])).toEqual([
        ['EVC_RDMs', Number(set), 15],
        ['IT_RDMs', Number(set), 15],
      ]);
      for (const { variable, ceiling } of results) {
        expectCeiling(ceiling, (golden.ceilings[set] as Ceilings)[variable]);
        const published = BENCHMARKS[`algonauts2019-${set}`].ceilings[variable as 'EVC_RDMs' | 'IT_RDMs'];
        expect(ceiling!.upper.r2.toFixed(4)).toBe(published.toFixed(4));
      }
    },
  );

  it('have the lower bounds that were measured', async () => {
    const lower = async (set: string) =>
      (await ceilings(`${set}/target_fmri.mat`)).map(({ ceiling }) => ceiling!.lower.r2.toFixed(6));
    expect(await lower('92')).toEqual(['0.068646', '0.226445']);
    expect(await lower('118')).toEqual(['0.024486', '0.003771']);
  });

  it.each(['92', '118'] as const)('equal scipy to 1e-10: MEG of the %s set, averaged over time', async (set) => {
    for (const window of ['early', 'late'] as const) {
      const [{ ceiling }] = await ceilings(`${set}/meg_${window}_tavg.npy`);
      expectCeiling(ceiling, golden.ceilings[`${set} MEG`][window]);
    }
  });

  it('are the same from .npz as from .mat', async () => {
    const [{ variable, ceiling }] = await ceilings('92/fmri_EVC_RDMs.npz');
    expect(variable).toBe('Net_RDM');
    expectCeiling(ceiling, golden.ceilings['92'].EVC_RDMs);
  });
});

describe('the example submission', () => {
  it('scores as scipy does to 1e-10, subject by subject', async () => {
    const { results, track } = await score('92/target_fmri.mat');
    for (const { variable, n, nSubjects, rho, r2, rhoBySubject } of results) {
      const expected = golden.score[variable as 'EVC_RDMs' | 'IT_RDMs'];
      expect([n, nSubjects]).toEqual([92, 15]);
      expectClose(rho, expected.rho);
      expectClose(r2, expected.r2);
      rhoBySubject.forEach((value, subject) => {
        expectClose(value, expected.rhoBySubject[subject]);
      });
    }
    const meanR2 = (golden.score.EVC_RDMs.r2 + golden.score.IT_RDMs.r2) / 2;
    const meanCeiling = (golden.ceilings['92'].EVC_RDMs.upper.r2 + golden.ceilings['92'].IT_RDMs.upper.r2) / 2;
    expectClose(track!.percentOfCeiling!, (100 * meanR2) / meanCeiling);
  });

  it('has percentages of the published ceilings with --benchmark', async () => {
    const { results, track } = await score('92/target_fmri.mat', { benchmark: 'algonauts2019-92' });
    expectClose(results[0].percentOfCeiling!, (100 * golden.score.EVC_RDMs.r2) / 0.1589);
    expectClose(results[1].percentOfCeiling!, (100 * golden.score.IT_RDMs.r2) / 0.3075);
    const meanR2 = (golden.score.EVC_RDMs.r2 + golden.score.IT_RDMs.r2) / 2;
    expectClose(track!.percentOfCeiling!, (100 * meanR2) / ((0.1589 + 0.3075) / 2));
  });

  it('is refused against the other image set', async () => {
    await expect(score('118/target_fmri.mat')).rejects.toThrow(/has 92 conditions.*has 118/);
  });
});

function ceilings(path: string) {
  return withFileSource(join(DATA, path), (source) => ceilingsOfFile(source));
}

function score(target: string, options: ScoreFilesOptions = {}) {
  return withFileSource(join(DATA, '92/example_submission_fmri.mat'), (model) =>
    withFileSource(join(DATA, target), (source) => scoreFiles(model, source, options)),
  );
}

function expectCeiling(actual: Ceilings[string] | null, expected: Ceilings[string]): void {
  for (const bound of ['lower', 'upper'] as const) {
    for (const unit of ['rho', 'r2'] as const) expectClose(actual![bound][unit], expected[bound][unit]);
  }
}

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected), `${actual}, ${expected}`).toBeLessThanOrEqual(1e-10);
}
