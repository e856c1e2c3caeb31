import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { condensedIndex } from '../../src/core/condensed.ts';
import { UsageError } from '../../src/core/errors.ts';
import { runInTurn } from '../../src/core/parallel.ts';
import { encodeJpeg } from '../../src/host/encode.ts';
import { type Report, reportOfRun, reportOfRuns } from '../../src/report/report.ts';
import type { ScoredSet } from '../../src/study/scoring/scored-set.ts';
import { findChromium, launchChromium, openHtml } from './browser.ts';
import { layoutFaults } from './layout-faults.ts';
import { drawReport, drawScoredSet } from './report-fixture.ts';

const PHONE = { width: 360, height: 740 };
const LAPTOP = { width: 1280, height: 800 };
/** A4 at 96 pixels an inch, and what its margins leave. */
const PAPER = { width: 680, height: 1002 };
const N = 24;
const AXIS = 26;
/** Names that files may well have. */
const NAMES = [
  `"><img src=x onerror='alert(1)'>&amp;.png`,
  'caf\u00e9 \u5bb6 \u{1f3e0} \u202egnp.exe',
  `a_very_long_name_without_any_place_to_break_it_${'x'.repeat(40)}.png`,
];

/** Where no file of the study is left. */
const NO_FILES = {
  openSource: () => Promise.reject(new UsageError('it is not there')),
  listImages: async () => [],
  runTasks: runInTurn,
  onProgress: () => {},
  onNotice: () => {},
};

const chromium = findChromium();
let browser: Browser | undefined;
let set: ScoredSet;
let report: Report;

