// The build for browsers: it needs no streams of Node, and a library that runs in both has one parser.
import { parse } from 'csv-parse/browser/esm/sync';
import { FormatError, messageOf } from '../core/errors.ts';
import type { Source } from './source.ts';

/** A line of a table: its cells, and its number in the file, from 1. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly row: number;
}

// A JavaScript text holds no more.
const LONGEST_TEXT = 2 ** 29 - 64;
/** More columns than any RDM or activations have that fit into memory. */
const MOST_CELLS = 1 << 20;
const SNIFFED_LINES = 20;
/** In this order: cells of a table with semicolons may well have commas in them, hardly the other way round. */
const DELIMITERS = ['\t', ';', ','] as const;

/**
 * The cells of a delimited text file. Blank lines and a leading block of lines with `#` are left out.
 * @throws FormatError where it is no text, a row has more than 2^20 cells, or a quote is not closed
 */
export async function readCells(source: Source): Promise<Iterable<CsvRecord>> {
  const text = await readText(source);
  const { start, firstRow } = skipNotes(text);
  const delimiter = sniffDelimiter(text.slice(start, start + (1 << 20)));
  checkWidths(source, text, start, delimiter, firstRow);
  return text.includes('"')
    ? quotedRecords(source, text.slice(start), delimiter, firstRow)
    : plainRecords(text, start, delimiter, firstRow);
}

async function readText(source: Source): Promise<string> {
  if (source.size > LONGEST_TEXT) {
    throw new FormatError(source.name, `has ${source.size} bytes, text of at most 512 MiB is read; save it as .npy`);
  }
  const bytes = await source.read(0, source.size);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const zero = bytes.subarray(0, 1 << 16).indexOf(0);
  if (zero !== -1) throw new FormatError(source.name, 'expected text, got a zero byte', `byte ${zero}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // what older spreadsheets save names with accents in
  }
}

/** Where the table begins, behind blank lines and lines with `#`; line by line, as a pattern that repeats needs memory for each. */
function skipNotes(text: string): { start: number; firstRow: number } {
  let start = 0;
  let firstRow = 1;
  while (start < text.length) {
    let at = start;
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at++;
    if (text[at] !== '#' && text[at] !== '\n') break;
    const newline = text.indexOf('\n', at);
    if (newline === -1) return { start: text.length, firstRow };
    start = newline + 1;
    firstRow++;
  }
  return { start, firstRow };
}

/** Before lines become cells, a hundred times their size. */
function checkWidths(source: Source, text: string, start: number, delimiter: string, firstRow: number): void {
  let row = firstRow;
  for (let at = start; at < text.length; row++) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    if (end - at > MOST_CELLS && countCells(text, at, end, delimiter) > MOST_CELLS) {
      throw new FormatError(
        source.name,
        `expected at most ${MOST_CELLS} cells, got more; save it as .npy`,
        `row ${row}`,
      );
    }
    at = end + 1;
  }
}

function countCells(text: string, start: number, end: number, delimiter: string): number {
  let count = 1;
  for (let at = text.indexOf(delimiter, start); at !== -1 && at < end; at = text.indexOf(delimiter, at + 1)) {
    if (delimiter !== ' ' || text[at + 1] !== ' ') count++;
  }
  return count;
}

/** The first delimiter that every one of the first lines has; blanks where none does and the first line is several numbers. */
function sniffDelimiter(text: string): string {
  const lines = text
    .replace(/"(?:[^"]|"")*"/g, '')
    .split('\n', SNIFFED_LINES)
    .filter((line) => line.trim() !== '');
  const found = DELIMITERS.find((delimiter) => lines.every((line) => line.includes(delimiter)));
  if (found !== undefined) return found;
  return /^\s*[-+.\d]\S*[ ]+[-+.\dna]\S*/i.test(lines[0] ?? '') ? ' ' : ',';
}

/** A text without quotes needs no parser: ten times as fast, and its lines need not be held all at once. */
function* plainRecords(text: string, start: number, delimiter: string, firstRow: number): Generator<CsvRecord> {
  let row = firstRow;
  for (let at = start; at < text.length; row++) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
    at = end + 1;
    if (line.trim() === '') continue;
    const cells = delimiter === ' ' ? line.trim().split(/\s+/) : line.split(delimiter);
    yield { cells: cells.map((cell) => cell.trim()), row };
  }
}

function quotedRecords(source: Source, text: string, delimiter: string, firstRow: number): CsvRecord[] {
  try {
    const options = { delimiter, skip_empty_lines: true, trim: true, relax_column_count: true, info: true };
    const records = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ cells: record, row: firstRow - 1 + info.lines }));
  } catch (error) {
    throw new FormatError(source.name, messageOf(error).replace(/\.?$/, ''), 'csv', { cause: error });
  }
}
