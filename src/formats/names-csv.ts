// The build for browsers: it needs no streams of Node, and a library that runs in both has one parser.
import { parse } from 'csv-parse/browser/esm/sync';
import { FormatError, messageOf } from '../core/errors.ts';
import type { Source } from './source.ts';

const LARGEST_FILE = 64 * 1024 * 1024;
const NAME_HEADERS = ['name', 'names', 'image', 'images', 'file', 'filename', 'stimulus', 'condition'];
const CATEGORY_HEADERS = ['category', 'categories', 'label', 'labels', 'class'];

/**
 * Names listed in a .csv or text file, one a row, in the column that is headed `name`, `image`, `file`, `filename`, `stimulus` or
 * `condition`, or else the first one; a header is known by those words. Empty lines are passed over.
 * @throws FormatError where the file is no text, is larger than 64 MiB, or a row has no name
 */
export async function readNames(source: Source): Promise<string[]> {
  const rows = await readRows(source, 'names, one a row');
  const headed = columnCalled(rows[0], NAME_HEADERS);
  const column = Math.max(headed, 0);
  const first = headed === -1 ? 0 : 1;
  return rows.slice(first).map((row, k) => cellOf(row, column, 'a name', k + first, source));
}

/**
 * A category for each name of a .csv file: in the columns headed `name` (or as `readNames` knows it) and `category`, `label` or `class`, or else
 * in the first and second one. Empty lines are passed over.
 * @throws FormatError where the file is no text, is larger than 64 MiB, or a row lacks name or category
 */
export async function readCategories(source: Source): Promise<{ readonly name: string; readonly category: string }[]> {
  const rows = await readRows(source, 'names and categories, one of each a row');
  const nameColumn = columnCalled(rows[0], NAME_HEADERS);
  const categoryColumn = columnCalled(rows[0], CATEGORY_HEADERS);
  const headed = nameColumn !== -1 && categoryColumn !== -1;
  const [name, category] = headed ? [nameColumn, categoryColumn] : [0, 1];
  const first = headed ? 1 : 0;
  return rows.slice(first).map((row, k) => ({
    name: cellOf(row, name, 'a name', k + first, source),
    category: cellOf(row, category, 'a category', k + first, source),
  }));
}

async function readRows(source: Source, what: string): Promise<string[][]> {
  if (source.size > LARGEST_FILE) {
    throw new FormatError(source.name, `expected a list of ${what}, got ${source.size} bytes`);
  }
  const bytes = await source.read(0, source.size);
  let rows: string[][];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    rows = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      delimiter: [',', ';', '\t'],
    });
  } catch (error) {
    throw new FormatError(source.name, `expected a .csv of ${what} (${messageOf(error)})`);
  }
  if (rows.length === 0) throw new FormatError(source.name, `expected a .csv of ${what}, got an empty file`);
  return rows;
}

function columnCalled(header: readonly string[], names: readonly string[]): number {
  return header.findIndex((cell) => names.includes(cell.toLowerCase()));
}

function cellOf(row: readonly string[], column: number, what: string, k: number, { name }: Source): string {
  const cell = row[column];
  if (cell !== undefined && cell !== '') return cell;
  throw new FormatError(name, `expected ${what}, got an empty cell`, `row ${k + 1}`);
}
