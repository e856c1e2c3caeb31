// The build for browsers: it needs no streams of Node, and a library that runs in both has one parser.
import { parse } from 'csv-parse/browser/esm/sync';
import { FormatError, messageOf } from '../core/errors.ts';
import type { Source } from './source.ts';

const LARGEST_FILE = 64 * 1024 * 1024;
const HEADERS = ['name', 'names', 'image', 'images', 'file', 'filename', 'stimulus', 'condition'];

/**
 * Names listed in a .csv or text file, one a row, in the column that is headed `name`, `image`, `file`, `filename`, `stimulus` or
 * `condition`, or else the first one; a header is known by those words. Empty lines are passed over.
 * @throws FormatError where the file is no text, is larger than 64 MiB, or a row has no name
 */
export async function readNames(source: Source): Promise<string[]> {
  if (source.size > LARGEST_FILE) {
    throw new FormatError(source.name, `expected a list of names, got ${source.size} bytes; one name a row is wanted`);
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
    throw new FormatError(source.name, `expected a .csv of names, one a row (${messageOf(error)})`);
  }
  if (rows.length === 0)
    throw new FormatError(source.name, 'expected the names of images, one a row, got an empty file');
  const headed = rows[0].findIndex((cell) => HEADERS.includes(cell.toLowerCase()));
  const column = Math.max(headed, 0);
  return rows.slice(headed === -1 ? 0 : 1).map((row, k) => {
    const name = row[column];
    if (name === undefined || name === '') {
      throw new FormatError(source.name, 'expected a name, got an empty cell', `row ${k + (headed === -1 ? 1 : 2)}`);
    }
    return name;
  });
}
