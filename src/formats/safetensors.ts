import { FormatError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { numericArray, type OpenedFile } from './array.ts';
import { namedEntries } from './named-entries.ts';
import { bytesPerElement, readNumbers } from './numbers.ts';
import { checkRows } from './rows.ts';
import { SAFETENSORS_DTYPES as DTYPES } from './safetensors-dtypes.ts';
import type { Source } from './source.ts';

/** Types that are shown but not read: a byte an element, in one of several meanings. */
const BYTE_FLOATS = /^F8_[A-Z0-9]+$/;
const LONGEST_HEADER = 100_000_000;
const MOST_TENSORS = 100_000;
const PREFIX = 8;

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Where its bytes begin and end, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Opens a .safetensors file.
 * @throws FormatError where the header is longer than 100 MB, names more than 100,000 tensors or is no JSON, or the tensors do not fill the rest of the file without gap and overlap
 * @source https://github.com/huggingface/safetensors#format
 */
export async function openSafetensors(source: Source): Promise<OpenedFile> {
  const { header, dataOffset } = await readHeader(source);
  const { __metadata__: metadata, ...described } = header;
  const tensors = Object.entries(described)
    .map(([name, value]) => checkTensor(source.name, name, value))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(source.name, tensors, source.size - dataOffset);
  const { find } = namedEntries(source.name, 'tensor', tensors);
  const part = async ({ name, dtype, shape, begin }: Tensor, first: number, rows: readonly number[]) => {
    if (!Object.hasOwn(DTYPES, dtype)) {
      throw new FormatError(source.name, `${dtype} is not read; save it as F16, BF16 or F32`, name);
    }
    const numeric = DTYPES[dtype];
    const offset = dataOffset + begin + first * sizeOf(shape.slice(1)) * bytesPerElement(numeric);
    return numericArray(numeric, rows, await readNumbers(source, offset, numeric, sizeOf(rows), { place: name }));
  };
  return {
    format: 'safetensors',
    entries: tensors.map(({ name, dtype, shape }) => ({ name, dtype: DTYPES[dtype] ?? dtype, shape })),
    metadata: checkMetadata(source.name, metadata),
    async read(name) {
      const tensor = find(name);
      return part(tensor, 0, tensor.shape);
    },
    async readRows(name, first, count) {
      const tensor = find(name);
      checkRows(name, tensor.shape, first, count);
      return part(tensor, first, [count, ...tensor.shape.slice(1)]);
    },
  };
}

async function readHeader(source: Source): Promise<{ header: Record<string, unknown>; dataOffset: number }> {
  const fail = (problem: string) => new FormatError(source.name, problem, 'safetensors header');
  if (source.size < PREFIX) throw fail('the file is truncated');
  const prefix = await source.read(0, PREFIX);
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) throw fail(`claims ${length} bytes, at most 100 MB are allowed`);
  const dataOffset = PREFIX + Number(length);
  if (dataOffset > source.size)
    throw fail(`claims ${length} bytes, the file has ${source.size} in all; it is truncated`);
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await source.read(PREFIX, Number(length)));
    header = JSON.parse(text);
  } catch (error) {
    throw fail(`expected JSON, got something else (${error instanceof Error ? error.message.slice(0, 80) : error})`);
  }
  if (!isRecord(header)) throw fail('expected a JSON object');
  const count = Object.keys(header).length;
  if (count > MOST_TENSORS) throw fail(`expected at most ${MOST_TENSORS} tensors, got ${count}`);
  return { header, dataOffset };
}

function checkTensor(path: string, name: string, value: unknown): Tensor {
  const fail = (problem: string) => new FormatError(path, problem, `tensor ${name}`);
  if (!isRecord(value)) throw fail('expected {dtype, shape, data_offsets}');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !(Object.hasOwn(DTYPES, dtype) || BYTE_FLOATS.test(dtype))) {
    throw fail(
      `expected a dtype of ${Object.keys(DTYPES).join(' ')}, got ${dtype === undefined ? 'none' : JSON.stringify(dtype).slice(0, 40)}`,
    );
  }
  if (!isWholeNumbers(shape)) throw fail('expected a shape of whole numbers');
  if (!isWholeNumbers(offsets) || offsets.length !== 2) throw fail('expected two whole numbers as data_offsets');
  const [begin, end] = offsets;
  const needed =
    (shape.includes(0) ? 0 : sizeOf(shape)) * (Object.hasOwn(DTYPES, dtype) ? bytesPerElement(DTYPES[dtype]) : 1);
  if (end - begin !== needed) {
    throw fail(`${dtype} ${formatShape(shape)} needs ${needed} bytes, its offsets span ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function checkLayout(path: string, tensors: readonly Tensor[], there: number): void {
  let at = 0;
  for (const { name, begin, end } of tensors) {
    if (begin !== at) {
      throw new FormatError(
        path,
        `begins at ${begin}, where ${at} was expected: a gap or an overlap`,
        `tensor ${name}`,
      );
    }
    if (end > there) {
      throw new FormatError(
        path,
        `ends at ${end}, the file has ${there} bytes of data; it is truncated`,
        `tensor ${name}`,
      );
    }
    at = end;
  }
  if (at !== there) throw new FormatError(path, `expected ${at} bytes of data, the file has ${there}`);
}

function checkMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw new FormatError(path, 'expected texts only', '__metadata__');
  }
  return metadata as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
