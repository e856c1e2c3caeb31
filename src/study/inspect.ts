import { formatShape } from '../core/shape.ts';
import type { Entry, OpenedFile } from '../formats/array.ts';
import { openFile } from '../formats/open.ts';
import type { Source } from '../formats/source.ts';

const LONGEST_METADATA = 60;
/** What an ONNX model's metadata says in as many lines as there are. */
const LISTS: readonly string[] = ['inputs', 'outputs'];

/** What a file holds, without its data. */
export interface Contents {
  readonly format: string;
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What a file of any known format holds; headers are checked against the file's size.
 * @throws FormatError where the format is not known or a header is corrupt
 */
export async function inspectFile(source: Source): Promise<Contents> {
  const { format, entries, metadata }: OpenedFile = await openFile(source);
  return { format, entries: entries.map(({ name, dtype, shape }) => ({ name, dtype, shape })), metadata };
}

/** What a file holds, as an aligned table for people: a line with the format, a line an entry, then the metadata. */
export function contentsTable({ format, entries, metadata }: Contents): string {
  const count = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  const rows = entries.map(({ name, dtype, shape }) => [printable(name), dtype, formatShape(shape)]);
  const texts = Object.entries(metadata).flatMap(([key, text]) => {
    // Stages of a study are named by a model's outputs, so none of these is cut off.
    if (format !== 'onnx' || !LISTS.includes(key)) return [[printable(key), shortened(printable(text))]];
    return text.split('\n').map((line, k) => [k === 0 ? key : '', printable(line)]);
  });
  return [
    `${format}, ${count}`,
    ...align([['name', 'dtype', 'shape'], ...rows]).map((line) => `  ${line}`),
    ...(texts.length === 0 ? [] : ['metadata', ...align(texts).map((line) => `  ${line}`)]),
  ].join('\n');
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

/** Names come from files: none may move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1).replace('\x7f', '\\u007f'));
}

function shortened(text: string): string {
  return text.length > LONGEST_METADATA ? `${text.slice(0, LONGEST_METADATA)}... (${text.length} characters)` : text;
}
