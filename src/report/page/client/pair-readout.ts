import { condensedIndex } from '../../../core/condensed.ts';
import type { Cell, InspectedArrays } from './inspected-arrays.ts';

/** What is known of two images' dissimilarity. */
interface PairNumbers {
  readonly nPairs: number;
  readonly predicted: { readonly value: number; readonly rank: number };
  readonly measured: { readonly value: number; readonly rank: number };
  readonly sd: number | null;
  readonly parts: readonly { readonly stage: string; readonly value: number }[] | null;
}

/** Fills the panel beside the matrices with a pair. */
export function showPair(panel: HTMLElement, set: InspectedArrays, cell: Cell, pinned: boolean): void {
  const pair = pairNumbers(set, cell);
  const text = (name: string, value: string) => {
    const place = panel.querySelector(`[data-show="${name}"]`);
    if (place !== null) place.textContent = value;
  };
  text('state', pinned ? 'Pinned pair' : 'Pair');
  panel.querySelector('[data-unpin]')?.toggleAttribute('hidden', !pinned);
  for (const [name, image] of [
    ['row', cell.row],
    ['column', cell.column],
  ] as const) {
    text(`${name}-name`, set.conditions[image]);
    panel.querySelector(`[data-show="${name}-picture"]`)?.setAttribute('href', `#${set.pictures[image]}`);
  }
  panel.toggleAttribute('data-same', pair === null);
  text('pairs', set.predicted.values.length.toLocaleString('en'));
  text('predicted', pair === null ? '0' : number(pair.predicted.value));
  text('measured', pair === null ? '0' : number(pair.measured.value));
  text('sd', pair === null || pair.sd === null ? '\u2013' : number(pair.sd));
  text('predicted-rank', pair === null ? '\u2013' : rank(pair.predicted.rank));
  text('measured-rank', pair === null ? '\u2013' : rank(pair.measured.rank));
  text('verdict', verdict(pair));
  showParts(panel, pair);
}

/** The same as a sentence, for those who hear it. */
export function pairSentence(set: InspectedArrays, cell: Cell): string {
  const [a, b] = [set.conditions[cell.row], set.conditions[cell.column]];
  const pair = pairNumbers(set, cell);
  if (pair === null) return `${a} with itself.`;
  const { predicted, measured, sd, nPairs } = pair;
  const spread = sd === null ? '' : `, spread over subjects ${number(sd)}`;
  return `${a} and ${b}: predicted ${number(predicted.value)}, rank ${rank(predicted.rank)} of ${nPairs}; measured ${number(measured.value)}, rank ${rank(measured.rank)}${spread}. ${verdict(pair)}`;
}

function pairNumbers(set: InspectedArrays, { row, column }: Cell): PairNumbers | null {
  if (row === column) return null;
  const k = condensedIndex(Math.min(row, column), Math.max(row, column), set.conditions.length);
  return {
    nPairs: set.predicted.values.length,
    predicted: { value: set.predicted.values[k], rank: set.predicted.ranks[k] },
    measured: { value: set.measured.values[k], rank: set.measured.ranks[k] },
    sd: set.sd?.[k] ?? null,
    parts: set.parts?.map(({ stage, step, values }) => ({ stage, value: step * values[k] })) ?? null,
  };
}

const NEARLY = 0.05;

function verdict(pair: PairNumbers | null): string {
  if (pair === null) return 'An image with itself: 0 by definition.';
  const difference = (pair.predicted.rank - pair.measured.rank) / pair.nPairs;
  if (Number.isNaN(difference)) return 'Not measured.';
  const percent = Math.round(100 * Math.abs(difference));
  if (Math.abs(difference) < NEARLY) return 'Model and subjects rank this pair about alike.';
  return `The model ranks this pair ${percent} % of all pairs ${difference > 0 ? 'less' : 'more'} alike than the subjects do.`;
}

function showParts(panel: HTMLElement, pair: PairNumbers | null): void {
  const list = panel.querySelector<HTMLElement>('[data-show="parts"]');
  if (list === null) return;
  const parts = pair?.parts ?? [];
  const most = Math.max(...parts.map(({ value }) => value), 1e-12);
  list.replaceChildren(
    ...parts.map(({ stage, value }) => {
      const item = document.createElement('li');
      const bar = document.createElement('span');
      bar.className = 'bar';
      bar.style.setProperty('--length', `${((100 * value) / most).toFixed(1)}%`);
      item.append(span('stage', stage), bar, span('value', number(value)));
      return item;
    }),
  );
}

function span(kind: string, text: string): HTMLSpanElement {
  const element = document.createElement('span');
  element.className = kind;
  element.textContent = text;
  return element;
}

function number(value: number): string {
  if (!Number.isFinite(value)) return '\u2013';
  const size = Math.abs(value);
  const text = size >= 1e4 || (size !== 0 && size < 5e-5) ? value.toExponential(1) : value.toFixed(size >= 100 ? 1 : 4);
  return text.replace('-', '\u2212');
}

function rank(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en', { maximumFractionDigits: 1 }) : '\u2013';
}
