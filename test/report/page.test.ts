import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundlePage, GENERATED } from '../../scripts/page-bundle.ts';
import { encodeJpeg } from '../../src/host/encode.ts';
import type { PageData } from '../../src/report/page/page-data.ts';
import { MOST_PAGE_BYTES, reportOfRun } from '../../src/report/report.ts';
import type { ReportData } from '../../src/study/runs/report-data.ts';
import { drawReport, drawScoredSet } from './report-fixture.ts';

const EVIL = [
  `<script>alert("1")</script>.png`,
  `"><img src=x onerror='alert(1)'>&amp;.png`,
  'caf\u00e9 \u5bb6 \u{1f3e0} \u202egnp.exe',
  '</script><!--',
  'nul\u0000 and lone \ud800 half.png',
];

let data: ReportData;
let page: string;

const pageOf = async (report: ReportData) => (await reportOfRun(report, { encodeJpeg })).page;
const documentOf = (text: string): Document => parseHTML(text).document;
const dataOf = (text: string): PageData => JSON.parse(documentOf(text).getElementById('page-data')!.textContent!);
const textOf = (text: string) => {
  const document = documentOf(text);
  for (const hidden of document.querySelectorAll('script, style')) hidden.remove();
  return document.body.textContent!.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
};

beforeAll(async () => {
  const warnings = [{ code: 'overlap' as const, text: `2 images were learnt from: ${EVIL[0]}` }];
  const first = await drawScoredSet({ name: `EVC <b>"1"</b> & 'co'`, nImages: 16, names: EVIL, warnings });
  const second = await drawScoredSet({ name: 'IT_RDMs', role: 'held-out', nImages: 12, seed: 1, labelled: true });
  data = {
    ...drawReport([first, second]),
    command: `fit 's <t> & "u".yaml'`,
    missing: [`curves: ${EVIL[1]} is not there`],
  };
  page = await pageOf(data);
});

