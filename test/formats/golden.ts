import { readFileSync } from 'node:fs';
import type { OpenedFile, Value } from '../../src/formats/array.ts';
import { bytesSource, type Source } from '../../src/formats/source.ts';

interface ExpectedEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** As Python writes numbers: `nan`, `-inf`, all digits of 64-bit integers. */
  readonly data: readonly string[];
}

/** What test/golden/formats/generate.py wrote down. */
export interface Expected {
  readonly files: Readonly<
    Record<string, { readonly entries: Record<string, ExpectedEntry>; readonly metadata?: Record<string, string> }>
  >;
  readonly rounding: { readonly float32: number[]; readonly float16: number[]; readonly bfloat16: number[] };
  readonly crc32: Readonly<Record<string, number>>;
}

const FOLDER = new URL('../golden/formats/', import.meta.url);

export const expected = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8')) as Expected;

export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

export function goldenSource(name: string): Source {
  return bytesSource(name, goldenBytes(name));
}

/** Everything in a file, numbers as texts as Python writes them. */
export async function readAll(file: OpenedFile): Promise<Record<string, ExpectedEntry>> {
  const pairs = file.entries.map(async ({ name, dtype, shape }) => {
    const value = await file.read(name);
    return [name, { dtype, shape, data: texts(value) }] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function texts(value: Value): string[] {
  if (value.kind === 'text') return [...value.data];
  if (value.kind === 'numeric') return Array.from(value.data as ArrayLike<number | bigint>, canonical);
  throw new Error(`unexpected ${value.kind}`);
}

/** The same number, spelt one way. */
export function canonical(value: number | bigint | string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return String(BigInt(value));
  const number = typeof value === 'string' ? Number(value.replace(/inf$/, 'Infinity')) : value;
  return Object.is(number, -0) ? '-0.0' : String(number);
}
