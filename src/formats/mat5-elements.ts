import { FormatError } from '../core/errors.ts';
import type { NumericDtype } from './array.ts';

/** Types of the elements that a MAT 5 file consists of. */
export const MI = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  single: 7,
  double: 9,
  int64: 12,
  uint64: 13,
  matrix: 14,
  compressed: 15,
  utf8: 16,
  utf16: 17,
  utf32: 18,
} as const;

/** How the numbers of an element are stored, whatever the class of their array. */
export const STORED_DTYPES: ReadonlyMap<number, NumericDtype> = new Map<number, NumericDtype>([
  [MI.int8, 'int8'],
  [MI.uint8, 'uint8'],
  [MI.int16, 'int16'],
  [MI.uint16, 'uint16'],
  [MI.int32, 'int32'],
  [MI.uint32, 'uint32'],
  [MI.single, 'float32'],
  [MI.double, 'float64'],
  [MI.int64, 'int64'],
  [MI.uint64, 'uint64'],
]);

/** Classes of MATLAB arrays, as a MAT 5 file numbers them. */
export const MX = {
  cell: 1,
  struct: 2,
  object: 3,
  char: 4,
  sparse: 5,
  double: 6,
  single: 7,
  int8: 8,
  uint8: 9,
  int16: 10,
  uint16: 11,
  int32: 12,
  uint32: 13,
  int64: 14,
  uint64: 15,
  function: 16,
  opaque: 17,
} as const;

export interface Element {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** What a file's elements are read with, and where a mistake is said to be. */
export interface ElementContext {
  readonly path: string;
  readonly littleEndian: boolean;
}

/** The elements that lie one behind the other in some bytes. */
export class Elements {
  readonly context: ElementContext;
  readonly bytes: Uint8Array;
  readonly place: string;
  private position = 0;

  constructor(context: ElementContext, bytes: Uint8Array, place: string) {
    this.context = context;
    this.bytes = bytes;
    this.place = place;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  next(what: string): Element {
    if (this.remaining < 8) this.fail(`ends where ${what} should begin`);
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.position, 8);
    const first = view.getUint32(0, this.context.littleEndian);
    const shortLength = first >>> 16;
    if (shortLength > 4) this.fail(`${what} has ${shortLength} bytes in a tag that holds 4`);
    const length = shortLength || view.getUint32(4, this.context.littleEndian);
    const start = this.position + (shortLength ? 4 : 8);
    const end = start + length;
    if (end > this.bytes.length) this.fail(`${what} claims ${length} bytes, ${this.bytes.length - start} are left`);
    // Elements begin at multiples of 8; some writers leave out what fills up behind the last one.
    this.position = shortLength ? this.position + 8 : Math.min(this.bytes.length, end + (-length & 7));
    return { type: shortLength ? first & 0xffff : first, bytes: this.bytes.subarray(start, end) };
  }

  nextOfType(type: number, what: string): Uint8Array {
    const element = this.next(what);
    if (element.type !== type) this.fail(`expected ${what} as type ${type}, got type ${element.type}`);
    return element.bytes;
  }

  int32s(what: string): number[] {
    const bytes = this.nextOfType(MI.int32, what);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: bytes.length >> 2 }, (_, k) => view.getInt32(4 * k, this.context.littleEndian));
  }

  string(what: string): string {
    const { type, bytes } = this.next(what);
    if (type !== MI.int8 && type !== MI.uint8 && type !== MI.utf8)
      this.fail(`expected ${what} as text, got type ${type}`);
    return decodeName(bytes);
  }

  fail(problem: string): never {
    throw new FormatError(this.context.path, `${problem}; the file is truncated or corrupt`, this.place);
  }
}

/** A name up to its closing zero. */
export function decodeName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** What stands at the head of every array. */
export interface MatrixHead {
  readonly mxClass: number;
  readonly isComplex: boolean;
  readonly isLogical: boolean;
  readonly shape: readonly number[];
  readonly name: string;
  /** Class of an object or opaque value. */
  readonly className: string;
}

const MAX_RANK = 64;

/** Reads an array's head and leaves `elements` at its contents. */
export function readMatrixHead(elements: Elements): MatrixHead {
  const flags = elements.nextOfType(MI.uint32, 'the array flags');
  if (flags.length !== 8) elements.fail(`the array flags have ${flags.length} bytes instead of 8`);
  const word = new DataView(flags.buffer, flags.byteOffset, 8).getUint32(0, elements.context.littleEndian);
  const mxClass = word & 0xff;
  const isComplex = (word & 0x0800) !== 0;
  const isLogical = (word & 0x0200) !== 0;
  if (mxClass === MX.opaque) {
    const name = elements.string('the name');
    elements.string('the type system');
    return { mxClass, isComplex, isLogical, shape: [1, 1], name, className: elements.string('the class') };
  }
  const shape = elements.int32s('the dimensions');
  if (shape.length < 2 || shape.length > MAX_RANK || shape.some((length) => length < 0)) {
    elements.fail(
      `expected 2 to ${MAX_RANK} dimensions, got ${shape.length > MAX_RANK ? shape.length : shape.join(' x ')}`,
    );
  }
  const name = elements.string('the name');
  const className = mxClass === MX.object ? elements.string('the class') : '';
  return { mxClass, isComplex, isLogical, shape, name, className };
}
