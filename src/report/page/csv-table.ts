import { parse } from 'csv-parse/browser/esm/sync';
import { type Html, html } from './html.ts';

/** Rows that a table on the page shows at most; more are for a spreadsheet. */
const MOST_ROWS = 100;

/** A figure's .csv as a table, numbers with as many digits as are read. */
export function csvTable(csv: string, title: string): Html {
  const [header = [], ...rows] = parse(csv, { relax_column_count: true, to: MOST_ROWS + 2 }) as string[][];
  const shown = rows.slice(0, MOST_ROWS);
  const isNumeric = header.map((_, column) => shown.every((row) => row[column] === '' || isNumber(row[column])));
  const cellClass = (column: number) => (isNumeric[column] ? 'number' : 'text');
  const caption =
    shown.length < rows.length
      ? `${title}: the first ${MOST_ROWS} rows; the CSV has all, with all digits.`
      : `${title}; the CSV has all digits.`;
  return html`<div class="scrolls" data-scrolls="${title}, data"><table><caption>${caption}</caption>
<thead><tr>${header.map((name, column) => html`<th scope="col" class="${cellClass(column)}">${name.replaceAll('_', ' ')}</th>`)}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${row.map((cell, column) => html`<td class="${cellClass(column)}">${isNumeric[column] ? readable(cell) : cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell));
}

function readable(cell: string): string {
  if (cell === '') return '\u2013';
  const value = Number(cell);
  if (Number.isInteger(value)) return cell.replace(/^-/, '\u2212');
  const size = Math.abs(value);
  const text = size >= 0.001 && size < 1e5 ? value.toFixed(size < 10 ? 4 : 2) : value.toExponential(2);
  return text.replace(/^-/, '\u2212');
}
