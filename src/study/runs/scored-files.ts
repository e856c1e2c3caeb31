import { condensedLength } from '../../core/condensed.ts';
import { FormatError } from '../../core/errors.ts';
import { float64Array, type NumericArray, numericArray, type OpenedFile, toFloat64 } from '../../formats/array.ts';
import { openFile } from '../../formats/open.ts';
import { saveArrays } from '../../formats/save.ts';
import { THUMBNAIL_SIDE, type Thumbnails } from '../../images/thumbnails.ts';
import { type Environment, readText, withSource, writeText } from '../environment.ts';
import type { Scoring } from '../scoring/score-fits.ts';
import type { ScoredSet } from '../scoring/scored-set.ts';
import { checked } from './stored-json.ts';
import { storedScores } from './stored-schemas.ts';

/** Files of a run that tell how it scores: what is plain, and the arrays behind it. */
export const SCORED_FILES = { sheets: 'scores.json', arrays: 'scored.safetensors' } as const;

const VERSION = 1;

/** Arrays of the k-th set; those of what was learnt from begin with `learnt`. */
const nameOf = (set: number, what: string) => `set${set}.${what}`;
const LEARNT = 'learnt';

/** Scored sets without their arrays. */
export function plainSets(scored: readonly ScoredSet[]) {
  return scored.map(({ predicted: _, stageParts: __, measured: ___, thumbnails: ____, rivals, ...plain }) => ({
    ...plain,
    rivals: rivals.map(({ name, kind, about }) => ({ name, kind, about })),
  }));
}

/** Writes what `readScored` reads. */
export async function writeScored(
  folder: string,
  { scored, learnt }: Scoring,
  environment: Pick<Environment, 'writeFile' | 'joinPath'>,
): Promise<void> {
  const arrays: Record<string, NumericArray> = { ...thumbnailArrays(LEARNT, learnt.thumbnails) };
  for (const [k, { predicted, stageParts, measured, rivals, thumbnails }] of scored.entries()) {
    const nPairs = predicted.length;
    const put = (what: string, values: Float64Array, shape: readonly number[]) => {
      arrays[nameOf(k, what)] = float64Array(shape, values);
    };
    put('predicted', predicted, [nPairs]);
    put('mean', measured.mean, [nPairs]);
    if (measured.sd !== null) put('sd', measured.sd, [nPairs]);
    if (stageParts !== null) put('stages', stageParts, [stageParts.length / nPairs, nPairs]);
    for (const [r, { values }] of rivals.entries()) put(`rival${r}`, values, [nPairs]);
    Object.assign(arrays, thumbnailArrays(`set${k}`, thumbnails));
  }
  const path = (file: string) => environment.joinPath(folder, file);
  await environment.writeFile(path(SCORED_FILES.arrays), (sink) => saveArrays(sink, 'safetensors', arrays));
  const plain = { version: VERSION, learnt: learnt.names, sets: plainSets(scored) };
  await writeText(environment, path(SCORED_FILES.sheets), `${JSON.stringify(plain, null, 2)}\n`);
}

/**
 * Reads what `writeScored` wrote.
 * @throws FormatError where a file is damaged, of another version, or the two do not belong together; UsageError where one is not there
 */
export async function readScored(
  folder: string,
  environment: Pick<Environment, 'openSource' | 'joinPath'>,
): Promise<Scoring> {
  const sheetsPath = environment.joinPath(folder, SCORED_FILES.sheets);
  const stored = checked(await readText(environment, sheetsPath), sheetsPath, storedScores);
  const path = environment.joinPath(folder, SCORED_FILES.arrays);
  return withSource(environment, path, async (source) => {
    const file = await openFile(source);
    const scored: ScoredSet[] = [];
    for (const [k, { rivals: plainRivals, ...plain }] of stored.sets.entries()) {
      const nPairs = condensedLength(plain.conditions.length);
      const read = (what: string) => readValues(file, path, nameOf(k, what), nPairs);
      const optional = (what: string) => (isThere(file, nameOf(k, what)) ? read(what) : null);
      const rivals: ScoredSet['rivals'][number][] = [];
      for (const [r, rival] of plainRivals.entries()) rivals.push({ ...rival, values: await read(`rival${r}`) });
      scored.push({
        ...{ ...plain, source: sourceOf(plain.source), rivals },
        predicted: await read('predicted'),
        measured: { mean: await read('mean'), sd: await optional('sd') },
        stageParts: isThere(file, nameOf(k, 'stages'))
          ? await readStages(file, path, nameOf(k, 'stages'), nPairs)
          : null,
        thumbnails: await readThumbnails(file, path, `set${k}`, plain.conditions.length),
      });
    }
    const thumbnails = await readThumbnails(file, path, LEARNT, stored.learnt.length);
    return { scored, learnt: { names: stored.learnt, thumbnails } };
  });
}

function sourceOf({
  rdms,
  variable,
}: {
  readonly rdms: string;
  readonly variable?: string | undefined;
}): ScoredSet['source'] {
  return { rdms, ...(variable !== undefined && { variable }) };
}

function isThere({ entries }: OpenedFile, name: string): boolean {
  return entries.some((entry) => entry.name === name);
}

/** A finite number a pair. */
function readValues(file: OpenedFile, path: string, name: string, nPairs: number): Promise<Float64Array> {
  return readNumbers(file, path, name, { nPairs, nAxes: 1 });
}

/** A finite number a stage and pair. */
function readStages(file: OpenedFile, path: string, name: string, nPairs: number): Promise<Float64Array> {
  return readNumbers(file, path, name, { nPairs, nAxes: 2 });
}

/** Finite numbers whose last axis is pairs. */
async function readNumbers(
  file: OpenedFile,
  path: string,
  name: string,
  { nPairs, nAxes }: { readonly nPairs: number; readonly nAxes: number },
): Promise<Float64Array> {
  const value = await file.read(name);
  if (value.kind !== 'numeric' || value.shape.length !== nAxes || value.shape.at(-1) !== nPairs) {
    throw new FormatError(
      path,
      `expected values of ${nPairs} pairs, got ${value.shape.join(' x ')}; run hypercolumn fit again`,
      name,
    );
  }
  const values = toFloat64(value.data);
  const wrong = values.findIndex((number) => !Number.isFinite(number));
  if (wrong === -1) return values;
  throw new FormatError(path, `expected finite numbers, got ${values[wrong]}; run hypercolumn fit again`, name);
}

function thumbnailArrays(name: string, { pixels, sizes }: Thumbnails): Record<string, NumericArray> {
  const nImages = sizes.length / 2;
  return {
    [`${name}.thumbnails`]: numericArray('uint8', [nImages, THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3], pixels),
    [`${name}.sizes`]: numericArray('uint32', [nImages, 2], sizes),
  };
}

async function readThumbnails(file: OpenedFile, path: string, name: string, nImages: number): Promise<Thumbnails> {
  const [pixels, sizes] = [await file.read(`${name}.thumbnails`), await file.read(`${name}.sizes`)];
  const expected = nImages * THUMBNAIL_SIDE ** 2 * 3;
  if (
    pixels.kind === 'numeric' &&
    sizes.kind === 'numeric' &&
    pixels.data instanceof Uint8Array &&
    sizes.data instanceof Uint32Array &&
    pixels.data.length === expected &&
    sizes.data.length === 2 * nImages
  ) {
    return { pixels: pixels.data, sizes: sizes.data };
  }
  throw new FormatError(
    path,
    `expected pictures of ${nImages} images; run hypercolumn fit again`,
    `${name}.thumbnails`,
  );
}