describe('the page of a run', () => {
  test('has a bundle of its script and style that is current: npm run page makes it', async () => {
    expect(readFileSync(GENERATED, 'utf8')).toBe(await bundlePage());
  });

  test('shows names from files as text, whatever they hold', () => {
    const document = documentOf(page);
    expect([...document.querySelectorAll('img, b')].map((element) => element.outerHTML.slice(0, 200))).toEqual([]);
    expect(document.querySelectorAll('script')).toHaveLength(2);
    expect(
      [...document.querySelectorAll('*')]
        .flatMap((element) => element.getAttributeNames())
        .filter((name) => name.startsWith('on')),
    ).toEqual([]);
    const text = textOf(page);
    expect(text).toContain(`EVC <b>"1"</b> & 'co'`);
    expect(text).toContain(`2 images were learnt from: ${EVIL[0]}`);
    expect(text).toContain(`curves: ${EVIL[1]} is not there`);
    expect(text).toContain(`fit 's <t> & "u".yaml'`);
    const [{ conditions }] = dataOf(page).sets;
    expect(conditions.slice(0, EVIL.length)).toEqual(EVIL);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a page may not hold them
    expect(page).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
    expect(page).not.toMatch(/\p{Surrogate}/u);
  });

  test('allows itself nothing from outside, and no script but its own', () => {
    const document = documentOf(page);
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')!.getAttribute('content')!;
    const script = [...document.querySelectorAll('script')].find((element) => !element.hasAttribute('type'))!;
    const hash = createHash('sha256').update(script.textContent!).digest('base64');
    expect(policy).toContain(`script-src 'sha256-${hash}'`);
    expect(policy).toMatch(/^default-src 'none';/);
    const addresses = [...document.querySelectorAll('[href], [src]')].map(
      (element) => element.getAttribute('href') ?? element.getAttribute('src')!,
    );
    expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
    expect(page).not.toMatch(/url\((?!#)|@import/);
  });

  test('has ids that are unique, links and labels that lead somewhere, and headings that leave out no level', () => {
    const document = documentOf(page);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(ids.filter((id, k) => ids.indexOf(id) !== k)).toEqual([]);
    const named = [...document.querySelectorAll('a[href^="#"], use[href^="#"]')].map((element) =>
      element.getAttribute('href')!.slice(1),
    );
    const labelled = ['aria-labelledby', 'aria-controls', 'aria-describedby'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)!),
    );
    expect([...named, ...labelled].filter((id) => !ids.includes(id))).toEqual([]);
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [k, level] of levels.entries()) expect(level - (levels[k - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  test('gives every figure a caption, a text alternative, its files and its numbers', () => {
    const document = documentOf(page);
    const figures = [...document.querySelectorAll('figure')];
    expect(figures.length).toBeGreaterThan(8);
    for (const figure of figures) {
      expect(figure.querySelector('figcaption')!.textContent!.length).toBeGreaterThan(20);
      expect(figure.querySelector('svg[role="img"]')!.getAttribute('aria-label')!.length).toBeGreaterThan(20);
      expect(figure.querySelectorAll('button[data-download]')).toHaveLength(3);
      expect(figure.querySelectorAll('tbody tr').length).toBeGreaterThan(0);
    }
    expect(Object.keys(dataOf(page).files)).toHaveLength(figures.length);
  });

  test('says the result in a sentence, with its warnings right under it', () => {
    const text = textOf(page);
    const { sheet } = data.scored[0];
    const [fit] = sheet.models;
    expect(text).toContain('On 16 images that the fit never saw');
    expect(text).toContain(
      `at a mean Spearman rho of ${fit.rho.toFixed(3)} (95 % confidence interval ${fit.estimate!.interval[0].toFixed(3)} to`,
    );
    const { lower, upper } = sheet.ceilings!.raw;
    expect(text).toContain(`is ${lower.rho.toFixed(3)} to ${upper.rho.toFixed(3)}.`);
    const [result, warning] = documentOf(page).querySelectorAll('#result .result, #result .warnings');
    expect(result.nextElementSibling).toBe(warning);
  });

  test('holds each picture once', () => {
    const uris = page.match(/data:image\/[^"]+/g)!;
    expect(new Set(uris).size).toBe(uris.length);
  });

  test('is the same bytes for the same run', async () => {
    expect(await pageOf(data)).toBe(page);
  });

  test('holds no NaN and nothing undefined', () => {
    expect(textOf(page)).not.toMatch(/\b(NaN|undefined|null|Infinity)\b|\[object/);
  });
});

describe('the page of a run that tells little', () => {
  test.each<[string, () => Promise<ReportData>, string]>([
    [
      'one subject and three images',
      async () => drawReport([await drawScoredSet({ nImages: 4, nSubjects: 1 })]),
      'A single subject has no noise ceiling.',
    ],
    ['no rivals', async () => drawReport([await drawScoredSet({ nImages: 8, rivals: [] })]), 'On 8 images'],
    [
      '17 stages',
      async () => drawReport([await drawScoredSet({ nImages: 8, nStages: 17 })], { nStages: 17 }),
      'layer4',
    ],
    [
      'nothing but its study',
      async () => ({
        ...drawReport([]),
        ...{ tuning: null, fits: [], network: null, version: null, engine: null, command: null, hashes: [] },
        missing: ['stage tuning: tuning.json is not there'],
      }),
      'stage tuning: tuning.json is not there',
    ],
    [
      'no stage parts',
      async () => drawReport([{ ...(await drawScoredSet({ nImages: 8 })), stageParts: null }]),
      'On 8 images',
    ],
  ])('shows what there is: %s', async (_, draw, expected) => {
    const text = textOf(await pageOf(await draw()));
    expect(text).toContain(expected);
    expect(text).not.toMatch(/\b(NaN|undefined|Infinity)\b|\[object/);
  });

  test('of many images keeps below its size, shows some of them at even steps, and says so', async () => {
    const set = await drawScoredSet({ nImages: 300, nSubjects: 2, rivals: [], nResamples: 4 });
    const large = await pageOf(drawReport([set]));
    expect(new TextEncoder().encode(large).length).toBeLessThan(MOST_PAGE_BYTES);
    expect(textOf(large)).toContain('show 250 images of 300');
    const [{ conditions }] = dataOf(large).sets;
    expect(conditions).toHaveLength(250);
    expect(conditions.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 6].map((k) => set.conditions[k]));
  });

  test('of very many sets keeps below its size too, and says whose pairs it shows', async () => {
    const set = await drawScoredSet({ nImages: 110, nSubjects: 2, rivals: [], nResamples: 4 });
    const many = drawReport(Array.from({ length: 30 }, (_, k) => ({ ...set, name: `set ${k + 1}` })));
    const large = await pageOf(many);
    expect(new TextEncoder().encode(large).length).toBeLessThan(MOST_PAGE_BYTES);
    expect(textOf(large)).toMatch(/show \d+ images of 110/);
  });
});
