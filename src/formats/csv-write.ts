import { ShapeError, UsageError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import type { NumericArray } from './array.ts';
import { formatNumber, isMeantAsNumber } from './csv-numbers.ts';
import { checkNumbers } from './numbers.ts';
import type { Sink } from './source.ts';

const LINES_AT_ONCE = 256;

/**
 * Writes a matrix as a table with commas, numbers in the shortest form that reads back as the same float64. A vector becomes a column.
 * @param sink takes the bytes
 * @param array rows x columns
 * @param options names to write along
 * @param options.rows names for the first column
 * @param options.columns names for the first row
 * @returns bytes written
 * @throws UsageError for arrays of more than two axes and complex ones; ShapeError where the names do not match the shape
 */
export async function writeCsv(
  sink: Sink,
  array: NumericArray,
  { rows, columns }: { rows?: readonly string[]; columns?: readonly string[] } = {},
): Promise<number> {
  checkNumbers('csv', array);
  const { shape, data, dtype } = array;
  if (shape.length > 2) throw new UsageError(`csv: expected a matrix, got ${formatShape(shape)}; write .npy instead`);
  if (dtype.startsWith('complex'))
    throw new UsageError('csv: complex numbers have no place in a table; write .npy instead');
  const [nRows, nColumns] = [shape[0] ?? 1, shape[1] ?? 1];
  checkNames('row', rows, nRows);
  checkNames('column', columns, nColumns);
  if ((rows === undefined) !== (columns === undefined) && (rows ?? columns)!.some(isMeantAsNumber)) {
    throw new UsageError('csv: names that are numbers would be read as numbers; give both rows and columns names');
  }

  let at = 0;
  let lines: string[] = [];
  const flush = async () => {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    await sink.write(at, bytes);
    at += bytes.length;
    lines = [];
  };
  if (columns !== undefined) lines.push([...(rows === undefined ? [] : ['']), ...columns.map(quotedCell)].join(','));
  for (let row = 0; row < nRows; row++) {
    const cells = Array.from(data.subarray(row * nColumns, (row + 1) * nColumns) as Float64Array, formatNumber);
    lines.push((rows === undefined ? cells : [quotedCell(rows[row]), ...cells]).join(','));
    if (lines.length >= LINES_AT_ONCE) await flush();
  }
  await flush();
  return at;
}

function checkNames(what: 'row' | 'column', names: readonly string[] | undefined, n: number): void {
  if (names !== undefined && names.length !== n) {
    throw new ShapeError(`csv: expected ${n} ${what} names, got ${names.length}`);
  }
}

/** A text as a cell of a table with commas. */
export function quotedCell(name: string): string {
  return /[",;\t\r\n#]|^\s|\s$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
