import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import type { Source } from '../../src/formats/source.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { makeRdmStack } from '../../src/rdm/rdm.ts';
import { type ScoreFilesOptions, scoreFiles } from '../../src/study/score.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };
import { arrayOf, fileOf, type Nested, squareOf, squareRdm, textsOf, upperTriangle } from './memory-files.ts';

const n = 6;
const model = squareRdm(n);
const subjects = [1, 2, 3].map((seed) => mixed(model, squareRdm(n, seed)));
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('scoreFiles', () => {
  it('equals scipy to 1e-10 on RDMs that are resolved in time', async () => {
    const { stack, model: condensed, rho, r2, rhoBySubject, ceiling } = golden.challenge;
    const { report } = await score(
      await fileOf('model.npy', { rdm: arrayOf(squareOf(condensed)) }),
      await fileOf('target.npy', { rdms: arrayOf(stack.map((times) => times.map(squareOf))) }),
    );
    const [result] = report.results;
    expect(result).toMatchObject({ variable: 'data', n: 8, nSubjects: 5 });
    expectClose(result.rho, rho);
    expectClose(result.r2, r2);
    result.rhoBySubject.forEach((value, subject) => {
      expectClose(value, rhoBySubject[subject]);
    });
    expectClose(result.ceiling!.lower.r2, ceiling.lower.r2);
    expectClose(result.ceiling!.upper.rho, ceiling.upper.rho);
    expectClose(result.percentOfCeiling!, (100 * r2) / ceiling.upper.r2);
  });

  it("has exactly the contract's keys", async () => {
    const { report } = await score(await npz({ rdm: model }), await npz({ EVC_RDMs: subjects, IT_RDMs: subjects }));
    expect(Object.keys(report)).toEqual(['results', 'track']);
    expect(Object.keys(report.results[0]).sort()).toEqual(
      ['ceiling', 'n', 'nSubjects', 'percentOfCeiling', 'r2', 'rho', 'rhoBySubject', 'variable'].sort(),
    );
    expect(report.results[0].ceiling).toEqual({
      lower: { rho: expect.any(Number), r2: expect.any(Number) },
      upper: { rho: expect.any(Number), r2: expect.any(Number) },
    });
    expect(Object.keys(report.track!)).toEqual(['r2', 'percentOfCeiling']);
  });

  it('says once that files without names are matched by size alone', async () => {
    const { notices } = await score(await npz({ rdm: model }), await npz({ EVC_RDMs: subjects, IT_RDMs: subjects }));
    expect(notices.filter((notice) => notice.includes('size alone'))).toHaveLength(1);
  });

  it('says nothing where names agree, and refuses another order', async () => {
    const target = await fileOf('t.npz', { rdm: arrayOf(subjects), names: textsOf(names) });
    const same = await fileOf('m.npz', { rdm: arrayOf(model), names: textsOf(names) });
    expect((await score(same, target)).notices).toEqual([]);
    const other = await fileOf('m.npz', { rdm: arrayOf(model), names: textsOf([...names].reverse()) });
    await expect(score(other, target)).rejects.toThrow(
      /m\.npz, rdm has "f" in row 1, t\.npz, rdm has "a".*another order/,
    );
    await expect(score(other, target)).rejects.toThrow(ShapeError);
  });

  it('refuses RDMs of another size, naming both files', async () => {
    await expect(score(await npz({ rdm: squareRdm(5) }), await npz({ EVC: subjects }))).rejects.toThrow(
      /has 5 conditions, .*EVC has 6/,
    );
  });

  it('has no ceiling and no percentage for a single subject, and says so', async () => {
    const { report, notices } = await score(await npz({ rdm: model }), await npz({ EVC_RDMs: subjects[0] }));
    expect(report.results[0]).toMatchObject({ nSubjects: 1, ceiling: null, percentOfCeiling: null });
    expect(report.results[0].rhoBySubject).toHaveLength(1);
    expect(report.track).toBeNull();
    expect(notices.join('\n')).toContain('EVC_RDMs: a noise ceiling needs at least 2 subjects, there is 1');
  });

  it('refuses models and subjects whose values are all the same, and single pairs', async () => {
    const flat = model.map((row, i) => row.map((_, j) => (i === j ? 0 : 0.5)));
    await expect(score(await npz({ rdm: flat }), await npz({ EVC: subjects }))).rejects.toThrow(
      /all dissimilarities are 0\.5/,
    );
    const oneFlat = [subjects[0], flat, subjects[2]];
    await expect(score(await npz({ rdm: model }), await npz({ EVC: oneFlat }))).rejects.toThrow(
      /EVC, subject 2 of 3: all/,
    );
    await expect(score(await npz({ rdm: model }), await npz({ EVC: oneFlat }))).rejects.toThrow(FormatError);
    const two = squareRdm(2);
    await expect(score(await npz({ rdm: two }), await npz({ EVC: [two, two] }))).rejects.toThrow(
      /expected at least 3 conditions, got 2/,
    );
  });

  it('refuses a model of several RDMs', async () => {
    await expect(score(await npz({ rdm: subjects }), await npz({ EVC: subjects }))).rejects.toThrow(
      /expected one RDM as the model, got 3; average or save one of them$/,
    );
  });

  it('recognises a target and a model that were swapped', async () => {
    await expect(score(await npz({ rdm: subjects }), await npz({ rdm: model }))).rejects.toThrow(
      /expected one RDM as the model, got 3; the target holds one RDM and the model 3: did you swap them\?$/,
    );
  });
});

