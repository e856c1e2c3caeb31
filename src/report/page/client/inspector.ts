import { condensedIndex } from '../../../core/condensed.ts';
import type { Cell, InspectedArrays } from './inspected-arrays.ts';
import { type MatrixView, startMatrix } from './matrix-view.ts';
import { pairSentence, showPair } from './pair-readout.ts';

const FAR = 10;

/** Two matrices that move together, and what is known of the pair they point at. */
export function startInspector(root: HTMLElement, set: InspectedArrays, palette: string): void {
  const readout = root.querySelector<HTMLElement>('.readout');
  const announcer = root.querySelector<HTMLElement>('[aria-live]');
  if (readout === null || announcer === null) return;
  const n = set.conditions.length;
  let cell = mostWrong(set);
  let pinned = false;
  const views: MatrixView[] = [];

  const show = () => {
    for (const view of views) view.point(cell, pinned);
    root.dataset['row'] = String(cell.row);
    root.dataset['column'] = String(cell.column);
    root.toggleAttribute('data-pinned', pinned);
    showPair(readout, set, cell, pinned);
  };
  const say = () => {
    announcer.textContent = `${pinned ? 'Pinned. ' : ''}${pairSentence(set, cell)}`;
  };
  const pin = (value: boolean) => {
    pinned = value;
    show();
    say();
  };
  const goTo = (next: Cell) => {
    cell = next;
    show();
  };

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') pin(!pinned);
    else if (event.key === 'Escape') pin(false);
    else {
      const next = movedBy(event, cell, n);
      if (next === undefined) return;
      pinned = false;
      goTo(next);
      say();
    }
    event.preventDefault();
  };
  for (const place of root.querySelectorAll<HTMLElement>('[data-matrix]')) {
    const rdm = place.dataset['matrix'] === 'predicted' ? set.predicted : set.measured;
    views.push(
      startMatrix(
        place,
        { n, ranks: rdm.ranks, pictures: set.pictures, palette },
        {
          onHover: (hovered) => {
            if (!pinned) goTo(hovered);
          },
          onChoose: (chosen) => {
            const again = pinned && chosen.row === cell.row && chosen.column === cell.column;
            cell = chosen;
            pin(!again);
          },
        },
      ),
    );
    place.addEventListener('keydown', onKey);
    place.addEventListener('focus', say);
  }
  root.querySelector('[data-unpin]')?.addEventListener('click', () => pin(false));
  show();
}

function movedBy({ key }: KeyboardEvent, { row, column }: Cell, n: number): Cell | undefined {
  const bounded = (index: number) => Math.max(0, Math.min(n - 1, index));
  switch (key) {
    case 'ArrowLeft':
      return { row, column: bounded(column - 1) };
    case 'ArrowRight':
      return { row, column: bounded(column + 1) };
    case 'ArrowUp':
      return { row: bounded(row - 1), column };
    case 'ArrowDown':
      return { row: bounded(row + 1), column };
    case 'PageUp':
      return { row: bounded(row - FAR), column };
    case 'PageDown':
      return { row: bounded(row + FAR), column };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: n - 1 };
    default:
      return undefined;
  }
}

/** Where the two RDMs' ranks differ most: the pair that is looked at first. */
function mostWrong({ conditions, predicted, measured }: InspectedArrays): Cell {
  const n = conditions.length;
  let worst: Cell = { row: 0, column: Math.min(1, n - 1) };
  let most = -1;
  for (let row = 0; row < n; row++) {
    for (let column = row + 1; column < n; column++) {
      const k = condensedIndex(row, column, n);
      const difference = Math.abs(predicted.ranks[k] - measured.ranks[k]);
      if (difference > most) [most, worst] = [difference, { row, column }];
    }
  }
  return worst;
}
