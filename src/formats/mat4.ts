import { FormatError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import type { Entry, NumericDtype, OpenedFile, Value } from './array.ts';
import { decodeName } from './mat5-elements.ts';
import { castNumbers, fromColumnMajor, interleave, textFromColumnMajor, textShape } from './matlab.ts';
import { namedEntries } from './named-entries.ts';
import { bytesPerElement, readNumbers } from './numbers.ts';
import type { Source } from './source.ts';
import { denseFromSparse, sparseBudget } from './sparse.ts';

type Kind = 'full' | 'text' | 'sparse';

interface Header {
  readonly littleEndian: boolean;
  readonly stored: NumericDtype;
  readonly kind: Kind;
  /** Of the numbers in the file; a sparse matrix has a row for each element there. */
  readonly rows: number;
  readonly columns: number;
  readonly isComplex: boolean;
  readonly nameLength: number;
}

interface Variable extends Entry, Header {
  /** Where its numbers begin. */
  readonly start: number;
}

const HEADER_LENGTH = 20;
const LONGEST_NAME = 256;
const MAX_VARIABLES = 20_000;
const STORED: readonly NumericDtype[] = ['float64', 'float32', 'int32', 'int16', 'uint16', 'uint8'];
const KINDS: readonly Kind[] = ['full', 'text', 'sparse'];

/**
 * Opens a MAT-file of version 4, in either order of bytes. Numbers keep the type that they are stored in.
 * @throws FormatError where it is no such file or its arrays do not fit into it
 * @source MathWorks, MAT-File Format (2024), Level 4
 */
export async function openMat4(source: Source): Promise<OpenedFile> {
  const variables = namedEntries(source.name, 'variable', await listVariables(source));
  return {
    format: 'mat4',
    entries: variables.entries.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    metadata: {},
    read: async (name) => readVariable(source, variables.find(name)),
  };
}

function parseHeader(bytes: Uint8Array): Header | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_LENGTH);
  for (const littleEndian of [true, false]) {
    const [type, rows, columns, imaginary, nameLength] = [0, 4, 8, 12, 16].map((at) => view.getInt32(at, littleEndian));
    // The thousands say the machine: 0 for little-endian, 1 for big-endian; VAX and Cray had numbers of their own.
    const machine = littleEndian ? 0 : 1;
    const stored = STORED[Math.floor((type % 100) / 10)];
    const kind = KINDS[type % 10];
    if (Math.floor(type / 100) !== machine * 10 || stored === undefined || kind === undefined) continue;
    if (rows < 0 || columns < 0 || (imaginary !== 0 && imaginary !== 1)) continue;
    if (nameLength < 1 || nameLength > LONGEST_NAME) continue;
    return { littleEndian, stored, kind, rows, columns, isComplex: imaginary === 1, nameLength };
  }
  return undefined;
}

async function listVariables(source: Source): Promise<Variable[]> {
  const variables: Variable[] = [];
  let at = 0;
  do {
    const place = `byte ${at}`;
    const available = Math.min(HEADER_LENGTH + LONGEST_NAME, source.size - at);
    const bytes = await source.read(at, available);
    const header = available < HEADER_LENGTH ? undefined : parseHeader(bytes);
    if (header === undefined || HEADER_LENGTH + header.nameLength > available) {
      throw new FormatError(
        source.name,
        'expected the header of a version 4 array; the file is truncated, corrupt or of another kind',
        place,
      );
    }
    if (variables.length === MAX_VARIABLES)
      throw new FormatError(source.name, `more than ${MAX_VARIABLES} variables`, place);
    const name = decodeName(bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + header.nameLength));
    const start = at + HEADER_LENGTH + header.nameLength;
    const parts = header.isComplex && header.kind !== 'text' ? 2 : 1;
    const length = header.rows * header.columns * bytesPerElement(header.stored) * parts;
    if (!(start + length <= source.size)) {
      const problem = `${formatShape([header.rows, header.columns])} ${header.stored} take ${length} bytes, ${source.size - start} are left`;
      throw new FormatError(
        source.name,
        `${problem}: the file is truncated or corrupt`,
        `${place} (${JSON.stringify(name)})`,
      );
    }
    variables.push({ ...header, ...(await describe(source, header, start, name)), name, start });
    at = start + length;
  } while (at < source.size);
  return variables;
}

async function describe(source: Source, header: Header, start: number, name: string): Promise<Omit<Entry, 'name'>> {
  const shape = [header.rows, header.columns];
  if (header.kind === 'text') return { dtype: 'text', shape: textShape(shape) };
  if (header.kind === 'sparse') {
    const isComplex = header.columns === 4;
    return { dtype: isComplex ? 'complex128' : 'float64', shape: await sparseShape(source, header, start, name) };
  }
  return { dtype: dtypeOf(header), shape };
}

const dtypeOf = ({ stored, isComplex }: Header): NumericDtype =>
  isComplex ? (stored === 'float32' ? 'complex64' : 'complex128') : stored;

/** The last row of a sparse matrix's columns of rows, columns and numbers is its size. */
async function sparseShape(source: Source, header: Header, start: number, name: string): Promise<readonly number[]> {
  const fail = (problem: string) => new FormatError(source.name, `${problem}; the file is corrupt`, name);
  const { rows, columns, stored, littleEndian } = header;
  if (rows < 1 || (columns !== 3 && columns !== 4)) throw fail(`a sparse matrix of ${rows} x ${columns} numbers`);
  const shape: number[] = [];
  for (const column of [0, 1]) {
    const at = start + (column * rows + rows - 1) * bytesPerElement(stored);
    shape.push(Number((await readNumbers(source, at, stored, 1, { littleEndian, place: name }))[0]));
  }
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0))
    throw fail(`a sparse matrix of ${formatShape(shape)}`);
  return shape;
}

async function readVariable(source: Source, variable: Variable): Promise<Value> {
  const { name, start, rows, columns, stored, kind, littleEndian, isComplex, shape } = variable;
  const count = rows * columns;
  const options = { littleEndian, place: name };
  const data = await readNumbers(source, start, stored, count, options);
  const fail = (problem: string): never => {
    throw new FormatError(source.name, problem, name);
  };
  if (kind === 'text') {
    const codes = Array.from(data, Number);
    const wrong = codes.find((code) => !(Number.isInteger(code) && code >= 0 && code <= 0xffff));
    if (wrong !== undefined) fail(`character code ${wrong}; the file is corrupt`);
    const text = codes.map((code) => String.fromCharCode(code)).join('');
    return textFromColumnMajor([rows, columns], text) ?? fail(`a char array of ${formatShape([rows, columns])}`);
  }
  if (kind === 'sparse') {
    const column = (k: number) => castNumbers('float64', data.subarray(k * rows, (k + 1) * rows - 1));
    const matrix = {
      shape,
      dtype: columns === 4 ? ('complex128' as const) : ('float64' as const),
      count: rows - 1,
      rows: (column(0) as Float64Array).map((index) => index - 1),
      columns: (column(1) as Float64Array).map((index) => index - 1),
      real: column(2),
      imaginary: columns === 4 ? column(3) : undefined,
    };
    return denseFromSparse(matrix, sparseBudget(), fail);
  }
  if (!isComplex) return fromColumnMajor(stored, shape, data);
  const imaginary = await readNumbers(source, start + count * bytesPerElement(stored), stored, count, options);
  const dtype = stored === 'float32' ? 'complex64' : 'complex128';
  return fromColumnMajor(dtype, shape, interleave(data, imaginary, dtype));
}
