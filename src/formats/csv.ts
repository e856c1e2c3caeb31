import { FormatError } from '../core/errors.ts';
import { float64Array, type NumericArray, type OpenedFile, type TextArray } from './array.ts';
import { type CsvRecord, readCells } from './csv-cells.ts';
import { hasDecimalComma, isMeantAsNumber, parseNumber } from './csv-numbers.ts';
import { namedEntries } from './named-entries.ts';
import { SOLE_NAME } from './npy.ts';
import type { Source } from './source.ts';

/**
 * Opens a table of numbers: delimited by commas, semicolons, tabs or blanks, with or without a first row and a first column of names.
 * Entries: `data` (float64, rows x columns), and `rows` and `columns` (text) where there are such names.
 *
 * The first row is names where half its cells or more are no numbers, where its first cell is empty and the next row's second is not (a
 * matrix with a missing diagonal has neither), or where it has one cell less than the next. The first column is names where its first
 * cell beneath the header is no number, or the header's first cell is empty. Empty cells, `nan` and `NA` are NaN.
 * @throws FormatError where a cell is no number or a row has another length; says which
 */
export async function openCsv(source: Source): Promise<OpenedFile> {
  const table = readTable(source.name, await readCells(source));
  const values: { name: string; value: NumericArray | TextArray }[] = [{ name: SOLE_NAME, value: table.data }];
  if (table.rows !== null) values.push({ name: 'rows', value: textVector(table.rows) });
  if (table.columns !== null) values.push({ name: 'columns', value: textVector(table.columns) });
  const { find } = namedEntries(source.name, 'entry', values);
  return {
    format: 'csv',
    entries: values.map(({ name, value }) => ({
      name,
      dtype: value.kind === 'numeric' ? value.dtype : 'text',
      shape: value.shape,
    })),
    metadata: {},
    read: async (name) => find(name).value,
  };
}

interface Table {
  readonly data: NumericArray;
  readonly rows: readonly string[] | null;
  readonly columns: readonly string[] | null;
}

function readTable(path: string, records: Iterable<CsvRecord>): Table {
  let first: CsvRecord | undefined;
  let names: Names | undefined;
  const rows: string[] = [];
  const numbers: Float64Array[] = [];
  const add = (record: CsvRecord) => {
    const { namedRows, width } = names!;
    const skipped = namedRows ? 1 : 0;
    if (record.cells.length !== width + skipped) {
      throw new FormatError(path, `expected ${width + skipped} cells, got ${record.cells.length}`, `row ${record.row}`);
    }
    if (namedRows) rows.push(record.cells[0]);
    numbers.push(Float64Array.from({ length: width }, (_, k) => toNumber(path, record, k + skipped)));
  };
  for (const record of records) {
    if (first === undefined) {
      first = record;
      continue;
    }
    if (names === undefined) {
      names = findNames(first, record);
      if (names.columns === null) add(first);
    }
    add(record);
  }
  if (first === undefined) throw new FormatError(path, 'there are no rows in it');
  if (names === undefined) {
    names = findNames(first, undefined);
    add(first);
  }
  const { width, namedRows, columns } = names;
  const data = float64Array([numbers.length, width]);
  numbers.forEach((row, k) => {
    (data.data as Float64Array).set(row, k * width);
  });
  return { data, rows: namedRows ? rows : null, columns };
}

interface Names {
  readonly columns: readonly string[] | null;
  readonly namedRows: boolean;
  readonly width: number;
}

function findNames({ cells: [corner, ...rest] }: CsvRecord, second: CsvRecord | undefined): Names {
  if (second === undefined) {
    const namedRows = !isMeantAsNumber(corner) && rest.length > 0;
    return { columns: null, namedRows, width: rest.length + (namedRows ? 0 : 1) };
  }
  const { cells } = second;
  if (cells.length === rest.length + 2 && !isMeantAsNumber(cells[0])) {
    return { columns: [corner, ...rest], namedRows: true, width: rest.length + 1 };
  }
  const words = rest.filter((cell) => !isMeantAsNumber(cell)).length;
  const emptyCorner = corner === '' && rest.length > 0 && rest.every((cell) => cell !== '') && cells[1] !== '';
  const sameName = !isMeantAsNumber(corner) && rest.length > 0 && rest[0] === cells[0];
  const header =
    (words > 0 && words >= rest.length / 2) ||
    emptyCorner ||
    sameName ||
    (rest.length === 0 && !isMeantAsNumber(corner));
  const namedRows = rest.length > 0 && (!isMeantAsNumber(cells[0]) || (header && emptyCorner) || sameName);
  const width = rest.length + (namedRows ? 0 : 1);
  return { columns: header ? (namedRows ? rest : [corner, ...rest]) : null, namedRows, width };
}

function toNumber(path: string, { cells, row }: CsvRecord, column: number): number {
  const cell = cells[column];
  const value = parseNumber(cell);
  if (value !== undefined) return value;
  const shown = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);
  const hint = hasDecimalComma(cell) ? '; write decimal points instead of commas' : '';
  throw new FormatError(path, `expected a number, got ${shown}${hint}`, `row ${row}, column ${column + 1}`);
}

function textVector(data: readonly string[]): TextArray {
  return { kind: 'text', shape: [data.length], data };
}
