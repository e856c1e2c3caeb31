import { ShapeError, UsageError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { CellArray, NumericArray, NumericData, NumericDtype, StructArray, TextArray, Value } from './array.ts';
import { MI, MX } from './mat5-elements.ts';
import { checkNumbers, partsPerElement } from './numbers.ts';
import type { Sink } from './source.ts';
import { gather, rowMajorStride } from './strided.ts';

/** Class of the array and type of its numbers. 16-bit floats become single, complex ones are written as two parts. */
const CLASSES: Readonly<Record<NumericDtype, readonly [mxClass: number, miType: number]>> = {
  bool: [MX.uint8, MI.uint8],
  int8: [MX.int8, MI.int8],
  uint8: [MX.uint8, MI.uint8],
  int16: [MX.int16, MI.int16],
  uint16: [MX.uint16, MI.uint16],
  int32: [MX.int32, MI.int32],
  uint32: [MX.uint32, MI.uint32],
  int64: [MX.int64, MI.int64],
  uint64: [MX.uint64, MI.uint64],
  float16: [MX.single, MI.single],
  bfloat16: [MX.single, MI.single],
  float32: [MX.single, MI.single],
  float64: [MX.double, MI.double],
  complex64: [MX.single, MI.single],
  complex128: [MX.double, MI.double],
};

const LOGICAL = 0x0200;
const COMPLEX = 0x0800;
const LONGEST_NAME = 63;
const LARGEST_VARIABLE = 2 ** 31 - 1;
const SMALL = 1 << 20;
const KEYWORDS = new Set(
  'break case catch classdef continue else elseif end for function global if otherwise parfor persistent return spmd switch try while'.split(
    ' ',
  ),
);

/** Bytes in pieces, so that large arrays are not copied once more. */
interface Bytes {
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
}

/**
 * Writes a MAT-file of version 5, uncompressed and little-endian; the same arrays give the same bytes. Numbers keep their class, an array of
 * one axis becomes a row and a scalar 1 x 1; a single string becomes a char row, several become a cellstr, a column where they have one axis.
 * @throws UsageError where a name is no identifier of up to 63 characters, or a variable passes the 2 GiB that the format can hold
 * @throws ShapeError where an array does not hold what its shape says
 */
export async function writeMat5(sink: Sink, arrays: Readonly<Record<string, Value>>): Promise<void> {
  for (const name of Object.keys(arrays)) checkName(name, 'variable');
  let offset = 0;
  const write = async (pieces: readonly Uint8Array[]) => {
    for (const piece of merged(pieces)) {
      await sink.write(offset, piece);
      offset += piece.length;
    }
  };
  await write([header()]);
  for (const [name, value] of Object.entries(arrays)) await write(matrix(name, name, value).pieces);
}

function header(): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.fill(0x20, 0, 116);
  bytes.set(ascii('MATLAB 5.0 MAT-file, written by hypercolumn'));
  bytes.set([0x00, 0x01, 0x49, 0x4d], 124);
  return bytes;
}

function checkName(name: string, what: string): void {
  if (!/^[A-Za-z]\w*$/.test(name) || name.length > LONGEST_NAME || KEYWORDS.has(name)) {
    throw new UsageError(
      `${what} ${JSON.stringify(name)}: expected a MATLAB name, that is a letter and up to ${LONGEST_NAME - 1} letters, digits and underscores, and no keyword; rename it`,
    );
  }
}

/** The element of an array; `place` says in messages which one it is. */
function matrix(place: string, name: string, value: Value): Bytes {
  const content = WRITERS[value.kind](place, value as never);
  const bytes = concatenate([
    element(MI.uint32, Uint32Array.of(content.flags, 0)),
    element(MI.int32, Int32Array.from(content.shape)),
    element(MI.int8, ascii(name)),
    ...content.elements,
  ]);
  if (bytes.length > LARGEST_VARIABLE) {
    throw new UsageError(
      `${place}: takes ${bytes.length} bytes, a MAT 5 file holds at most ${LARGEST_VARIABLE} a variable; write .npy or .safetensors`,
    );
  }
  return concatenate([tag(MI.matrix, bytes.length), bytes]);
}

interface Content {
  readonly flags: number;
  readonly shape: readonly number[];
  readonly elements: readonly Bytes[];
}

const WRITERS: Readonly<Record<Value['kind'], (place: string, value: never) => Content>> = {
  numeric: numericContent,
  text: textContent,
  cell: cellContent,
  struct: structContent,
};

function numericContent(place: string, array: NumericArray): Content {
  checkNumbers(place, array);
  const { dtype, data } = array;
  const shape = matlabShape(place, array.shape);
  const [mxClass, miType] = CLASSES[dtype];
  if (partsPerElement(dtype) === 1) {
    const flags = dtype === 'bool' ? mxClass | LOGICAL : mxClass;
    return { flags, shape, elements: [element(miType, columnMajor(shape, data))] };
  }
  const real = columnMajor(shape, everySecond(data, 0));
  const imaginary = columnMajor(shape, everySecond(data, 1));
  return { flags: mxClass | COMPLEX, shape, elements: [element(miType, real), element(miType, imaginary)] };
}

