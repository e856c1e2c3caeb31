import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { type NumericData, type NumericDtype, numericArray, type Value } from './array.ts';
import { decodeName, Elements, type MatrixHead, MI, MX, readMatrixHead, STORED_DTYPES } from './mat5-elements.ts';
import {
  castNumbers,
  fromColumnMajor,
  interleave,
  refusal,
  reorderValues,
  textFromColumnMajor,
  textShape,
} from './matlab.ts';
import { decodeNumbers } from './numbers.ts';
import { denseFromSparse, type SparseBudget } from './sparse.ts';

const NUMERIC_DTYPES: ReadonlyMap<number, NumericDtype> = new Map<number, NumericDtype>([
  [MX.double, 'float64'],
  [MX.single, 'float32'],
  [MX.int8, 'int8'],
  [MX.uint8, 'uint8'],
  [MX.int16, 'int16'],
  [MX.uint16, 'uint16'],
  [MX.int32, 'int32'],
  [MX.uint32, 'uint32'],
  [MX.int64, 'int64'],
  [MX.uint64, 'uint64'],
  [MX.sparse, 'float64'],
]);

const MAX_DEPTH = 64;

/** The type and shape that `inspect` shows: a class name for what only MATLAB can interpret. */
export function describeMatrix(head: MatrixHead): { dtype: string; shape: readonly number[] } {
  const { mxClass, shape, className } = head;
  if (mxClass === MX.cell) return { dtype: 'cell', shape };
  if (mxClass === MX.struct) return { dtype: 'struct', shape };
  if (mxClass === MX.char) return { dtype: 'text', shape: textShape(shape) };
  if (mxClass === MX.function) return { dtype: 'function_handle', shape };
  if (mxClass === MX.object || mxClass === MX.opaque) return { dtype: className || 'object', shape };
  return { dtype: numericDtype(head) ?? `class ${mxClass}`, shape };
}

/** Complex integers have no type of their own here and become complex128. */
function numericDtype({ mxClass, isComplex, isLogical }: MatrixHead): NumericDtype | undefined {
  const dtype = NUMERIC_DTYPES.get(mxClass);
  if (dtype === undefined) return undefined;
  if (isComplex) return dtype === 'float32' ? 'complex64' : 'complex128';
  return isLogical ? 'bool' : dtype;
}

/** The value of an array whose elements these are: its head first. */
export function readMatrix(elements: Elements, budget: SparseBudget, depth = 0): Value {
  if (elements.bytes.length === 0) return numericArray('float64', [0, 0], new Float64Array(0));
  if (depth > MAX_DEPTH) elements.fail(`cells and structs are nested deeper than ${MAX_DEPTH}`);
  const head = readMatrixHead(elements);
  switch (head.mxClass) {
    case MX.cell:
      return {
        kind: 'cell',
        shape: head.shape,
        data: reorderValues(head.shape, readCells(elements, head, budget, depth)),
      };
    case MX.struct:
      return readStruct(elements, head, budget, depth);
    case MX.char:
      return readText(elements, head);
    case MX.sparse:
      return readSparse(elements, head, budget);
    default:
      return readNumbers(elements, head);
  }
}

function readNumbers(elements: Elements, head: MatrixHead): Value {
  const dtype = numericDtype(head);
  if (dtype === undefined) {
    const { dtype: className, shape } = describeMatrix(head);
    throw new FormatError(elements.context.path, refusal(className, shape), elements.place);
  }
  const count = sizeOf(head.shape);
  const real = storedNumbers(elements, count, 'the numbers');
  if (!head.isComplex) return fromColumnMajor(dtype, head.shape, castNumbers(dtype, real));
  const complex = dtype as 'complex64' | 'complex128';
  const imaginary = storedNumbers(elements, count, 'the imaginary parts');
  return fromColumnMajor(dtype, head.shape, interleave(real, imaginary, complex));
}

/** An element of numbers as they are stored. */
function storedNumbers(elements: Elements, count: number | undefined, what: string): NumericData {
  const { type, bytes } = elements.next(what);
  const stored = STORED_DTYPES.get(type);
  if (stored === undefined) elements.fail(`expected ${what} as a numeric type, got type ${type}`);
  const data = decodeNumbers(stored, bytes, { littleEndian: elements.context.littleEndian });
  if (count !== undefined && data.length !== count)
    elements.fail(`expected ${count} numbers for ${what}, got ${data.length}`);
  return data;
}

