/** What a cell may hold; nothing is an empty one, and a number is written so that it reads back the same. */
export type Cell = string | number | null | undefined;

/** What is told of a pair of images; ranks are places among all pairs, from 0, the most alike, to 1. */
export const PAIR_COLUMNS: readonly string[] = [
  ...['image 1', 'image 2', 'measured', 'sd over subjects', 'predicted', 'measured rank', 'predicted rank'],
];

/** Rows under a header as .csv text, quoted where needed. */
export function csvText(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cellText).join(',')}\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return '';
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