function textContent(place: string, { shape, data }: TextArray): Content {
  checkCount(place, shape, data.length);
  if (data.length === 1) return charRow(data[0]);
  const cells = data.map((text): TextArray => ({ kind: 'text', shape: [1], data: [text] }));
  return cellContent(place, { kind: 'cell', shape: shape.length === 1 ? [shape[0], 1] : shape, data: cells });
}

/**
 * UTF-8 for ASCII and UTF-16 for the rest, as MATLAB writes them. scipy counts code points and opens no file where a char has another number of
 * them, so what lies beyond 16 bits is written as scipy does.
 */
function charRow(text: string): Content {
  const row = (length: number, characters: Bytes): Content => ({
    flags: MX.char,
    shape: [1, length],
    elements: [characters],
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(text)) return row(text.length, element(MI.utf8, ascii(text)));
  const nCodePoints = Array.from(text).length;
  if (nCodePoints < text.length) return row(nCodePoints, element(MI.utf8, new TextEncoder().encode(text)));
  return row(
    text.length,
    element(
      MI.utf16,
      Uint16Array.from({ length: text.length }, (_, k) => text.charCodeAt(k)),
    ),
  );
}

function cellContent(place: string, cell: CellArray): Content {
  checkCount(place, cell.shape, cell.data.length);
  const shape = matlabShape(place, cell.shape);
  const elements = columnMajorIndices(shape).map((k) => matrix(`${place}{${k + 1}}`, '', cell.data[k]));
  return { flags: MX.cell, shape, elements };
}

function structContent(place: string, struct: StructArray): Content {
  const shape = matlabShape(place, struct.shape);
  const fields = Object.keys(struct.fields);
  for (const field of fields) {
    checkName(field, `field of ${place}`);
    checkCount(`${place}.${field}`, shape, struct.fields[field].length);
  }
  const width = fields.every((field) => field.length < 32) ? 32 : 64;
  const names = new Uint8Array(width * fields.length);
  fields.forEach((field, k) => {
    names.set(ascii(field), k * width);
  });
  const elements = [element(MI.int32, Int32Array.of(width)), element(MI.int8, names)];
  for (const k of fields.length === 0 ? [] : columnMajorIndices(shape)) {
    for (const field of fields) elements.push(matrix(`${place}.${field}`, '', struct.fields[field][k]));
  }
  return { flags: MX.struct, shape, elements };
}

function checkCount(place: string, shape: readonly number[], count: number): void {
  if (sizeOf(shape) !== count) {
    throw new ShapeError(`${place}: expected ${sizeOf(shape)} values for ${formatShape(shape)}, got ${count}`);
  }
}

/** MATLAB has no arrays of fewer than two axes. */
function matlabShape(place: string, shape: readonly number[]): readonly number[] {
  const long = shape.find((length) => length > LARGEST_VARIABLE);
  if (long !== undefined)
    throw new UsageError(`${place}: an axis of ${long}, a MAT 5 file holds at most ${LARGEST_VARIABLE}`);
  return shape.length >= 2 ? shape : [1, shape[0] ?? 1];
}

/** The column-major order of an array is the row-major one of its axes reversed. */
function columnMajor<T extends NumericData>(shape: readonly number[], data: T): T {
  if (shape.filter((length) => length !== 1).length <= 1) return data;
  return gather(data, { shape: shape.toReversed(), stride: rowMajorStride(shape).toReversed() });
}

function columnMajorIndices(shape: readonly number[]): number[] {
  return Array.from(
    columnMajor(
      shape,
      Uint32Array.from({ length: sizeOf(shape) }, (_, k) => k),
    ),
  );
}

function everySecond(data: NumericData, first: 0 | 1): NumericData {
  const half = data instanceof Float32Array ? new Float32Array(data.length / 2) : new Float64Array(data.length / 2);
  for (let k = 0; k < half.length; k++) half[k] = Number(data[2 * k + first]);
  return half;
}

/** A tag and what it announces, filled up to a multiple of 8; up to four bytes stand in the tag itself. */
function element(type: number, content: ArrayBufferView): Bytes {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length >= 1 && bytes.length <= 4) {
    const short = new Uint8Array(8);
    new DataView(short.buffer).setUint32(0, (bytes.length << 16) | type, true);
    short.set(bytes, 4);
    return { pieces: [short], length: 8 };
  }
  const filling = new Uint8Array(-bytes.length & 7);
  return concatenate([tag(type, bytes.length), { pieces: [bytes, filling], length: bytes.length + filling.length }]);
}

function tag(type: number, length: number): Bytes {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  return { pieces: [bytes], length: 8 };
}

function concatenate(parts: readonly Bytes[]): Bytes {
  return {
    pieces: parts.flatMap((part) => part.pieces).filter((piece) => piece.length > 0),
    length: parts.reduce((sum, part) => sum + part.length, 0),
  };
}

/** Small pieces put together: a cell array has thousands of them. */
function* merged(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let run: Uint8Array[] = [];
  let length = 0;
  const joined = () => {
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of run) {
      bytes.set(piece, at);
      at += piece.length;
    }
    run = [];
    length = 0;
    return bytes;
  };
  for (const piece of pieces) {
    if (length > 0 && length + piece.length > SMALL) yield joined();
    if (piece.length > SMALL) yield piece;
    else {
      run.push(piece);
      length += piece.length;
    }
  }
  if (length > 0) yield joined();
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