function readText(elements: Elements, { shape }: MatrixHead): Value {
  // An empty char may lack the element of its characters.
  const { type, bytes } =
    elements.remaining === 0 && sizeOf(shape) === 0
      ? { type: MI.uint16, bytes: new Uint8Array(0) }
      : elements.next('the characters');
  const text = textFromColumnMajor(shape, decodeText(elements, type, bytes));
  return (
    text ??
    elements.fail(`a char array of ${formatShape(shape)} whose ${bytes.length} bytes are another number of characters`)
  );
}

function decodeText(elements: Elements, type: number, bytes: Uint8Array): string {
  if (type === MI.utf8) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const stored = type === MI.utf16 ? 'uint16' : type === MI.utf32 ? 'uint32' : STORED_DTYPES.get(type);
  if (stored === undefined) return elements.fail(`expected characters, got type ${type}`);
  const codes = decodeNumbers(stored, bytes, { littleEndian: elements.context.littleEndian });
  const pieces: string[] = [];
  for (let k = 0; k < codes.length; k++) {
    const code = Number(codes[k]);
    if (!(code >= 0 && code <= 0x10ffff)) elements.fail(`character code ${code}`);
    pieces.push(String.fromCodePoint(code));
  }
  return pieces.join('');
}

/** Values in the file's order. */
function readCells(elements: Elements, { shape }: MatrixHead, budget: SparseBudget, depth: number): Value[] {
  const count = sizeOf(shape);
  if (!(count * 8 <= elements.remaining)) elements.fail(`${formatShape(shape)} cells in ${elements.remaining} bytes`);
  return Array.from({ length: count }, (_, k) => readNested(elements, `${elements.place}{${k + 1}}`, budget, depth));
}

function readStruct(elements: Elements, { shape }: MatrixHead, budget: SparseBudget, depth: number): Value {
  const [nameLength = 0] = elements.int32s('the length of field names');
  const names = elements.nextOfType(MI.int8, 'the field names');
  if (nameLength < 0 || (names.length > 0 && (nameLength === 0 || names.length % nameLength !== 0))) {
    elements.fail(`field names of ${nameLength} bytes in ${names.length} bytes`);
  }
  const fields = Array.from({ length: nameLength === 0 ? 0 : names.length / nameLength }, (_, k) =>
    decodeName(names.subarray(k * nameLength, (k + 1) * nameLength)),
  );
  const count = sizeOf(shape);
  if (fields.length > 0 && !(count * fields.length * 8 <= elements.remaining)) {
    elements.fail(
      `a struct array of ${formatShape(shape)} with ${fields.length} fields in ${elements.remaining} bytes`,
    );
  }
  const columns = fields.map((): Value[] => []);
  for (let k = 0; k < count && fields.length > 0; k++) {
    const index = count === 1 ? '' : `(${k + 1})`;
    fields.forEach((field, at) => {
      columns[at].push(readNested(elements, `${elements.place}${index}.${field}`, budget, depth));
    });
  }
  const ordered = fields.map((field, at) => [field, reorderValues(shape, columns[at])] as const);
  return { kind: 'struct', shape, fields: Object.fromEntries(ordered) };
}

function readNested(elements: Elements, place: string, budget: SparseBudget, depth: number): Value {
  const bytes = elements.nextOfType(MI.matrix, 'an array');
  return readMatrix(new Elements(elements.context, bytes, place), budget, depth + 1);
}

function readSparse(elements: Elements, head: MatrixHead, budget: SparseBudget): Value {
  const rows = storedNumbers(elements, undefined, 'the row indices');
  const columnStarts = storedNumbers(elements, undefined, 'the column starts');
  const real = storedNumbers(elements, undefined, 'the numbers');
  const imaginary = head.isComplex ? storedNumbers(elements, undefined, 'the imaginary parts') : undefined;
  const dtype = numericDtype(head) as 'float64' | 'bool' | 'complex128';
  const fail = (problem: string): never => {
    throw new FormatError(elements.context.path, problem, elements.place);
  };
  const starts = Array.from(columnStarts, Number);
  const columns = new Uint32Array(rows.length);
  if (starts.length !== head.shape[1] + 1) fail(`${starts.length} column starts for ${head.shape[1]} columns`);
  for (let column = 0; column + 1 < starts.length; column++) {
    if (!(starts[column] <= starts[column + 1] && starts[column + 1] <= rows.length))
      fail('column starts out of order');
    columns.fill(column, starts[column], starts[column + 1]);
  }
  const count = starts[starts.length - 1];
  return denseFromSparse({ shape: head.shape, count, rows, columns, real, imaginary, dtype }, budget, fail);
}