describe('the page of a run, in a browser', () => {
  beforeAll(async () => {
    set = await drawScoredSet({
      nImages: N,
      names: NAMES,
      warnings: [{ code: 'learnt', text: 'These images were learnt from.' }],
    });
    const second = await drawScoredSet({
      ...{ name: 'IT_RDMs', role: 'held-out', nImages: 12, seed: 2, labelled: true, nStages: 17 },
    });
    const data = { ...drawReport([set, second]), missing: ['training curves: metrics.jsonl is not there'] };
    report = await reportOfRun(data, { encodeJpeg });
    if (chromium !== undefined) browser = await launchChromium(chromium);
  });
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => {
    skip(chromium === undefined, 'there is no chromium, chromium-browser or google-chrome on the path, nor $CHROMIUM');
  });

  const open = async (options: Parameters<typeof openHtml>[2] = { viewport: LAPTOP }) =>
    openHtml(browser!, report.page, options);

  describe.each([
    ['phone', PHONE],
    ['laptop', LAPTOP],
  ])('on a %s', (_, viewport) => {
    test.each(['light', 'dark'] as const)(
      'cuts nothing off, lays nothing on anything else and is legible, %s',
      async (colorScheme) => {
        const { page, noise } = await open({ viewport, colorScheme });
        for (const tab of await page.getByRole('tab').all()) {
          await tab.click();
          const { cut, overlapping, faint, nTexts } = await layoutFaults(page);
          expect(nTexts).toBeGreaterThan(200);
          expect({ cut, overlapping, faint }).toEqual({ cut: [], overlapping: [], faint: [] });
        }
        expect(noise).toEqual([]);
      },
    );

    test('opens every table without widening the page', async () => {
      const { page } = await open({ viewport });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      const { cut, overlapping } = await layoutFaults(page);
      expect({ cut, overlapping }).toEqual({ cut: [], overlapping: [] });
    });
  });

  describe('has an inspector that', () => {
    const measured = (page: Page) => page.locator('.inspector [data-matrix="measured"]').first();
    const predicted = (page: Page) => page.locator('.inspector [data-matrix="predicted"]').first();
    const inspector = (page: Page) => page.locator('.inspector').first();

    test.each(['measured', 'predicted'] as const)(
      'shows the pair that is pointed at in the %s matrix',
      async (name) => {
        const { page, noise } = await open();
        await (name === 'measured' ? measured : predicted)(page).hover({
          position: await placeOf(measured(page), 3, 17),
        });
        await expectPair(inspector(page), 3, 17);
        await predicted(page).hover({ position: await placeOf(predicted(page), 20, 2) });
        await expectPair(inspector(page), 20, 2);
        expect(noise).toEqual([]);
      },
    );

    test('marks the pair in both matrices', async () => {
      const { page } = await open();
      await measured(page).hover({ position: await placeOf(measured(page), 5, 11) });
      for (const matrix of [measured(page), predicted(page)]) {
        const { x, y } = await placeOf(matrix, 5, 11);
        const size = (await widthOf(matrix)) - AXIS;
        const alpha = await matrix
          .locator('canvas')
          .last()
          .evaluate(
            (canvas: HTMLCanvasElement, at) => {
              const scale = canvas.width / canvas.clientWidth;
              return canvas.getContext('2d')!.getImageData(at.x * scale, at.y * scale, 1, 1).data[3];
            },
            { x, y: y - size / N / 2 },
          );
        expect(alpha).toBeGreaterThan(0);
      }
    });

    test('moves by keys, and says the pair', async () => {
      const { page } = await open();
      await measured(page).hover({ position: await placeOf(measured(page), 4, 6) });
      await predicted(page).focus();
      await page.keyboard.press('ArrowRight');
      await expectPair(inspector(page), 4, 7);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowUp');
      await expectPair(inspector(page), 4, 6);
      await page.keyboard.press('End');
      await expectPair(inspector(page), 4, N - 1);
      await page.keyboard.press('ArrowRight');
      await expectPair(inspector(page), 4, N - 1);
      await page.keyboard.press('PageDown');
      await expectPair(inspector(page), 14, N - 1);
      const said = await inspector(page).locator('[aria-live]').textContent();
      const k = condensedIndex(14, N - 1, N);
      expect(said).toContain(`${set.conditions[14]} and ${set.conditions[N - 1]}`);
      expect(said).toContain(
        `predicted ${set.predicted[k].toFixed(4)}, rank ${rankOf(set.predicted, k)} of ${(N * (N - 1)) / 2}`,
      );
      await page.keyboard.press('Home');
      await page.keyboard.press('PageUp');
      await expectPair(inspector(page), 4, 0);
    });

    test('pins a pair by Enter or click until Escape or the button lets go', async () => {
      const { page } = await open();
      await measured(page).hover({ position: await placeOf(measured(page), 4, 6) });
      await measured(page).focus();
      await page.keyboard.press('Enter');
      await predicted(page).hover({ position: await placeOf(predicted(page), 9, 10) });
      await expectPair(inspector(page), 4, 6);
      expect(await inspector(page).locator('[data-show="state"]').textContent()).toBe('Pinned pair');
      await page.keyboard.press('Escape');
      await predicted(page).hover({ position: await placeOf(predicted(page), 9, 11) });
      await expectPair(inspector(page), 9, 11);
      await predicted(page).click({ position: await placeOf(predicted(page), 9, 11) });
      await predicted(page).hover({ position: await placeOf(predicted(page), 1, 2) });
      await expectPair(inspector(page), 9, 11);
      await page.getByRole('button', { name: 'Unpin' }).first().click();
      await predicted(page).hover({ position: await placeOf(predicted(page), 1, 2) });
      await expectPair(inspector(page), 1, 2);
    });

    test('takes a tap on a phone', async () => {
      const { page } = await open({ viewport: PHONE, hasTouch: true, isMobile: true });
      await predicted(page).scrollIntoViewIfNeeded();
      await predicted(page).tap({ position: await placeOf(predicted(page), 7, 13) });
      await expectPair(inspector(page), 7, 13);
    });

    test('shows an image with itself as what it is', async () => {
      const { page } = await open();
      await measured(page).hover({ position: await placeOf(measured(page), 8, 8) });
      expect(await inspector(page).locator('[data-show="verdict"]').textContent()).toContain('itself');
      expect(await inspector(page).locator('.parts li').count()).toBe(0);
    });

    async function expectPair(root: Locator, row: number, column: number): Promise<void> {
      const show = (name: string) => root.locator(`[data-show="${name}"]`).textContent();
      const k = condensedIndex(Math.min(row, column), Math.max(row, column), N);
      expect([await show('row-name'), await show('column-name')]).toEqual([
        set.conditions[row],
        set.conditions[column],
      ]);
      expect({
        predicted: await show('predicted'),
        predictedRank: await show('predicted-rank'),
        measured: await show('measured'),
        measuredRank: await show('measured-rank'),
        sd: await show('sd'),
      }).toEqual({
        predicted: set.predicted[k].toFixed(4),
        predictedRank: String(rankOf(set.predicted, k)),
        measured: set.measured.mean[k].toFixed(4),
        measuredRank: String(rankOf(set.measured.mean, k)),
        sd: set.measured.sd![k].toFixed(4),
      });
      const parts = await root.locator('.parts .value').allTextContents();
      const nPairs = set.predicted.length;
      expect(parts).toHaveLength(set.stageParts!.length / nPairs);
      for (const [stage, part] of parts.entries()) {
        expect(Math.abs(Number(part) - set.stageParts![stage * nPairs + k])).toBeLessThan(1e-4);
      }
      expect(await root.locator('[data-show="row-picture"]').evaluate(pictureOf)).toBe(await thumbnailOf(row));
      expect(await root.locator('[data-show="column-picture"]').evaluate(pictureOf)).toBe(await thumbnailOf(column));
    }
  });

  test('shows one set at a time, chosen by click or arrow keys', async () => {
    const { page } = await open();
    const panels = page.getByRole('tabpanel', { includeHidden: true });
    const shown = async () => Promise.all((await panels.all()).map((panel) => panel.isVisible()));
    expect(await shown()).toEqual([true, false]);
    await page.getByRole('tab', { name: /IT_RDMs/ }).click();
    expect(await shown()).toEqual([false, true]);
    await page.keyboard.press('ArrowRight');
    expect(await shown()).toEqual([true, false]);
    expect(await page.getByRole('tab', { name: /EVC_RDMs/ }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('End');
    expect(await shown()).toEqual([false, true]);
    expect(
      await page
        .locator('.inspector [data-matrix="measured"] canvas')
        .nth(2)
        .evaluate((c: HTMLCanvasElement) => c.width),
    ).toBeGreaterThan(200);
  });

  test.each(['light', 'dark'] as const)('turns to the other theme from %s and back', async (colorScheme) => {
    const { page } = await open({ viewport: LAPTOP, colorScheme });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const button = page.getByRole('button', { name: 'Dark' });
    const first = await ground();
    expect(await button.getAttribute('aria-pressed')).toBe(String(colorScheme === 'dark'));
    await button.click();
    const second = await ground();
    expect(second).not.toBe(first);
    expect(await button.getAttribute('aria-pressed')).toBe(String(colorScheme !== 'dark'));
    expect((await layoutFaults(page)).faint).toEqual([]);
    await button.click();
    expect(await ground()).toBe(first);
  });

  test("hands out every figure's .svg and .csv as the command line writes them, and a .png twice its size", async () => {
    expect(report.figures.length).toBeGreaterThan(7);
    for (const { id, svg, csv } of report.figures) {
      const { page, noise } = await open(); // a page may hand out ten files in a row
      const save = async (kind: string): Promise<Buffer> => {
        const button = page.locator(`button[data-figure="${id}"][data-download="${kind}"]`);
        if (!(await button.isVisible())) await page.getByRole('tab', { selected: false }).click();
        const waiting = page.waitForEvent('download');
        await button.click();
        const download = await waiting;
        expect(download.suggestedFilename()).toBe(`${id}.${kind}`);
        return readFileSync(await download.path());
      };
      expect((await save('svg')).toString('utf8')).toBe(svg);
      expect((await save('csv')).toString('utf8')).toBe(csv);
      const png = await save('png');
      expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
      const [width, height] = [/width="(\d+)"/, /height="(\d+)"/].map((of) => Number(of.exec(svg)![1]));
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width, 2 * height]);
      expect(noise).toEqual([]);
      await page.context().close();
    }
  });

  test('prints on A4: every set, no figure longer than a sheet, nothing wider than it, in light colours', async () => {
    const { page } = await open({ viewport: PAPER, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    const { cut, overlapping, faint } = await layoutFaults(page);
    expect({ cut, overlapping, faint }).toEqual({ cut: [], overlapping: [], faint: [] });
    for (const figure of await page.locator('figure').all()) {
      const box = await figure.boundingBox();
      expect(box!.height).toBeLessThan(PAPER.height);
      expect(await figure.evaluate((element) => getComputedStyle(element).breakInside)).toBe('avoid');
    }
    expect(await page.locator('.static svg').count()).toBe(2);
    for (const still of await page.locator('.static').all()) expect(await still.isVisible()).toBe(true);
    for (const hidden of await page.locator('.matrix, .downloads, .contents').all())
      expect(await hidden.isVisible()).toBe(false);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const nSheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)!.length;
    expect(nSheets).toBeGreaterThan(3);
    expect(nSheets).toBeLessThan(16);
  });

  test('prints the pair that is pinned', async () => {
    const { page } = await open();
    await page.locator('.matrix').first().focus();
    await page.keyboard.press('Enter');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.readout').first().isVisible()).toBe(true);
    expect(await page.locator('.readout').last().isVisible()).toBe(false);
  });

  test('shows all of its figures without a script', async () => {
    const { page } = await open({ viewport: LAPTOP, javaScriptEnabled: false });
    for (const still of await page.locator('.static').all()) expect(await still.isVisible()).toBe(true);
    for (const panel of await page.locator('.panel').all()) expect(await panel.isVisible()).toBe(true);
    for (const idle of await page.locator('.inspector, .downloads, .tabs').all())
      expect(await idle.isVisible()).toBe(false);
  });

  test('lets the keyboard past the top, and shows where it is', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the results');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  test('of several runs is laid out as well', async () => {
    const runs = ['runs/a', 'runs/b', 'runs/c'].map((run, k) => drawReport([set], { run, seed: k }));
    const { page: html, figures } = await reportOfRuns(runs, NO_FILES);
    expect(figures).toHaveLength(4);
    for (const viewport of [PHONE, LAPTOP]) {
      const { page, noise } = await openHtml(browser!, html, { viewport, colorScheme: 'dark' });
      const { cut, overlapping, faint } = await layoutFaults(page);
      expect({ cut, overlapping, faint }).toEqual({ cut: [], overlapping: [], faint: [] });
      expect(noise).toEqual([]);
    }
  });

  test('is looked at with eyes that see faults', async () => {
    const { page } = await openHtml(
      browser!,
      `<!doctype html><body style="margin:0;background:#fff"><p>over</p><p style="margin-top:-2.2em">under</p>
<p style="color:#999">faint</p><p style="width:2000px;text-align:right">far</p>
<div style="width:20px;overflow:hidden"><span style="white-space:nowrap">cut off here</span></div>
<svg width="100" height="20"><text x="80" y="15">leaves it</text></svg>`,
      { viewport: PHONE },
    );
    const { cut, overlapping, faint } = await layoutFaults(page);
    expect(overlapping.join()).toContain('"over"');
    expect(faint.join()).toContain('"faint"');
    for (const fault of ['"far"', '"cut off here"', '"leaves it"', 'the page is']) expect(cut.join()).toContain(fault);
  });

  test('moves nothing by itself where motion is unwelcome', async () => {
    const scrolling = async (reducedMotion: 'reduce' | 'no-preference') => {
      const { page } = await open({ viewport: LAPTOP, reducedMotion });
      return page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior);
    };
    expect(await scrolling('no-preference')).toBe('smooth');
    expect(await scrolling('reduce')).toBe('auto');
  });
});

async function widthOf(matrix: Locator): Promise<number> {
  return (await matrix.boundingBox())!.width;
}

/** The middle of a cell. */
async function placeOf(matrix: Locator, row: number, column: number): Promise<{ x: number; y: number }> {
  const cell = ((await widthOf(matrix)) - AXIS) / N;
  return { x: AXIS + (column + 0.5) * cell, y: AXIS + (row + 0.5) * cell };
}

/** How many values are at most this one, ties counted half. */
function rankOf(values: Float64Array, k: number): number {
  const below = values.filter((value) => value < values[k]).length;
  const same = values.filter((value) => value === values[k]).length;
  return below + (same + 1) / 2;
}

function pictureOf(use: Element): string | null | undefined {
  return document.querySelector(use.getAttribute('href')!)?.querySelector('image')?.getAttribute('href');
}

async function thumbnailOf(image: number): Promise<string> {
  const size = 64 * 64 * 3;
  const data = set.thumbnails.pixels.subarray(image * size, (image + 1) * size);
  const jpeg = await encodeJpeg({ width: 64, height: 64, data });
  return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
}
