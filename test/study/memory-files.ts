import { float64Array, type OpenedFile } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { type NamedArrays, saveArrays } from '../../src/formats/save.ts';
import { bytesSource, memorySink, type Source } from '../../src/formats/source.ts';

/** A file in memory that holds these arrays, in the format its name's ending says. */
export async function fileOf(
  name: string,
  arrays: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Source> {
  const sink = memorySink();
  await saveArrays(sink, name.replace(/^.*\./, ''), arrays, { metadata });
  return bytesSource(name, sink.bytes());
}

/** The same, opened. */
export async function openedFileOf(name: string, arrays: NamedArrays): Promise<OpenedFile> {
  return openFile(await fileOf(name, arrays));
}

/** A text file in memory. */
export function textFile(name: string, text: string): Source {
  return bytesSource(name, new TextEncoder().encode(text));
}

/** Numbers nested as deep as the array has axes. */
export type Nested = number | readonly Nested[];

/** An array of numbers nested as deep as it has axes. */
export function arrayOf(nested: Nested) {
  const shape: number[] = [];
  for (let level: Nested = nested; typeof level !== 'number'; level = level[0]) shape.push(level.length);
  return float64Array(shape, [nested].flat(8) as number[]);
}

/** Strings as an array. */
export function textsOf(data: readonly string[]) {
  return { kind: 'text' as const, shape: [data.length], data };
}

/** A symmetric matrix of distinct values that differ from seed to seed, zeros on its diagonal. */
export function squareRdm(n: number, seed = 0): number[][] {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => {
      const [low, high] = i < j ? [i, j] : [j, i];
      return i === j ? 0 : 1 + Math.sin(1 + low * 12.9898 + high * 78.233 * (1 + seed / 7));
    }),
  );
}

/** The upper triangle of a square matrix. */
export function upperTriangle(square: readonly (readonly number[])[]): number[] {
  return square.flatMap((row, i) => row.slice(i + 1));
}

/** The square matrix of an upper triangle. */
export function squareOf(upper: readonly number[]): number[][] {
  const n = Math.round((1 + Math.sqrt(1 + 8 * upper.length)) / 2);
  const square = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  let pair = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) square[i][j] = square[j][i] = upper[pair++];
  return square;
}
