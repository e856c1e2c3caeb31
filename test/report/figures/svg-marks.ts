import { DOMParser } from 'linkedom';
import { expect } from 'vitest';
import type { Figure } from '../../../src/report/figures/figure.ts';
import { escapeText } from '../../../src/report/figures/svg.ts';

/** An element of a figure. */
export type Mark = NonNullable<ReturnType<ReturnType<typeof rootOf>['querySelector']>>;

/** The svg element of a figure, read as XML. */
export function rootOf({ svg }: Pick<Figure, 'svg'>) {
  return new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement!;
}

/** Elements that a selector finds. */
export function marks(figure: Pick<Figure, 'svg'>, selector: string): Mark[] {
  return [...rootOf(figure).querySelectorAll(selector)];
}

/** All that is written in a figure, without what is told only when pointed at. */
export function texts(figure: Pick<Figure, 'svg'>): string[] {
  return marks(figure, 'text').map((text) => {
    const title = text.querySelector('title');
    const told = title === null ? '' : (title.textContent ?? '');
    return (text.textContent ?? '').slice(told.length);
  });
}

/** Rows of a figure's .csv text whose cells hold no quotes. */
export function rows({ csv }: Pick<Figure, 'csv'>): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

/** Asserts what holds for every figure: its own size, numbers everywhere, ids of its own, nothing fetched from elsewhere. */
export function expectSound(figure: Figure): void {
  const { id, title, caption, alt, svg, csv } = figure;
  const drawn = svg.replace(/data:[^"]*/g, '');
  expect(drawn).not.toMatch(/NaN|Infinity|undefined|null|\[object/);
  expect(csv).not.toMatch(/NaN|Infinity|undefined/);
  expect(`${title} ${caption} ${alt}`).not.toMatch(/NaN|undefined|null/);
  const root = rootOf(figure);
  expect(root.getAttribute('viewBox')).toBe(`0 0 ${root.getAttribute('width')} ${root.getAttribute('height')}`);
  expect(svg).toContain(`aria-label="${escapeText(alt)}"`);
  const ids = marks(figure, '[id]').map((mark) => mark.getAttribute('id')!);
  expect(new Set(ids).size).toBe(ids.length);
  for (const each of ids) expect(each.startsWith(id)).toBe(true);
  for (const mark of marks(figure, '[href]')) {
    const href = mark.getAttribute('href')!;
    expect(href.startsWith('data:image/') || ids.includes(href.slice(1))).toBe(true);
  }
  expect(drawn).not.toMatch(/url\((?!#)|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
}
