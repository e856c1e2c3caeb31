import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { type NumericDtype, numericArray, type TextArray, type Value } from './array.ts';
import {
  attributesOf,
  childNames,
  DATASET,
  datasetMetadata,
  GROUP,
  type Hdf5File,
  identityOf,
  identityOfReference,
  joinNames,
  kindOf,
  readElementsOf,
  readNumbersOf,
  readStringsOf,
} from './hdf5-datasets.ts';
import type { Hdf5Metadata } from './hdf5-library.ts';
import { dtypeNameOf, H5T, numericDtypeOf } from './hdf5-types.ts';
import { castNumbers, fromColumnMajor, refusal, reorderValues, textFromColumnMajor, textShape } from './matlab.ts';
import { denseFromSparse, type SparseBudget, sparseBudget } from './sparse.ts';

const NUMERIC_CLASSES: ReadonlyMap<string, NumericDtype> = new Map<string, NumericDtype>([
  ['double', 'float64'],
  ['single', 'float32'],
  ['logical', 'bool'],
  ...(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const).map(
    (name) => [name, name] as const,
  ),
]);

const MAX_DEPTH = 64;
const MAX_VALUES = 1_000_000;
const MAX_EMPTY = 2 ** 31;

/** How an object of a MAT 7.3 file is to be read. */
interface Described {
  readonly dtype: string;
  /** In MATLAB's order of axes. */
  readonly shape: readonly number[];
  readonly read: (place: string, depth: number) => Value;
}

/** Reads objects of one open file; those that references name are found once. */
export interface MatlabReader {
  describe(name: string): Described;
}

/** A reader of MATLAB's objects in one open file, with a bound of its own on what they refer to and how sparse ones grow. */
export function matlabReader(file: Hdf5File): MatlabReader {
  const budget = sparseBudget();
  let nValues = 0;
  let targets: Map<string, string> | undefined;

  const count = (place: string, depth: number): void => {
    if (depth > MAX_DEPTH || ++nValues > MAX_VALUES) {
      throw new FormatError(file.path, 'cells and structs refer to each other without end; the file is damaged', place);
    }
  };
  const describe = (name: string): Described => {
    const attributes = attributesOf(file, name);
    const matlabClass = String(attributes.get('MATLAB_class') ?? '');
    if (kindOf(file, name) === GROUP) return describeGroup(name, attributes, matlabClass);
    const metadata = datasetMetadata(file, name);
    if (attributes.get('MATLAB_empty') === 1) return describeEmpty(file, name, metadata, matlabClass);
    if (attributes.has('MATLAB_object_decode') && !NUMERIC_CLASSES.has(matlabClass)) {
      return refused(file, matlabClass || 'object', [1, 1]);
    }
    return describeDataset(file, name, metadata, matlabClass, follow);
  };

  /** The value that a reference names; MATLAB keeps them in a group of its own. */
  const follow = (reference: Uint8Array, place: string, depth: number): Value => {
    count(place, depth);
    if (reference.every((byte) => byte === 0)) return numericArray('float64', [0, 0], new Float64Array(0));
    targets ??= listTargets(file);
    const name = targets.get(identityOfReference(reference)) ?? file.hdf5.get_referenced_name(file.id, reference, true);
    if (!name) throw new FormatError(file.path, 'refers to nothing in the file; it is damaged', place);
    return describe(name).read(place, depth + 1);
  };

  const describeGroup = (
    name: string,
    attributes: ReadonlyMap<string, string | number>,
    matlabClass: string,
  ): Described => {
    const nRows = attributes.get('MATLAB_sparse');
    if (typeof nRows === 'number') return describeSparse(file, name, nRows, matlabClass === 'logical', budget);
    if (matlabClass !== '' && matlabClass !== 'struct') return refused(file, matlabClass, [1, 1]);
    const fields = childNames(file, name);
    const columns = fields.map((field) => referenceColumn(file, joinNames(name, field)));
    const shape = columns[0]?.shape;
    const isArray =
      shape !== undefined &&
      columns.every((column) => column !== undefined && formatShape(column.shape) === formatShape(shape));
    const read = (place: string, depth: number): Value => {
      const values = fields.map((field, k): Value[] => {
        const at = joinNames(name, field);
        const column = columns[k];
        if (!isArray || column === undefined) {
          count(`${place}.${field}`, depth);
          return [describe(at).read(`${place}.${field}`, depth + 1)];
        }
        return readElementsOf(file, at, column.metadata).map((reference, element) =>
          follow(reference, `${place}(${element + 1}).${field}`, depth),
        );
      });
      const ordered = fields.map((field, k) => [field, isArray ? reorderValues(shape, values[k]) : values[k]] as const);
      return { kind: 'struct', shape: isArray ? shape : [1, 1], fields: Object.fromEntries(ordered) };
    };
    return { dtype: 'struct', shape: isArray ? shape : [1, 1], read };
  };

  return { describe };
}

