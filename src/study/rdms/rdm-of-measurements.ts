import { FormatError, UsageError } from '../../core/errors.ts';
import type { OnNotice } from '../../core/progress.ts';
import { type OpenedFile, toFloat64 } from '../../formats/array.ts';
import { readConditionNames } from '../../formats/condition-names.ts';
import { openFile } from '../../formats/open.ts';
import { isReal } from '../../formats/real-numbers.ts';
import type { Source } from '../../formats/source.ts';
import { crossnobisRdm } from '../../rdm/crossnobis.ts';
import { mahalanobisRdm } from '../../rdm/mahalanobis.ts';
import { noisePrecision } from '../../rdm/noise-precision.ts';
import type { Rdm } from '../../rdm/rdm.ts';
import type { NOISE_METRICS } from '../settings/choices.ts';
import { namedVariable } from './named-variable.ts';
import { type FeatureRows, readFeatureRows } from './rdm-of-features.ts';

/** Where the noise's precision comes from: a file, or the measurements' deviations from their conditions' means. */
export type NoiseOrigin = 'residuals' | { readonly source: Source; readonly variable?: string | undefined };

/** What the rows of a file are measurements of. */
export interface RdmOfMeasurementsOptions {
  /** The array of measurements; without it the file's only one that has rows. */
  readonly variable?: string;
  readonly metric: (typeof NOISE_METRICS)[number];
  /** The array that holds each row's condition; without it the file's names, which may repeat. */
  readonly conditions?: string;
  /** For crossnobis, the array that holds each row's fold: its run or session. */
  readonly folds?: string;
  /** Mahalanobis needs one; crossnobis takes the identity without. */
  readonly noise?: NoiseOrigin;
  readonly onNotice?: OnNotice;
}

// Its precision is inverted by plain loops: seconds, and 128 MiB a matrix.
const MOST_COLUMNS = 4096;

/**
 * RDM of measurements by their noise: Mahalanobis distances of conditions' means, or crossnobis, cross-validated over folds.
 *
 * A noise of d x d that is symmetric is the precision itself; any other holds residuals, one row each, of which the covariance is shrunk towards
 * its diagonal and inverted (`noisePrecision`).
 * @throws UsageError where what the metric needs is not given or not there; FormatError where arrays do not fit the measurements
 */
export async function rdmOfMeasurements(
  source: Source,
  { variable, metric, conditions, folds, noise, onNotice = () => {} }: RdmOfMeasurementsOptions,
): Promise<Rdm> {
  const file = await openFile(source);
  const path = source.name;
  const measured = await readFeatureRows(file, path, variable);
  const { rows, n, d } = measured;
  if (d > MOST_COLUMNS && noise !== undefined) {
    throw new FormatError(path, `expected at most ${MOST_COLUMNS} columns, got ${d}; take fewer`, measured.entry.name);
  }
  const names =
    conditions === undefined ? await readConditionNames(file, path, n) : await readLabels(file, path, conditions, n);
  if (metric === 'mahalanobis') {
    if (noise === undefined) {
      throw new UsageError(
        '--metric mahalanobis: expected --noise FILE[:VARIABLE] or --noise residuals; without noise take --metric euclidean',
      );
    }
    const precision = await precisionOf(noise, measured, names, onNotice);
    const means = conditionMeans(measured, names);
    return mahalanobisRdm(means.values, means.n, d, { precision, conditions: means.names });
  }
  if (folds === undefined || names === null) {
    const missing =
      folds === undefined
        ? '--folds VARIABLE, the run or session of each row'
        : '--conditions VARIABLE, what each row is a measurement of';
    throw new UsageError(`--metric crossnobis: expected ${missing}; arrays of ${path}`);
  }
  if (noise === undefined) onNotice('crossnobis without --noise: every column weighs the same, and none with another');
  return crossnobisRdm(rows, d, {
    conditions: names,
    folds: await readLabels(file, path, folds, n),
    ...(noise !== undefined && { precision: await precisionOf(noise, measured, names, onNotice) }),
  });
}

