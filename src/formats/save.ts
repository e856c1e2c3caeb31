import { UsageError } from '../core/errors.ts';
import type { NumericArray, TextArray } from './array.ts';
import { endingOf } from './open.ts';
import type { Sink } from './source.ts';

/** Arrays by name, in the order they are written in. */
export type NamedArrays = Readonly<Record<string, NumericArray | TextArray>>;

/** Writes arrays in one format. */
type Writer = (sink: Sink, arrays: NamedArrays, metadata: Readonly<Record<string, string>>) => Promise<void>;

const WRITERS: Readonly<Record<string, Writer>> = {
  async npy(sink, arrays) {
    await (await import('./npy.ts')).writeNpy(sink, soleNumeric('npy', arrays).array);
  },
  async npz(sink, arrays) {
    await (await import('./npz.ts')).writeNpz(sink, arrays);
  },
  async csv(sink, arrays) {
    const { array, texts } = soleNumeric('csv', arrays);
    const names = texts['names'];
    const { rows = names, columns = names } = texts;
    const options = { ...(rows && { rows }), ...(columns && { columns }) };
    await (await import('./csv-write.ts')).writeCsv(sink, array, options);
  },
  async mat(sink, arrays) {
    await (await import('./mat5-write.ts')).writeMat5(sink, arrays);
  },
  async safetensors(sink, arrays, metadata) {
    const { numeric, texts } = byKind(arrays);
    const asJson = Object.entries(texts).map(([name, data]) => [name, JSON.stringify(data)]);
    const { writeSafetensors } = await import('./safetensors-write.ts');
    await writeSafetensors(sink, numeric, { ...metadata, ...Object.fromEntries(asJson) });
  },
};

/** Endings of names that can be written. */
export const WRITABLE_ENDINGS: readonly string[] = Object.keys(WRITERS);

/**
 * The ending that says in which format a file is written.
 * @throws UsageError where it is none that can be written; call it before long work
 */
export function writableEnding(path: string): string {
  const ending = endingOf(path);
  if (Object.hasOwn(WRITERS, ending)) return ending;
  const known = WRITABLE_ENDINGS.map((known) => `.${known}`).join(' ');
  throw new UsageError(`${path}: expected a name that ends in one of ${known}`);
}

/**
 * Writes arrays in the format that an ending names. `npy` and `csv` hold one numeric array; what text arrays become: in `csv` those called
 * `rows`, `columns` or `names` (both) the names of the table, in `npy` nothing, in `safetensors` JSON arrays in the metadata.
 * @param sink takes the bytes
 * @param ending as `writableEnding` gives it
 * @param arrays by name
 * @param options what is written beside them
 * @param options.metadata free texts, kept by safetensors alone
 * @throws UsageError where the format cannot hold these arrays
 */
export async function saveArrays(
  sink: Sink,
  ending: string,
  arrays: NamedArrays,
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  await WRITERS[writableEnding(`.${ending}`)](sink, arrays, metadata);
}

function byKind(arrays: NamedArrays) {
  // Without a prototype, so that __proto__ is a name as any other.
  const numeric: Record<string, NumericArray> = Object.create(null);
  const texts: Record<string, readonly string[]> = Object.create(null);
  for (const [name, array] of Object.entries(arrays)) {
    if (array.kind === 'numeric') numeric[name] = array;
    else texts[name] = array.data;
  }
  return { numeric, texts };
}

function soleNumeric(ending: string, arrays: NamedArrays) {
  const { numeric, texts } = byKind(arrays);
  const found = Object.values(numeric);
  if (found.length !== 1) {
    const names = Object.keys(numeric).join(', ');
    throw new UsageError(`.${ending}: holds one array, got ${found.length} (${names}); write .npz or .mat instead`);
  }
  return { array: found[0], texts };
}