/** A field of a struct array: references, and unlike a cell without a class of its own. */
function referenceColumn(
  file: Hdf5File,
  name: string,
): { shape: readonly number[]; metadata: Hdf5Metadata } | undefined {
  if (kindOf(file, name) !== DATASET) return undefined;
  const metadata = datasetMetadata(file, name);
  if (metadata.type !== H5T.reference || attributesOf(file, name).has('MATLAB_class')) return undefined;
  return { shape: matlabShape(metadata), metadata };
}

/** C's order of axes is MATLAB's reversed; MATLAB has at least two. */
function matlabShape({ shape }: Hdf5Metadata): readonly number[] {
  const reversed = (shape ?? [0, 0]).toReversed();
  return reversed.length >= 2 ? reversed : [1, reversed[0] ?? 1];
}

function listTargets(file: Hdf5File): Map<string, string> {
  const targets = new Map<string, string>();
  if (kindOf(file, '/#refs#') !== GROUP) return targets;
  for (const child of childNames(file, '/#refs#')) {
    const name = joinNames('/#refs#', child);
    if (kindOf(file, name) >= 0) targets.set(identityOf(file, name), name);
  }
  return targets;
}

function refused(file: Hdf5File, className: string, shape: readonly number[]): Described {
  return {
    dtype: className,
    shape,
    read: (place) => {
      throw new FormatError(file.path, refusal(className, shape), place);
    },
  };
}

/** An array without elements: what is stored is its size. */
function describeEmpty(file: Hdf5File, name: string, metadata: Hdf5Metadata, matlabClass: string): Described {
  const dtype = numericDtypeOf(metadata);
  const isSize = (metadata.shape?.length ?? 0) <= 1 && sizeOf(metadata.shape ?? [0]) <= 64 && dtype !== undefined;
  const stored = isSize ? Array.from(readNumbersOf(file, name, metadata, dtype), Number) : [0, 0];
  const shape = stored.length >= 2 ? stored : [0, 0];
  if (!shape.includes(0) || shape.some((length) => !(length >= 0 && length < MAX_EMPTY))) {
    throw new FormatError(file.path, `is marked as empty and of size ${formatShape(shape)}; the file is damaged`, name);
  }
  const read = (): Value => {
    if (matlabClass === 'cell') return { kind: 'cell', shape, data: [] };
    if (matlabClass === 'struct') return { kind: 'struct', shape, fields: {} };
    if (matlabClass === 'char') return textFromColumnMajor(shape, '') ?? { kind: 'text', shape: [0], data: [] };
    const dtype = NUMERIC_CLASSES.get(matlabClass) ?? 'float64';
    return numericArray(dtype, shape, castNumbers(dtype, new Float64Array(0)));
  };
  const kinds: Readonly<Record<string, string>> = { cell: 'cell', struct: 'struct', char: 'text' };
  const isText = matlabClass === 'char';
  return {
    dtype: kinds[matlabClass] ?? NUMERIC_CLASSES.get(matlabClass) ?? 'float64',
    shape: isText ? textShape(shape) : shape,
    read,
  };
}

