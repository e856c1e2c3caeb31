import { FormatError } from '../core/errors.ts';
import type { OpenedFile, Value } from './array.ts';
import { isRsatoolboxFile, rsatoolboxNames } from './rsatoolbox.ts';

/** The entry, or the key of the metadata, that holds a file's condition names. */
export const NAMES = 'names';

/**
 * Names of the rows of a file's arrays, the one rule for RDMs and features: an entry `names` of text (.npz, .mat), a JSON array under
 * `names` in the metadata (.safetensors), the first column of a .csv, unless these are row numbers, or in rsatoolbox's files the descriptor that
 * tells patterns apart; null where there are none.
 * @param n rows
 * @param options.square whether columns are the same conditions, so that a .csv may name them in its header and must agree with itself
 * @throws FormatError where the names are of another number or no text
 */
export async function readConditionNames(
  file: OpenedFile,
  path: string,
  n: number,
  { square = false }: { square?: boolean } = {},
): Promise<readonly string[] | null> {
  const names =
    file.format === 'csv'
      ? await readTableNames(file, path, square)
      : isRsatoolboxFile(file)
        ? await rsatoolboxNames(file)
        : await readEntryNames(file, path);
  if (names !== null && names.length !== n) {
    throw new FormatError(path, `expected ${n} names, one a row, got ${names.length}`, NAMES);
  }
  return names;
}

async function readEntryNames(file: OpenedFile, path: string): Promise<readonly string[] | null> {
  const names = has(file, NAMES)
    ? textsOf(await file.read(NAMES))
    : Object.hasOwn(file.metadata, NAMES)
      ? parseNames(file.metadata[NAMES])
      : undefined;
  if (names === undefined) return null;
  if (names === null) {
    throw new FormatError(
      path,
      'expected a list of texts, one a row; take it out of the file if it is something else',
      NAMES,
    );
  }
  return names;
}

async function readTableNames(file: OpenedFile, path: string, square: boolean): Promise<readonly string[] | null> {
  const rows = has(file, 'rows') ? textsOf(await file.read('rows')) : null;
  const columns = square && has(file, 'columns') ? textsOf(await file.read('columns')) : null;
  const differing = rows?.findIndex((name, row) => columns !== null && name !== columns[row]) ?? -1;
  if (differing !== -1) {
    const [row, column] = [rows![differing], columns![differing]];
    throw new FormatError(
      path,
      `row ${differing + 1} is named "${row}" and column ${differing + 1} "${column}"; an RDM has the same conditions in rows and columns`,
    );
  }
  const names = rows ?? columns;
  return names === null || isNumbering(names) ? null : names;
}

/** Whether names are row numbers from 0 or 1, as tables get them that were written without names. */
function isNumbering(names: readonly string[]): boolean {
  return [0, 1].some((first) => names.every((name, row) => name === String(first + row)));
}

function has(file: OpenedFile, entry: string): boolean {
  return file.entries.some(({ name }) => name === entry);
}

function textsOf(value: Value): string[] | null {
  if (value.kind === 'text') return value.data.map((text) => text.trimEnd());
  if (value.kind !== 'cell') return null;
  const texts = value.data.map((cell) => (cell.kind === 'text' && cell.data.length === 1 ? cell.data[0] : null));
  return texts.every((text) => text !== null) ? texts : null;
}

function parseNames(json: string): string[] | null {
  try {
    const names: unknown = JSON.parse(json);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}
