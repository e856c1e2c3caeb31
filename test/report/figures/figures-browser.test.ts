import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeJpeg } from '../../../src/host/index.ts';
import { listFigures, runFigures } from '../../../src/report/figures/all-figures.ts';
import { DARK, LIGHT } from '../../../src/report/figures/figure.ts';
import { thumbnailUris } from '../../../src/report/picture/thumbnail-uris.ts';
import type { ScoredSet } from '../../../src/study/scoring/scored-set.ts';
import { findChromium, launchChromium, openHtml } from '../browser.ts';
import { layoutFaults } from '../layout-faults.ts';
import { drawReport, drawScoredSet } from '../report-fixture.ts';

const LONG = 'a name that is longer than anybody would make it, but files have such names';

const chromium = findChromium();
let browser: Browser;
let sets: ScoredSet[];
let pictures: string[][];

// Without a Chromium ($CHROMIUM, or chromium, chromium-browser or google-chrome on the path) there is nothing to look with.
describe.skipIf(chromium === undefined)('figures with names of any length, in a browser', () => {
  beforeAll(async () => {
    sets = [
      await drawScoredSet({ nImages: 30, nSubjects: 15, names: [`${LONG} 1.png`, `${LONG} 2.png`], labelled: true }),
      await drawScoredSet({ nImages: 4, nSubjects: 1, name: LONG, role: 'held-out', rivals: [LONG] }),
    ];
    pictures = await Promise.all(sets.map(({ thumbnails }) => thumbnailUris(thumbnails, { encodeJpeg })));
    browser = await launchChromium(chromium!);
  });
  afterAll(() => browser?.close());

  test.each([
    [300, 5, LIGHT],
    [360, 17, DARK],
    [720, 5, DARK],
    [720, 17, LIGHT],
  ])('cut nothing off and lay no text on other text: %i pixels, %i stages', async (width, nStages, theme) => {
    const figures = listFigures(runFigures(drawReport(sets, { nStages }), pictures, { width, theme }));
    for (const { id, svg } of figures) {
      const body = `<!doctype html><title>${id}</title><body style="margin: 0; background: ${theme.paper}">${svg}</body>`;
      const { page, noise } = await openHtml(browser, body, { viewport: { width: 900, height: 900 } });
      const { cut, overlapping, faint, nTexts } = await layoutFaults(page);
      // Boxes around sloped names of stages lie on each other though the names do not.
      const areSloped = svg.includes('rotate(');
      expect({ id, cut, faint, overlapping: areSloped ? [] : overlapping }).toEqual({
        id,
        cut: [],
        faint: [],
        overlapping: [],
      });
      expect(nTexts).toBeGreaterThan(3);
      expect(noise).toEqual([]);
      await page.context().close();
    }
  });
});
