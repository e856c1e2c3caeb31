import type { StageShape } from '../backbones/backbone.ts';
import { digestBytes, digestText } from '../core/digest.ts';
import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import type { OnNotice, OnProgress } from '../core/progress.ts';
import { formatShape } from '../core/shape.ts';
import type { Entry, NumericArray, OpenedFile } from '../formats/array.ts';
import { NAMES } from '../formats/condition-names.ts';
import { isReal } from '../formats/real-numbers.ts';
import { rowReader } from '../formats/rows.ts';
import { checkFinite } from './extraction.ts';
import type { FeatureStream } from './features.ts';
import { readRowNames, rowsOfNames } from './named-rows.ts';
import { bytesOf } from './spilled-features.ts';

/** Which of a file's activations are wanted. */
export interface FileFeaturesOptions {
  /** The file's path, for messages. */
  readonly path?: string;
  /** Arrays in order; by default all that have two to four axes. */
  readonly stages?: readonly string[];
  /** Images in order; by default all rows. */
  readonly conditions?: readonly string[];
  readonly onNotice?: OnNotice | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Stage features from activations that were computed elsewhere, images along the first axis: n x C x H x W, n x tokens x dim (a token is a
 * position, a dimension a channel), or n x C. Numbers become float32. The rows' names are where `readConditionNames` looks; where there are
 * none, row i is taken for the i-th image, and a notice says so. The key is a digest of the features, so the file is read once for it.
 * @throws UsageError where an array or image is not there; ShapeError where arrays, names and images do not fit each other; FormatError
 *   where names are no names, or a feature is NaN or infinite
 */
export async function fileFeatures(file: OpenedFile, options: FileFeaturesOptions = {}): Promise<FeatureStream> {
  const { path = `${file.format} file of features`, onNotice, onProgress } = options;
  const entries = chooseEntries(file, options.stages, path);
  const [nRows] = entries[0].shape;
  const names = await readRowNames(file, path, nRows);
  const { conditions, rows } = chooseRows(names, nRows, options.conditions, path, onNotice);
  const stages = entries.map(stageOfEntry);

  async function* read(report?: OnProgress): AsyncGenerator<Float32Array[]> {
    const readers = entries.map(({ name }) => rowReader(file, name));
    report?.({ phase: 'reading features', done: 0, total: rows.length });
    for (const [k, row] of rows.entries()) {
      const features: Float32Array[] = [];
      for (const [stage, reader] of readers.entries()) {
        features.push(channelsFirst(toFloat32(await reader(row, 1)), stages[stage], entries[stage].shape.length));
      }
      checkFinite(features, stages, `${path}: ${conditions[k]}`);
      yield features;
      report?.({ phase: 'reading features', done: k + 1, total: rows.length });
    }
  }

  const digests: string[] = [];
  for await (const features of read()) {
    for (const values of features) digests.push(await digestBytes(bytesOf(values)));
  }
  const key = await digestText(JSON.stringify(['file features', stages, conditions, digests]));
  return { conditions, stages, key, read: () => read(onProgress) };
}

function chooseEntries(file: OpenedFile, wanted: readonly string[] | undefined, path: string): readonly Entry[] {
  const usable = file.entries.filter(
    ({ name, dtype, shape }) => name !== NAMES && isReal(dtype) && shape.length >= 2 && shape.length <= 4,
  );
  const listed = file.entries.map(({ name, dtype, shape }) => `${name} (${dtype}, ${formatShape(shape)})`).join(', ');
  const entries = wanted === undefined ? usable : wanted.map((name) => namedEntry(usable, name, path, listed));
  if (entries.length === 0) {
    throw new UsageError(
      `${path}: expected arrays of numbers with two to four axes, images along the first, got ${listed || 'nothing'}`,
    );
  }
  const [first] = entries;
  const other = entries.find(({ shape }) => shape[0] !== first.shape[0]);
  if (other !== undefined) {
    throw new ShapeError(
      `${path}: expected the same number of images in all arrays, got ${first.shape[0]} in ${first.name} and ${other.shape[0]} in ${other.name}; name the arrays that are stages`,
    );
  }
  const empty = entries.find(({ shape }) => shape.includes(0));
  if (empty !== undefined)
    throw new ShapeError(`${path}, ${empty.name}: the array is empty, ${formatShape(empty.shape)}`);
  return entries;
}

function namedEntry(usable: readonly Entry[], name: string, path: string, listed: string): Entry {
  const entry = usable.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new UsageError(
    `${path}: there is no array ${name} of numbers with two to four axes; there is: ${listed || 'nothing'}`,
  );
}

function chooseRows(
  names: readonly string[] | null,
  nRows: number,
  wanted: readonly string[] | undefined,
  path: string,
  onNotice: OnNotice | undefined,
): { conditions: readonly string[]; rows: readonly number[] } {
  const all = Array.from({ length: nRows }, (_, row) => row);
  if (names !== null) {
    return wanted === undefined
      ? { conditions: names, rows: all }
      : { conditions: wanted, rows: rowsOfNames(names, wanted, path) };
  }
  if (wanted === undefined) {
    onNotice?.(`${path}: the file names no images; its rows are called 1 to ${nRows}`);
    return { conditions: all.map((row) => String(row + 1)), rows: all };
  }
  if (wanted.length !== nRows) {
    throw new ShapeError(
      `${path}: the file names no images, and has ${nRows} rows for ${wanted.length} images; add an array \`${NAMES}\` that names its rows`,
    );
  }
  onNotice?.(
    `${path}: the file names no images; row i is taken for the i-th image in order (${wanted[0]} ... ${wanted.at(-1)})`,
  );
  return { conditions: wanted, rows: all };
}

function stageOfEntry({ name, shape: [, ...axes] }: Entry): StageShape {
  const [channels, height, width] = axes.length === 2 ? [axes[1], axes[0], 1] : [axes[0], axes[1] ?? 1, axes[2] ?? 1];
  return { name, channels, height, width };
}

/** tokens x dim to dim x tokens; other rows have their channels first already. */
function channelsFirst(values: Float32Array, { channels, height }: StageShape, nAxes: number): Float32Array {
  if (nAxes !== 3) return values;
  const turned = new Float32Array(values.length);
  for (let token = 0; token < height; token++) {
    for (let channel = 0; channel < channels; channel++) {
      turned[channel * height + token] = values[token * channels + channel];
    }
  }
  return turned;
}

/** A copy, which is the reader's to keep. */
function toFloat32({ data, dtype }: NumericArray): Float32Array {
  if (dtype.startsWith('complex')) throw new FormatError('features', 'expected real numbers, got complex ones');
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float32Array.from(data, Number)
    : Float32Array.from(data);
}
