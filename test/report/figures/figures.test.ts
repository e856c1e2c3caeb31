import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { condensedIndex } from '../../../src/core/condensed.ts';
import { encodeJpeg, renderPng, writeFileAtomically } from '../../../src/host/index.ts';
import { metricMds } from '../../../src/rdm/mds.ts';
import { listFigures, type RunFigures, runFigures } from '../../../src/report/figures/all-figures.ts';
import { PAGE } from '../../../src/report/figures/figure.ts';
import { rdmFigure } from '../../../src/report/figures/rdm-figure.ts';
import { scoresFigure } from '../../../src/report/figures/scores-figure.ts';
import { tuningFigure } from '../../../src/report/figures/tuning-figure.ts';
import { writeFigures } from '../../../src/report/figures/write-figures.ts';
import { wrongPairs, wrongPairsFigure } from '../../../src/report/figures/wrong-pairs-figure.ts';
import { thumbnailUris } from '../../../src/report/picture/thumbnail-uris.ts';
import type { ReportData } from '../../../src/study/runs/report-data.ts';
import type { ScoredSet } from '../../../src/study/scoring/scored-set.ts';
import { drawReport, drawScoredSet } from '../report-fixture.ts';
import { expectSound, marks, rows, texts } from './svg-marks.ts';

let set: ScoredSet;
let pictures: string[];
let data: ReportData;
let figures: RunFigures;

beforeAll(async () => {
  set = await drawScoredSet({ nImages: 24, nSubjects: 5 });
  pictures = await thumbnailUris(set.thumbnails, { encodeJpeg });
  data = drawReport([set]);
  figures = runFigures(data, [pictures]);
});

