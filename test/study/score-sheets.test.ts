import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../../src/core/errors.ts';
import type { Source } from '../../src/formats/source.ts';
import { scoreSheet } from '../../src/inference/score-sheet.ts';
import { makeRdm, makeRdmStack } from '../../src/rdm/rdm.ts';
import { scoreFiles } from '../../src/study/score.ts';
import { type SheetsOfFilesOptions, sheetsOfFiles } from '../../src/study/score-sheets.ts';
import { arrayOf, fileOf, type Nested, squareRdm, textsOf, upperTriangle } from './memory-files.ts';

const n = 6;
const squares = [1, 2, 3].map((seed) => squareRdm(n, seed));
const [a, b] = [squareRdm(n, 7), squareRdm(n, 8)];
const QUICK = { nSamples: 20, nPermutations: 19 };

describe('sheetsOfFiles', () => {
  it("holds scoreFiles' results, and for each variable the sheet of the models against its subjects", async () => {
    const target = await npz({ EVC_RDMs: squares, IT_RDMs: [...squares, a] }, 't.npz');
    const [one, two] = [await npz({ rdm: a }, 'a.npz'), await npz({ EVC_RDMs: b, IT_RDMs: a }, 'x/b.npz')];
    const { report } = await sheets([one, two], target);
    const { results, track } = await scoreFiles(one, target);
    expect(report.track).toEqual(track);
    expect(report.results.map(({ sheet: _, ...result }) => result)).toEqual(results);
    const stack = makeRdmStack(Float64Array.from(squares.flatMap(upperTriangle)), { nSubjects: 3 });
    const models = [
      { name: 'a.npz', rdm: makeRdm(Float64Array.from(upperTriangle(a))) },
      { name: 'b.npz', rdm: makeRdm(Float64Array.from(upperTriangle(b))) },
    ];
    expect(report.results[0].sheet).toEqual(await scoreSheet(models, stack, QUICK));
    expect(report.results[1].sheet.models.map(({ name }) => name)).toEqual(['a.npz', 'b.npz']);
  });

  it('takes 100 % for the published ceiling of a benchmark', async () => {
    const many = Array.from({ length: 15 }, (_, seed) => squareRdm(92, seed));
    const target = await npz({ EVC_RDMs: many }, 't.npz');
    const options = { ...QUICK, nPermutations: 0, nSamples: 2, benchmark: 'algonauts2019-92' as const };
    const [{ sheet, percentOfCeiling }] = (
      await sheets([await npz({ rdm: squareRdm(92, 99) }, 'a.npz')], target, options)
    ).report.results;
    expect(sheet.ceilingInUse).toBe(0.1589);
    expect(sheet.models[0].official.percentOfCeiling).toBeCloseTo(percentOfCeiling!, 12);
  });

  it('leaves a further model out of variables that it does not hold, and constant ones out with a warning', async () => {
    const target = await npz({ EVC_RDMs: squares, IT_RDMs: squares }, 't.npz');
    const other = await npz({ EVC_RDMs: b, more: a }, 'b.npz');
    const flat = await npz({ rdm: a.map((row, i) => row.map((_, j) => (i === j ? 0 : 1))) }, 'flat.npz');
    const { report, notices } = await sheets([await npz({ rdm: a }, 'a.npz'), other, flat], target);
    expect(report.results.map(({ sheet }) => sheet.models.map(({ name }) => name))).toEqual([
      ['a.npz', 'b.npz'],
      ['a.npz'],
    ]);
    expect(report.results[1].sheet.warnings.map(({ text }) => text).join()).toContain('flat.npz is left out: all');
    expect(notices).toContain('b.npz is left out for IT_RDMs: it holds no variable of that name');
    await expect(sheets([flat, other], target)).rejects.toThrow(FormatError);
  });

  it('a target of one array meets the variable asked for in every model, not in the first alone', async () => {
    const target = await npz({ tavg: squares }, 't.npz');
    const models = [await npz({ EVC_RDMs: a, IT_RDMs: b }, 'a.npz'), await npz({ IT_RDMs: a, EVC_RDMs: b }, 'b.npz')];
    const { report } = await sheets(models, target, { variables: ['EVC_RDMs'] });
    const [, second] = report.results[0].sheet.models;
    const alone = await sheets([models[1]], target, { variables: ['EVC_RDMs'] });
    expect(second).toMatchObject({ name: 'b.npz', rho: expect.closeTo(alone.report.results[0].rho, 12) });
  });

  it('calls models by their files, with their folders where these alone tell them apart', async () => {
    const target = await npz({ EVC_RDMs: squares }, 't.npz');
    const paths = ['one/rdm.npz', 'two/rdm.npz', 'one/other.npz', 'two/rdm.npz'];
    const models = await Promise.all(paths.map((path, k) => npz({ rdm: squareRdm(n, 20 + k) }, path)));
    const { report } = await sheets(models as [Source], target);
    expect(report.results[0].sheet.models.map(({ name }) => name)).toEqual([
      ...['one/rdm.npz', 'two/rdm.npz', 'other.npz', 'two/rdm.npz (4)'],
    ]);
  });

  it('puts what is known of the images before what the sheet says itself', async () => {
    const warnings = [{ code: 'overlap' as const, text: 'known' }];
    const { report } = await sheets([await npz({ rdm: a }, 'a.npz')], await npz({ EVC: squares[0] }, 't.npz'), {
      warnings,
    });
    expect(report.results[0].sheet.warnings[0]).toEqual(warnings[0]);
    expect(report.results[0].sheet.warnings.map(({ code }) => code)).toContain('too-few');
  });

  it('refuses a further model of other conditions', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const withNames = (path: string, rdm: Nested, order: readonly string[]) =>
      fileOf(path, { rdm: arrayOf(rdm), names: textsOf(order) });
    const [first, target] = [await withNames('a.npz', a, names), await withNames('t.npz', squares, names)];
    const other = await withNames('b.npz', b, [...names].reverse());
    await expect(sheets([first, other], target)).rejects.toThrow(ShapeError);
    expect((await sheets([first], target)).notices).toEqual([]);
  });
});

async function sheets(models: readonly Source[], target: Source, options: SheetsOfFilesOptions = {}) {
  const notices: string[] = [];
  const [first, ...others] = models;
  const onNotice = (notice: string) => notices.push(notice);
  const report = await sheetsOfFiles([first, ...others], target, { ...QUICK, ...options, onNotice });
  return { report, notices };
}

function npz(arrays: Record<string, Nested>, path: string): Promise<Source> {
  return fileOf(path, Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, arrayOf(values)])));
}