function describeDataset(
  file: Hdf5File,
  name: string,
  metadata: Hdf5Metadata,
  matlabClass: string,
  follow: (reference: Uint8Array, place: string, depth: number) => Value,
): Described {
  const shape = matlabShape(metadata);
  const stored = numericDtypeOf(metadata);
  if (metadata.type === H5T.reference && metadata.ref_type === 'object') {
    const read = (place: string, depth: number): Value => {
      const values = readElementsOf(file, name, metadata).map((reference, k) =>
        follow(reference, `${place}{${k + 1}}`, depth),
      );
      return { kind: 'cell', shape, data: reorderValues(shape, values) };
    };
    return { dtype: 'cell', shape, read };
  }
  if (metadata.type === H5T.string) {
    const read = (): TextArray => ({
      kind: 'text',
      shape,
      data: reorderValues(shape, readStringsOf(file, name, metadata)),
    });
    return { dtype: 'text', shape, read };
  }
  if (stored === undefined) return refused(file, matlabClass || dtypeNameOf(metadata), shape);
  if (matlabClass === 'char') {
    return { dtype: 'text', shape: textShape(shape), read: (place) => readChars(file, name, place, metadata, stored) };
  }
  if (matlabClass !== '' && !NUMERIC_CLASSES.has(matlabClass)) return refused(file, matlabClass, shape);
  const isComplex = stored === 'complex64' || stored === 'complex128';
  const dtype = isComplex ? stored : (NUMERIC_CLASSES.get(matlabClass) ?? stored);
  return {
    dtype,
    shape,
    read: () => fromColumnMajor(dtype, shape, castNumbers(dtype, readNumbersOf(file, name, metadata, stored))),
  };
}

function readChars(file: Hdf5File, name: string, place: string, metadata: Hdf5Metadata, stored: NumericDtype): Value {
  const shape = matlabShape(metadata);
  const codes = Array.from(readNumbersOf(file, name, metadata, stored), Number);
  const wrong = codes.find((code) => !(Number.isInteger(code) && code >= 0 && code <= 0xffff));
  if (wrong !== undefined) throw new FormatError(file.path, `character code ${wrong}; the file is damaged`, place);
  const text = textFromColumnMajor(shape, codes.map((code) => String.fromCharCode(code)).join(''));
  if (text === undefined) throw new FormatError(file.path, `a char array of ${formatShape(shape)}`, place);
  return text;
}

/** A group of `data`, `ir` and `jc`: numbers, their rows, and where each column begins. */
function describeSparse(
  file: Hdf5File,
  name: string,
  nRows: number,
  isLogical: boolean,
  budget: SparseBudget,
): Described {
  const part = (child: string) => {
    const at = joinNames(name, child);
    return kindOf(file, at) === DATASET ? { at, metadata: datasetMetadata(file, at) } : undefined;
  };
  const starts = part('jc');
  if (starts === undefined)
    throw new FormatError(file.path, 'a sparse matrix without its columns; the file is damaged', name);
  const shape = [nRows, Math.max(0, sizeOf(starts.metadata.shape ?? [0]) - 1)];
  const stored = part('data');
  const isComplex = stored !== undefined && numericDtypeOf(stored.metadata)?.startsWith('complex') === true;
  const dtype = isComplex ? 'complex128' : isLogical ? 'bool' : 'float64';
  const read = (place: string): Value => {
    const numbers = ({ at, metadata }: { at: string; metadata: Hdf5Metadata }) =>
      readNumbersOf(file, at, metadata, numericDtypeOf(metadata) ?? 'float64');
    const fail = (problem: string): never => {
      throw new FormatError(file.path, problem, place);
    };
    const indices = part('ir');
    const rows = indices === undefined ? new Float64Array(0) : numbers(indices);
    const data = stored === undefined ? new Float64Array(0) : numbers(stored);
    const columns = new Float64Array(rows.length);
    const begins = Array.from(numbers(starts), Number);
    for (let column = 0; column + 1 < begins.length; column++) columns.fill(column, begins[column], begins[column + 1]);
    const every = (first: number) =>
      Float64Array.from({ length: data.length / 2 }, (_, k) => Number(data[2 * k + first]));
    const real = isComplex ? every(0) : data;
    const count = begins[begins.length - 1] ?? 0;
    return denseFromSparse(
      { shape, dtype, count, rows, columns, real, imaginary: isComplex ? every(1) : undefined },
      budget,
      fail,
    );
  };
  return { dtype, shape, read };
}