async function precisionOf(
  noise: NoiseOrigin,
  { rows, n, d, entry }: FeatureRows,
  names: readonly string[] | null,
  onNotice: OnNotice,
): Promise<Float64Array> {
  if (noise === 'residuals') {
    const means = conditionMeans({ rows, n, d }, names);
    if (means.n === n) {
      throw new UsageError(
        `--noise residuals: expected conditions that are measured more than once, got ${n} rows of ${entry.name} with a condition each; name a file of noise`,
      );
    }
    const residuals = Float64Array.from(
      rows,
      (value, k) => value - means.values[means.rowOf[Math.floor(k / d)] * d + (k % d)],
    );
    return shrunk(residuals, { n, d, degrees: n - means.n }, onNotice);
  }
  const path = noise.source.name;
  const read = await readFeatureRows(await openFile(noise.source), path, noise.variable);
  if (read.d !== d) {
    throw new FormatError(path, `expected noise of the ${d} columns of ${entry.name}, got ${read.d}`, read.entry.name);
  }
  if (read.n === d && isSymmetric(read.rows, d)) {
    onNotice(`${path}, ${read.entry.name}: a symmetric ${d} x ${d} matrix is taken for the noise's precision`);
    return Float64Array.from(read.rows);
  }
  const { values: mean } = conditionMeans(
    read,
    Array.from({ length: read.n }, () => 'noise'),
  );
  const residuals = Float64Array.from(read.rows, (value, k) => value - mean[k % d]);
  return shrunk(residuals, { n: read.n, d, degrees: read.n - 1 }, onNotice);
}

function shrunk(
  residuals: Float64Array,
  { n, d, degrees }: { readonly n: number; readonly d: number; readonly degrees: number },
  onNotice: OnNotice,
): Float64Array {
  const { precision, shrinkage } = noisePrecision(residuals, n, d, degrees);
  onNotice(
    `the noise's covariance is that of ${n} residuals with ${degrees} degrees of freedom, its correlations shrunk by ${(100 * shrinkage).toFixed(0)} %`,
  );
  return precision;
}

/** Means of rows of one condition, in the order in which conditions first occur; every row by itself where there are no names. */
function conditionMeans({ rows, n, d }: Pick<FeatureRows, 'rows' | 'n' | 'd'>, labels: readonly string[] | null) {
  const names = labels === null ? null : [...new Set(labels)];
  const places = new Map(names?.map((name, place) => [name, place]));
  const rowOf = Array.from({ length: n }, (_, row) => (labels === null ? row : places.get(labels[row])!));
  const nMeans = names?.length ?? n;
  const counts = new Uint32Array(nMeans);
  const values = new Float64Array(nMeans * d);
  for (let row = 0; row < n; row++) {
    counts[rowOf[row]]++;
    for (let k = 0; k < d; k++) values[rowOf[row] * d + k] += rows[row * d + k];
  }
  return { names, rowOf, n: nMeans, values: values.map((sum, k) => sum / counts[Math.floor(k / d)]) };
}

/** One text a row, of an array of texts or numbers. */
async function readLabels(file: OpenedFile, path: string, variable: string, n: number): Promise<readonly string[]> {
  const value = await file.read(namedVariable(file, path, variable).name);
  const labels =
    value.kind === 'text'
      ? value.data.map((text) => text.trimEnd())
      : value.kind === 'numeric' && isReal(value.dtype)
        ? Array.from(toFloat64(value.data), String)
        : null;
  if (labels === null || labels.length !== n) {
    const got = labels === null ? value.kind : String(labels.length);
    throw new FormatError(path, `expected ${n} texts or numbers, one a row of the measurements, got ${got}`, variable);
  }
  return labels;
}

function isSymmetric(square: Float32Array | Float64Array, d: number): boolean {
  return square.every((value, k) => {
    const across = square[(k % d) * d + Math.floor(k / d)];
    return Math.abs(value - across) <= 1e-8 * Math.max(1, Math.abs(value), Math.abs(across));
  });
}
