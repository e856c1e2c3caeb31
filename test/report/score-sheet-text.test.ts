import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { concerns, type ScoreSheetOptions, scoreSheet } from '../../src/inference/score-sheet.ts';
import { makeRdm, subsetSubjects } from '../../src/rdm/rdm.ts';
import { type DescribeSheetOptions, describeSheet } from '../../src/report/score-sheet-text.ts';
import { wrapped } from '../../src/report/wrapped.ts';
import { beside, drawFeatures, drawSubjects, modelOf } from '../inference/drawn-subjects.ts';

const random = seededRandom(1);
const shared = drawFeatures(12, 3, random);
const target = drawSubjects(shared, { nSubjects: 12, ownFeatures: 3, noise: 1 }, random);
const models = [
  { name: 'fit', rdm: modelOf(beside(shared, drawFeatures(12, 3, random))) },
  { name: 'all stages, unweighted', rdm: modelOf(drawFeatures(12, 3, random)) },
  { name: 'opposite', rdm: makeRdm(modelOf(shared).values.map((value) => -value)) },
];

async function text(n: number, options: ScoreSheetOptions = {}, show: DescribeSheetOptions = {}, nSubjects = 12) {
  const stack = subsetSubjects(target, [...Array(nSubjects).keys()]);
  const sheet = await scoreSheet(models.slice(0, n), stack, { nSamples: 30, nPermutations: 39, ...options });
  return { sheet, lines: describeSheet(sheet, show).split('\n') };
}

describe('a sheet as text', () => {
  it('fits 100 columns, holds no NaN, and begins with what was scored on and its warnings', async () => {
    for (const [n, nSubjects] of [
      [3, 12],
      [1, 12],
      [2, 2],
      [1, 1],
    ] as const) {
      const { lines, sheet } = await text(n, {}, { name: 'EVC_RDMs' }, nSubjects);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
      expect(lines.join('\n')).not.toMatch(/NaN|undefined|null/);
      expect(lines[0]).toMatch(new RegExp(`^EVC_RDMs: 12 conditions, ${nSubjects} subjects?(;|$)`));
      const own = sheet.warnings.filter((warning) => concerns(warning, 'fit'));
      expect(lines.filter((line) => line.startsWith('warning: '))).toHaveLength(own.length);
      expect(lines.filter((line) => line.startsWith('note: '))).toHaveLength(sheet.warnings.length - own.length);
      if (own.length > 0) expect(lines[1]).toMatch(/^warning: /);
    }
  });

  it('has a row for each model in each table, aligned, with the numbers of the sheet', async () => {
    const { lines, sheet } = await text(3);
    for (const model of sheet.models) {
      const rows = lines.filter((line) => line.startsWith(`${model.name}  `));
      expect(rows).toHaveLength(model.name === 'fit' ? 2 : 3);
      expect(rows[0]).toContain(`  ${model.official.r2.toFixed(4)}  `);
      expect(rows[0]).toContain(`${model.official.floor!.percent!.percentile95.toFixed(2)}`);
      expect(rows[0]).toContain(Math.abs(model.rho).toFixed(3));
      expect(rows[1]).toContain(model.permutation!.p.toFixed(3));
    }
    const table = lines.slice(lines.findIndex((line) => line.startsWith('model ')));
    expect(new Set(table.slice(0, 4).map(({ length }) => length)).size).toBe(1);
  });

  it('leaves out what there is none of: tests, ceilings, differences, the floor', async () => {
    const { lines } = await text(1, { nPermutations: 0, over: 'subjects' });
    for (const start of ['test of rho', 'shared signal', 'fit less', 'floor:', 'p permuted', 'p above', 'FDR']) {
      expect(lines.filter((line) => line.startsWith(start))).toEqual([]);
    }
    const single = (await text(1, {}, {}, 1)).lines;
    expect(single.filter((line) => /^(noise ceiling|ceiling:|% of ceiling)/.test(line))).toEqual([]);
    expect(single.join('\n')).toContain("floor: what r2 is with the model's labels permuted 39 times");
  });

  it('tells what each number means, of which ceiling and over what, or not where the reader knows', async () => {
    const { lines } = await text(1, { ceiling: 0.2, over: 'stimuli' }, { benchmark: 'algonauts2019-92' });
    const legend = lines.join(' ').replaceAll(/ +/g, ' ');
    expect(legend).toContain('r2 over the published noise ceiling of algonauts2019-92, an upper one');
    expect(legend).toContain('over new stimuli and these subjects, by 30 bootstrap samples');
    expect((await text(1, {}, { legend: false })).lines.join()).not.toContain("the 2019 challenge's figure");
  });
});

it('lines break between words, and a longer word stands alone', () => {
  expect(wrapped('short', '  ')).toBe('short');
  const long = 'x'.repeat(120);
  expect(wrapped(`a ${long} b`, '  ')).toBe(`a\n  ${long}\n  b`);
  const words = Array.from({ length: 60 }, (_, k) => `word${k}`).join(' ');
  const lines = wrapped(words, '  ').split('\n');
  expect(lines.map((line) => line.trim()).join(' ')).toBe(words);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
});