describe('the track score', () => {
  it("is mean r2 over the mean of the target's upper ceilings", async () => {
    const it = subjects.map((square) => mixed(square, squareRdm(n, 9)));
    const { report } = await score(await npz({ rdm: model }), await npz({ EVC_RDMs: subjects, IT_RDMs: it }));
    const [first, second] = report.results;
    const ceiling = (first.ceiling!.upper.r2 + second.ceiling!.upper.r2) / 2;
    expectClose(report.track!.r2, (first.r2 + second.r2) / 2);
    expectClose(report.track!.percentOfCeiling!, (50 * (first.r2 + second.r2)) / ceiling);
  });

  it('is there for MEG as well, and null unless both variables of a modality are there', async () => {
    const meg = await npz({ MEG_RDMs_early: subjects, MEG_RDMs_late: subjects });
    expect((await score(await npz({ rdm: model }), meg)).report.track).not.toBeNull();
    const mixedPair = await npz({ EVC_RDMs: subjects, MEG_RDMs_late: subjects });
    expect((await score(await npz({ rdm: model }), mixedPair)).report.track).toBeNull();
    const wanted = { variables: ['MEG_RDMs_early'] };
    expect((await score(await npz({ rdm: model }), meg, wanted)).report.track).toBeNull();
  });

  it('is that of fMRI where both modalities are there, and says so', async () => {
    const target = await npz({
      EVC_RDMs: subjects,
      IT_RDMs: subjects,
      MEG_RDMs_early: subjects,
      MEG_RDMs_late: subjects,
    });
    const { report, notices } = await score(await npz({ rdm: model }), target);
    expectClose(report.track!.r2, (report.results[0].r2 + report.results[1].r2) / 2);
    expect(notices.join('\n')).toContain('the track score is that of fmri');
  });

  it('has no percentage where a variable has no ceiling', async () => {
    const target = await npz({ EVC_RDMs: subjects, IT_RDMs: subjects[0] });
    const { report } = await score(await npz({ rdm: model }), target);
    expect(report.track!.percentOfCeiling).toBeNull();
    expect(report.track!.r2).toBeGreaterThan(0);
  });
});

describe('with a benchmark', () => {
  const big = squareRdm(92);
  const target = [1, 2].map((seed) => mixed(big, squareRdm(92, seed)));

  it('percentages are of the published ceilings and the ceiling shown stays the own one', async () => {
    const { report, notices } = await score(await npz({ rdm: big }), await npz({ EVC_RDMs: target, IT_RDMs: target }), {
      benchmark: 'algonauts2019-92',
    });
    const [evc, it] = report.results;
    expectClose(evc.percentOfCeiling!, (100 * evc.r2) / 0.1589);
    expectClose(it.percentOfCeiling!, (100 * it.r2) / 0.3075);
    expectClose(report.track!.percentOfCeiling!, (100 * report.track!.r2) / ((0.1589 + 0.3075) / 2));
    expect(evc.ceiling).toEqual(
      noiseCeiling(makeRdmStack(Float64Array.from(target.flatMap(upperTriangle)), { nSubjects: 2 })),
    );
    expect(notices.join('\n')).toContain('the published ceilings are of 15 subjects, EVC_RDMs has 2');
  });

  it('the model may be the one that goes by a published name', async () => {
    const { report } = await score(await npz({ IT_RDMs: big }), await npz({ somebody: target }), {
      benchmark: 'algonauts2019-92',
    });
    expectClose(report.results[0].percentOfCeiling!, (100 * report.results[0].r2) / 0.3075);
  });

  it('there is no percentage for a variable without a published ceiling, and that is said', async () => {
    const { report, notices } = await score(await npz({ rdm: big }), await npz({ V4: target }), {
      benchmark: 'algonauts2019-92',
    });
    expect(report.results[0].percentOfCeiling).toBeNull();
    expect(notices.join('\n')).toContain('no ceiling is published for V4');
  });

  it('MEG RDMs of one time point are said to have other ceilings', async () => {
    const { notices } = await score(await npz({ rdm: big }), await npz({ MEG_RDMs_early: target }), {
      benchmark: 'algonauts2019-92',
    });
    expect(notices.join('\n')).toContain('the published MEG ceilings are of time-resolved RDMs');
  });

  it('RDMs of another number of conditions are refused', async () => {
    await expect(
      score(await npz({ rdm: big }), await npz({ EVC_RDMs: target }), { benchmark: 'algonauts2019-118' }),
    ).rejects.toThrow(new UsageError('--benchmark algonauts2019-118: expected RDMs of 118 conditions, got 92'));
  });
});

function npz(arrays: Record<string, Nested>): Promise<Source> {
  return fileOf(
    'file.npz',
    Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, arrayOf(values)])),
  );
}

async function score(modelFile: Source, targetFile: Source, options: ScoreFilesOptions = {}) {
  const notices: string[] = [];
  const report = await scoreFiles(modelFile, targetFile, { ...options, onNotice: (notice) => notices.push(notice) });
  return { report, notices };
}

function mixed(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row, i) => row.map((value, j) => value + 0.7 * b[i][j]));
}

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected), `${actual}, ${expected}`).toBeLessThanOrEqual(1e-10);
}
