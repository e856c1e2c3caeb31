import { FormatError } from '../core/errors.ts';
import type { Entry, OpenedFile } from './array.ts';
import { type ElementContext, Elements, type MatrixHead, MI, MX, readMatrixHead } from './mat5-elements.ts';
import { describeMatrix, readMatrix } from './mat5-values.ts';
import { type NamedEntries, namedEntries } from './named-entries.ts';
import type { Source } from './source.ts';
import { sparseBudget } from './sparse.ts';
import { inflateHead, inflateWhole } from './zlib.ts';

/** An array of the file: where its element lies, and its head. */
interface Variable extends Entry {
  readonly head: MatrixHead;
  readonly start: number;
  /** Bytes of the element, without its tag. */
  readonly length: number;
  readonly compressed: boolean;
}

const HEADER_LENGTH = 128;
// Flags, dimensions and name; the longest that MATLAB writes take some 150 bytes.
const LARGEST_HEAD = 1024;
const MAX_VARIABLES = 20_000;

/**
 * Opens a MAT-file of version 5 (MATLAB's -v6 and -v7): names, types and shapes are read, arrays when they are asked for.
 * @throws FormatError where it is no such file or its elements do not fit into it
 * @source MathWorks, MAT-File Format (2024)
 */
export async function openMat5(source: Source): Promise<OpenedFile> {
  if (source.size < HEADER_LENGTH) {
    throw new FormatError(source.name, `expected a header of ${HEADER_LENGTH} bytes, the file has ${source.size}`);
  }
  const header = await source.read(0, HEADER_LENGTH);
  const context = { path: source.name, littleEndian: isLittleEndian(source, header) };
  const variables = namedEntries(source.name, 'variable', await listVariables(source, context, header));
  return {
    format: 'mat5',
    entries: variables.entries.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    metadata: { header: new TextDecoder('latin1').decode(header.subarray(0, 116)).replace(/[\s\0]+$/, '') },
    read: async (name) => readVariable(source, context, variables, name),
  };
}

function isLittleEndian(source: Source, header: Uint8Array): boolean {
  const mark = String.fromCharCode(header[126], header[127]);
  const littleEndian = mark === 'IM';
  const version = new DataView(header.buffer, header.byteOffset).getUint16(124, littleEndian);
  if (littleEndian && version >> 8 === 2) {
    throw new FormatError(
      source.name,
      'the header says version 7.3, but no HDF5 file follows it; the file is truncated or damaged',
    );
  }
  if ((!littleEndian && mark !== 'MI') || version >> 8 !== 1) {
    throw new FormatError(source.name, 'expected the header of a MAT-file of version 5; the file is of another kind');
  }
  return littleEndian;
}

async function listVariables(source: Source, context: ElementContext, header: Uint8Array): Promise<Variable[]> {
  const subsystem = Number(new DataView(header.buffer, header.byteOffset).getBigUint64(116, context.littleEndian));
  const variables: Variable[] = [];
  for (let at = HEADER_LENGTH; at < source.size; ) {
    const place = `byte ${at}`;
    if (at + 8 > source.size) throw new FormatError(source.name, 'ends in the middle of a tag: it is truncated', place);
    const tag = await source.read(at, 8);
    const view = new DataView(tag.buffer, tag.byteOffset, 8);
    const type = view.getUint32(0, context.littleEndian);
    const length = view.getUint32(4, context.littleEndian);
    if (type !== MI.matrix && type !== MI.compressed) {
      throw new FormatError(
        source.name,
        `expected an array, got an element of type ${type}; the file is corrupt`,
        place,
      );
    }
    const start = at + 8;
    if (start + length > source.size) {
      const problem = `expected an array of ${length} bytes, ${source.size - start} are left: the file is truncated`;
      throw new FormatError(source.name, problem, place);
    }
    if (variables.length === MAX_VARIABLES)
      throw new FormatError(source.name, `more than ${MAX_VARIABLES} variables`, place);
    const variable = await describeVariable(source, context, start, length, type === MI.compressed);
    // MATLAB keeps what objects and function handles refer to in an array without a name.
    if (variable.name !== '' && at !== subsystem) variables.push(variable);
    at = start + length;
  }
  return variables;
}

async function describeVariable(
  source: Source,
  context: ElementContext,
  start: number,
  length: number,
  compressed: boolean,
): Promise<Variable> {
  const place = `byte ${start - 8}`;
  let bytes: Uint8Array;
  let inner = length;
  if (compressed) {
    const inflated = await inflateHead(source, { offset: start, length, place }, LARGEST_HEAD);
    inner = innerLength(source, context, inflated, place);
    bytes = inflated.subarray(8, 8 + inner);
  } else {
    bytes = await source.read(start, Math.min(length, LARGEST_HEAD));
  }
  const head = readMatrixHead(new Elements(context, bytes, place));
  return { ...describeMatrix(head), name: head.name, head, start, length, compressed };
}

/** Bytes of the one array that a compressed element holds. */
function innerLength(source: Source, context: ElementContext, inflated: Uint8Array, place: string): number {
  const view = new DataView(inflated.buffer, inflated.byteOffset, inflated.length);
  if (inflated.length < 8 || view.getUint32(0, context.littleEndian) !== MI.matrix) {
    throw new FormatError(source.name, 'expected an array in the compressed bytes; the file is corrupt', place);
  }
  return view.getUint32(4, context.littleEndian);
}

async function readVariable(source: Source, context: ElementContext, variables: NamedEntries<Variable>, name: string) {
  const { start, length, compressed, head } = variables.find(name);
  let bytes: Uint8Array;
  if (compressed) {
    const stream = { offset: start, length, place: name };
    const inner = innerLength(source, context, await inflateHead(source, stream, 8), name);
    bytes = (await inflateWhole(source, stream, 8 + inner)).subarray(8);
  } else {
    // What cannot be interpreted need not be read.
    const refused = head.mxClass === MX.function || head.mxClass === MX.object || head.mxClass === MX.opaque;
    bytes = await source.read(start, refused ? Math.min(length, LARGEST_HEAD) : length);
  }
  return readMatrix(new Elements(context, bytes, name), sparseBudget());
}