describe("a run's figures", () => {
  it('have their own size, ids of their own, text alternatives and numbers, in files and on a page, wide and narrow', () => {
    for (const options of [{}, { theme: PAGE, titled: false }, { width: 340 }]) {
      const all = listFigures(runFigures(data, [pictures], options));
      expect(all.map(({ id }) => id)).toEqual([
        ...[
          'scores',
          'rdms-evc-rdms-test',
          'map-evc-rdms-test',
          'wrong-pairs-evc-rdms-test',
          'tuning',
          'signed-mask',
          'curves',
        ],
      ]);
      for (const figure of all) {
        expectSound(figure);
        expect(rows(figure).length).toBeGreaterThan(1);
      }
    }
  });

  it('are the same bytes for the same run', () => {
    expect(runFigures(data, [pictures])).toEqual(figures);
  });

  it('on a page are painted by its variables alone', () => {
    for (const { svg } of listFigures(runFigures(data, [pictures], { theme: PAGE }))) {
      const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour);
      expect(colours.filter((colour) => !/^(var\(--[a-z]+\)|none|url\(#.*\))$/.test(colour))).toEqual([]);
    }
  });

  it('have ids of their own where sets share a name', () => {
    const ids = listFigures(runFigures({ ...data, scored: [set, set] }, [pictures, pictures])).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are left out where the run holds nothing for them', () => {
    expect(listFigures(runFigures({ scored: [], tuning: null, fits: [] }, []))).toEqual([]);
  });
});

describe('the figure of RDMs', () => {
  it('says where each cell is: the picture there has the colour of its pair', async () => {
    const figure = figures.sets[0].rdms;
    const png = await renderPng(figure.svg, 2);
    const { data: pixels, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const shade = ({ x, y, cell }: typeof figure.measured, row: number, column: number) => {
      const [left, top] = [x + (column + 0.5) * cell, y + (row + 0.5) * cell].map((pixel) => Math.round(2 * pixel));
      return [...pixels.subarray((top * info.width + left) * 3, (top * info.width + left) * 3 + 3)];
    };
    for (const [place, values] of [
      [figure.measured, set.measured.mean],
      [figure.predicted, set.predicted],
    ] as const) {
      const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
      const cellOf = (pair: number) => {
        for (let i = 0; i < 24; i++) {
          for (let j = i + 1; j < 24; j++) if (condensedIndex(i, j, 24) === pair) return [i, j] as const;
        }
        throw new Error('no such pair');
      };
      const [lowest, highest] = [cellOf(order[0]), cellOf(order.at(-1)!)];
      expect(shade(place, ...lowest)).toEqual([0x44, 0x01, 0x54]);
      expect(shade(place, highest[1], highest[0])).toEqual([0xfd, 0xe7, 0x25]);
      expect(shade(place, 3, 3)).toEqual([255, 255, 255]);
    }
  });

  it('shows thumbnails along both sides of both matrices, each as wide as it can be told apart', () => {
    const shown = marks(figures.sets[0].rdms, 'use');
    const perSide = shown.length / 4;
    expect(perSide).toBe(12); // cells of 15 pixels: every second image
    expect(shown.every((each) => Number(each.getAttribute('width')) >= 19)).toBe(true);
    expect(shown.slice(0, 2).map((each) => each.textContent)).toEqual([set.conditions[1], set.conditions[1]]);
    expect(figures.sets[0].rdms.svg).toContain('every second');
  });

  it.each([3, 12, 92, 118, 250, 400])(
    'has whole pixels a cell at twice its size wherever it can, and no side past 400: %i images',
    (n) => {
      const many = widened(set, n);
      const { measured, predicted, svg } = rdmFigure(many, [], { id: 'many' });
      expect(measured.cell * n).toBeLessThanOrEqual(400);
      if (n <= 380) expect((2 * measured.cell) % 1).toBe(0);
      expect(predicted.y).toBe(measured.y);
      expect(predicted.x).toBeGreaterThan(measured.x + measured.cell * n);
      expect(svg.length).toBeLessThan(600_000);
    },
  );

  it('puts categories together, in the order in which they come up, and names them', () => {
    const labels = set.conditions.map((_, k) => ['b & c', 'a', 'a rather long name of a category'][k % 3]);
    const figure = rdmFigure({ ...set, labels }, pictures, { id: 'grouped' });
    expect(figure.measured.order.slice(0, 9)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 1]);
    expect(texts(figure)).toContain('b & c');
    expectSound(figure);
    expect(rows(figure)).toEqual(rows(figures.sets[0].rdms));
  });

  it('has every pair in its .csv, exactly', () => {
    const [header, ...pairs] = rows(figures.sets[0].rdms);
    expect(header).toEqual([
      ...['image 1', 'image 2', 'measured', 'sd over subjects', 'predicted', 'measured rank', 'predicted rank'],
    ]);
    expect(pairs).toHaveLength(set.predicted.length);
    expect(pairs.map(([, , measured]) => Number(measured))).toEqual([...set.measured.mean]);
    expect(pairs.map(([, , , , predicted]) => Number(predicted))).toEqual([...set.predicted]);
  });
});

describe('the figure of scores', () => {
  it('has a row for the fit and each rival, kind by kind, with a dot for each subject', () => {
    const { models } = set.sheet;
    const names = texts(figures.scores!).filter((text) => models.some(({ name }) => name === text));
    expect(names).toEqual(['fit', 'pixels', 'gabor', 'all stages, unweighted', 'untrained', 'ridge']);
    expect(marks(figures.scores!, 'circle[r="2.5"]').length).toBe(1 + models.length * set.nSubjects);
    expect(marks(figures.scores!, 'circle[r="5"]').length).toBe(2 + models.length);
  });

  it('prints means, and p of permuted labels', () => {
    const [fit] = set.sheet.models;
    const written = texts(figures.scores!);
    expect(written).toContain(fit.rho.toFixed(3));
    expect(written).toContain(fit.permutation!.p.toFixed(3).replace(/^0/, ''));
    expect(figures.scores!.alt).toContain(fit.rho.toFixed(3));
  });

  it('draws the ceiling from its lower to its upper end, on the scale of the dots', () => {
    const { lower, upper } = set.sheet.ceilings!.raw;
    const [band] = marks(figures.scores!, 'rect[fill-opacity="0.18"]');
    const [x, width] = ['x', 'width'].map((name) => Number(band.getAttribute(name)));
    const means = marks(figures.scores!, 'circle[r="5"]')
      .slice(2)
      .map((mark) => Number(mark.getAttribute('cx')));
    const [first, second] = set.sheet.models;
    const perRho = (means[0] - means[1]) / (first.rho - second.rho);
    expect(x).toBeCloseTo(means[0] + (lower.rho - first.rho) * perRho, 0);
    expect(x + width).toBeCloseTo(means[0] + (upper.rho - first.rho) * perRho, 0);
  });

  it('has a panel a set, on one scale, and leaves out what one subject cannot tell', async () => {
    const single = await drawScoredSet({ nImages: 12, nSubjects: 1, rivals: [], name: 'alone', role: 'held-out' });
    const figure = scoresFigure([set, single]);
    expectSound(figure);
    expect(texts(figure)).toContain('alone: 12 held-out images, 1 subject');
    expect(texts(figure).filter((text) => text === 'noise ceiling')).toHaveLength(1);
    const [header, ...lines] = rows(figure);
    expect(lines).toHaveLength(7);
    expect(lines[6][header.indexOf('ceiling lower')]).toBe('');
    expect(Number(lines[0][header.indexOf('mean')])).toBe(set.sheet.models[0].rho);
  });
});

describe('the figure of stage tuning', () => {
  it('has a bar a stage and a dot for each permuted fit', () => {
    const { stages } = data.tuning!;
    expect(marks(figures.tuning!, 'rect').length).toBe(2 + stages.length); // paper, legend
    expect(marks(figures.tuning!, 'circle').length).toBe(1 + stages.length * 20);
    expect(texts(figures.tuning!)).toEqual(expect.arrayContaining(stages.map(({ stage }) => stage)));
  });

  it('draws bars as high as shares are', () => {
    const bars = marks(figures.tuning!, 'rect')
      .slice(2)
      .map((bar) => Number(bar.getAttribute('height')));
    const perShare = bars[0] / data.tuning!.stages[0].share;
    data.tuning!.stages.forEach(({ share }, k) => {
      expect(bars[k]).toBeCloseTo(share * perShare, 1);
    });
  });

  it('without permuted fits says that shares alone mean little', () => {
    const stages = data.tuning!.stages.map((stage) => ({
      ...stage,
      permutedShares: [],
      permuted: null,
      z: null,
      p: null,
    }));
    const figure = tuningFigure({ stages, grouped: null, stability: null });
    expectSound(figure);
    expect(figure.caption).toContain('none were made');
    expect(marks(figure, 'circle')).toHaveLength(0);
  });

  it('shows blocks together first, whose further fits are summed too', () => {
    const stages = ['a.0', 'a.1', 'b'].map((stage, k) => ({ ...data.tuning!.stages[k], stage }));
    const grouped = ['a', 'b'].map((stage, k) => ({ ...data.tuning!.stages[k], stage }));
    const figure = tuningFigure({
      stages,
      grouped,
      stability: { seeds: [{ name: 'seed 1', shares: [0.1, 0.2, 0.7] }], splits: [] },
    });
    expect(
      texts(figure).filter((text) => ['Blocks of a stage together', 'Each block', 'a', 'b', 'a.1'].includes(text)),
    ).toEqual([...['Blocks of a stage together', 'a', 'b', 'Each block', 'a.1', 'b']]);
    expectSound(figure);
  });

  it("shows a simulation's truth", () => {
    const figure = tuningFigure(data.tuning!, { title: 'A simulation', trueShares: [0.2, 0.2, 0.2, 0.2, 0.2] });
    expect(texts(figure)).toEqual(expect.arrayContaining(['A simulation', 'true']));
    expect(rows(figure)[1][rows(figure)[0].indexOf('true share')]).toBe('0.2');
  });
});

test('curves have a line a kind of loss and seed, with the kept epoch ringed', () => {
  expect(marks(figures.curves!, 'polyline')).toHaveLength(4);
  expect(marks(figures.curves!, 'polyline')[0].getAttribute('points')!.split(' ')).toHaveLength(15);
  expect(marks(figures.curves!, 'circle')).toHaveLength(4);
  expect(
    rows(figures.curves!)
      .filter(([, , kept]) => kept === '1')
      .map(([, epoch]) => epoch),
  ).toEqual(['12', '12']);
});

describe('the figure of maps', () => {
  it('shows each image once a map, prints the stress, and has positions in its .csv', () => {
    const map = figures.sets[0].mds;
    expect(marks(map, 'use')).toHaveLength(2 * 24);
    const { stress, positions } = metricMds(set.measured.mean);
    expect(texts(map)).toContain(`stress ${stress.toFixed(3)}`);
    expect(
      rows(map)
        .slice(1)
        .map(([, x]) => Number(x)),
    ).toEqual([...positions].filter((_, k) => k % 2 === 0));
  });
});

describe('the figure of wrong pairs', () => {
  it('has the six farthest from their measured rank in each direction, and a hundred in its .csv', () => {
    const figure = figures.sets[0].wrongPairs;
    expect(marks(figure, 'use')).toHaveLength(24);
    const listed = rows(figure)
      .slice(1)
      .map((cells) => Math.abs(Number(cells[5]) - Number(cells[6])));
    expect(listed).toHaveLength(100);
    expect(listed).toEqual([...listed].sort((a, b) => b - a));
  });

  it('tells which direction a pair is wrong in', () => {
    const wrong = wrongPairs({
      conditions: ['a', 'b', 'c'],
      measured: { mean: Float64Array.of(1, 2, 3), sd: null },
      predicted: Float64Array.of(3, 2, 1),
    });
    expect(wrong.tooDifferent).toEqual([{ pair: 0, images: [0, 1], measuredRank: 0, predictedRank: 1 }]);
    expect(wrong.tooAlike).toEqual([{ pair: 2, images: [1, 2], measuredRank: 1, predictedRank: 0 }]);
  });

  it('says so where there are none', () => {
    const figure = wrongPairsFigure({ ...set, predicted: set.measured.mean }, pictures, { id: 'none' });
    expect(texts(figure).filter((text) => text === 'none')).toHaveLength(2);
  });
});

test('figures are written as .svg, .png of twice their size, and .csv', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'figures-'));
  const written = [figures.scores!, figures.tuning!];
  const paths = await writeFigures(folder, written, { writeFile: writeFileAtomically, joinPath: join, renderPng });
  expect(readdirSync(folder).sort()).toEqual([
    'scores.csv',
    'scores.png',
    'scores.svg',
    'tuning.csv',
    'tuning.png',
    'tuning.svg',
  ]);
  expect(paths.map((path) => path.slice(folder.length + 1))).toEqual(expect.arrayContaining(readdirSync(folder)));
  expect(readFileSync(join(folder, 'scores.svg'), 'utf8')).toBe(figures.scores!.svg);
  expect(readFileSync(join(folder, 'tuning.csv'), 'utf8')).toBe(figures.tuning!.csv);
  const { width, height } = await sharp(join(folder, 'scores.png')).metadata();
  const [, asked] = /viewBox="0 0 (\d+ \d+)"/.exec(figures.scores!.svg)!;
  expect(`${width! / 2} ${height! / 2}`).toBe(asked);
  rmSync(folder, { recursive: true });
});

/** The set with so many images, of the same kind of numbers. */
function widened(of: ScoredSet, n: number): ScoredSet {
  const nPairs = (n * (n - 1)) / 2;
  const values = Float64Array.from({ length: nPairs }, (_, k) => ((k * 7919) % 1009) / 1009);
  return {
    ...of,
    conditions: Array.from({ length: n }, (_, k) => `image ${k}`),
    measured: { mean: values, sd: null },
    predicted: values,
  };
}
