import { FormatError, UsageError } from '../../core/errors.ts';
import { type Gram, plainGram } from '../../core/gram.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import { type Entry, type OpenedFile, toFloat64 } from '../../formats/array.ts';
import { NAMES, readConditionNames } from '../../formats/condition-names.ts';
import { openFile } from '../../formats/open.ts';
import { isReal } from '../../formats/real-numbers.ts';
import type { Source } from '../../formats/source.ts';
import { DISTANCE_METRICS, type DistanceMetric, indexOfNonFinite, rdmOf } from '../../rdm/distances.ts';
import type { Conditions, Rdm } from '../../rdm/rdm.ts';
import { NOISE_METRICS } from '../settings/choices.ts';
import { namedVariable } from './named-variable.ts';

/** Which rows, and how they are compared. */
export interface RdmOfFeaturesOptions {
  /** The array; without it the file's only one that has rows. */
  readonly variable?: string;
  readonly metric?: DistanceMetric;
  /** Makes a faster product than the plain one; asked only where that is worth it. */
  readonly openGram?: () => Promise<Gram>;
}

// Multiplications that plain loops do in about a second.
const MANY_PRODUCTS = 1e9;
// Their RDM takes 8 GiB as a square.
const MOST_ROWS = 32_768;

/**
 * RDM of the rows of an array in a file; axes beyond the first are flattened. Names come from the file, where it has them.
 * @throws UsageError where the variable is not there, or is not named and there are several
 * @throws FormatError for fewer than 2 rows, and for values that are not finite or rows without a distance, naming the condition
 */
export async function rdmOfFeatures(
  source: Source,
  { variable, metric = 'correlation', openGram }: RdmOfFeaturesOptions = {},
): Promise<Rdm> {
  const file = await openFile(source);
  const path = source.name;
  const { rows, n, d, entry, placeOf } = await readFeatureRows(file, path, variable);
  const conditions = await readConditionNames(file, path, n);
  checkRows(rows, n, d, { path, metric, place: (row) => placeOf(row, conditions) });
  const products = metric === 'cityblock' ? 0 : n * n * d;
  const gram = openGram !== undefined && products > MANY_PRODUCTS ? await openGram() : plainGram;
  return finite(await rdmOf(rows, n, d, { metric, gram, conditions }), path, entry.name);
}

/** An array's rows, axes beyond the first flattened. */
export interface FeatureRows {
  readonly rows: Float32Array | Float64Array;
  readonly n: number;
  readonly d: number;
  readonly entry: Entry;
  /** A row, as messages call it. */
  readonly placeOf: (row: number, names: Conditions) => string;
}

/**
 * Reads the rows of an array of a file.
 * @param variable the array; where there is none the file's only one that has rows
 * @throws UsageError where it is not there, or is not named and there are several; FormatError for fewer than 2 rows and for values that are not
 * finite
 */
export async function readFeatureRows(
  file: OpenedFile,
  path: string,
  variable: string | undefined,
): Promise<FeatureRows> {
  const entry = chooseRows(file, path, variable);
  const value = await file.read(entry.name);
  if (value.kind !== 'numeric' || !isReal(value.dtype) || value.shape.length < 2) {
    const got = value.kind === 'numeric' ? `${value.dtype} ${formatShape(value.shape)}` : value.kind;
    throw new FormatError(path, `expected real numbers in rows and columns, got ${got}`, entry.name);
  }
  const [n, ...rest] = value.shape;
  const d = sizeOf(rest);
  if (n < 2 || d < 1) {
    throw new FormatError(
      path,
      `expected at least 2 rows of at least 1 column, got ${formatShape(value.shape)}`,
      entry.name,
    );
  }
  if (n > MOST_ROWS) {
    throw new FormatError(
      path,
      `expected at most ${MOST_ROWS} rows, got ${n}; rows are conditions, transpose the array if they stand in columns`,
      entry.name,
    );
  }
  const rows = value.data instanceof Float32Array ? value.data : toFloat64(value.data);
  const placeOf = (row: number, names: Conditions) =>
    `${entry.name}, row ${row + 1}${names === null ? '' : ` ("${names[row]}")`}`;
  const bad = indexOfNonFinite(rows);
  if (bad !== -1) {
    const names = await readConditionNames(file, path, n);
    throw new FormatError(
      path,
      `expected a finite number, got ${rows[bad]}; leave that row or column out`,
      `${placeOf(Math.floor(bad / d), names)}, column ${(bad % d) + 1} (counting from 1)`,
    );
  }
  return { rows, n, d, entry, placeOf };
}

/**
 * A metric by its name.
 * @throws UsageError for any other name; it lists those there are
 */
export function metricNamed(name: string): DistanceMetric {
  const metric = DISTANCE_METRICS.find((known) => known === name);
  if (metric !== undefined) return metric;
  throw new UsageError(`--metric: expected one of ${[...DISTANCE_METRICS, ...NOISE_METRICS].join(', ')}, got ${name}`);
}

function chooseRows(file: OpenedFile, path: string, variable: string | undefined): Entry {
  if (variable !== undefined) return namedVariable(file, path, variable);
  const candidates = file.entries.filter(
    ({ name, dtype, shape }) => name !== NAMES && isReal(dtype) && shape.length >= 2 && sizeOf(shape) > 1,
  );
  if (candidates.length > 1) {
    const names = candidates.map(({ name, shape }) => `${name} (${formatShape(shape)})`).join(', ');
    throw new UsageError(`${path}: several arrays have rows: ${names}; choose one with --variable NAME`);
  }
  if (candidates.length === 0) {
    const there = file.entries.map(({ name, dtype, shape }) => `${name} (${dtype} ${formatShape(shape)})`);
    throw new FormatError(path, `expected an array with a row a condition, got ${there.join(', ') || 'nothing'}`);
  }
  return candidates[0];
}

/** Rows that have no distance by definition: constant ones for correlation, zeros for cosine. */
function checkRows(
  rows: Float32Array | Float64Array,
  n: number,
  d: number,
  { path, metric, place }: { path: string; metric: DistanceMetric; place: (row: number) => string },
): void {
  if (metric !== 'correlation' && metric !== 'cosine') return;
  for (let row = 0; row < n; row++) {
    const first = metric === 'cosine' ? 0 : rows[row * d];
    let k = row * d;
    while (k < (row + 1) * d && rows[k] === first) k++;
    if (k < (row + 1) * d) continue;
    throw new FormatError(
      path,
      metric === 'cosine'
        ? 'all values are 0, so it has no cosine distance; leave that condition out or use --metric euclidean'
        : `all values are ${first}, so it has no correlation distance; leave that condition out or use --metric euclidean`,
      place(row),
    );
  }
}

function finite(rdm: Rdm, path: string, variable: string): Rdm {
  if (indexOfNonFinite(rdm.values) !== -1) {
    throw new FormatError(
      path,
      'the values are so large or small that their distances are no numbers; rescale them',
      variable,
    );
  }
  return rdm;
}
