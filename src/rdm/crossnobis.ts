import { condensedLength } from '../core/condensed.ts';
import { ShapeError, UsageError } from '../core/errors.ts';
import { checkMatrix, checkPrecision, crossProducts } from './mahalanobis.ts';
import { makeRdm, type Rdm } from './rdm.ts';

/** What the measurements are of. */
export interface CrossnobisOptions {
  /** Each measurement's condition. */
  readonly conditions: readonly string[];
  /** Each measurement's fold: a run or session, whose noise is independent of the others'. */
  readonly folds: readonly (string | number)[];
  /** d x d, row-major: the inverse of the noise's covariance over columns, symmetric; the identity by default. */
  readonly precision?: Float64Array;
}

/**
 * RDM of cross-validated Mahalanobis distances, squared, over the number of columns: noise does not raise them, so that they may fall below
 * 0, and conditions that do not differ have 0 to expect.
 *
 * mean over folds f of (a_i - a_j) P (b_i - b_j)' / d, b the means of conditions in f, a those over all measurements outside it.
 * @param measurements nMeasurements x d, row-major
 * @returns the conditions in the order in which they first occur
 * @throws ShapeError where numbers of values do not fit; UsageError for fewer than two folds, a fold without some condition, NaN
 * @source rsatoolbox calc_rdm(method="crossnobis"); Walther et al. 2016, NeuroImage 137:188-200
 */
export function crossnobisRdm(
  measurements: Float32Array | Float64Array,
  d: number,
  { conditions, folds, precision }: CrossnobisOptions,
): Rdm {
  const nMeasurements = conditions.length;
  checkMatrix('crossnobisRdm', 'measurements', measurements, nMeasurements, d);
  if (folds.length !== nMeasurements) {
    throw new ShapeError(
      `crossnobisRdm: expected a fold for each of ${nMeasurements} measurements, got ${folds.length} folds`,
    );
  }
  if (precision !== undefined) checkPrecision('crossnobisRdm', precision, d);
  const names = [...new Set(conditions)];
  const foldNames = [...new Set(folds)];
  if (foldNames.length < 2) {
    throw new UsageError(
      `crossnobisRdm: expected at least 2 folds, got ${foldNames.length}; name each measurement's run`,
    );
  }
  const meansWhere = (isIn: (fold: string | number) => boolean, where: string) =>
    conditionMeans(measurements, d, { names, conditions, isIn: folds.map(isIn), where });
  // All before any outside, so that what is missing is named by its own fold.
  const insides = foldNames.map((fold) => meansWhere((other) => other === fold, `in fold ${fold}`));
  const distances = new Float64Array(condensedLength(names.length));
  foldNames.forEach((fold, f) => {
    const outside = meansWhere((other) => other !== fold, `outside fold ${fold}`);
    const products = crossProducts(outside, insides[f], names.length, d, precision ?? null);
    for (let k = 0; k < distances.length; k++) distances[k] += products[k] / d / foldNames.length;
  });
  return makeRdm(distances, names);
}

function conditionMeans(
  measurements: Float32Array | Float64Array,
  d: number,
  of: {
    readonly names: readonly string[];
    readonly conditions: readonly string[];
    readonly isIn: readonly boolean[];
    readonly where: string;
  },
): Float64Array {
  const rowOf = new Map(of.names.map((name, row) => [name, row]));
  const means = new Float64Array(of.names.length * d);
  const counts = new Uint32Array(of.names.length);
  of.conditions.forEach((condition, measurement) => {
    if (!of.isIn[measurement]) return;
    const row = rowOf.get(condition)!;
    counts[row]++;
    for (let k = 0; k < d; k++) means[row * d + k] += measurements[measurement * d + k];
  });
  const missing = counts.indexOf(0);
  if (missing !== -1) {
    throw new UsageError(
      `crossnobisRdm: expected a measurement of every condition ${of.where}, got none of "${of.names[missing]}"; leave that condition or fold out`,
    );
  }
  return means.map((sum, k) => sum / counts[Math.floor(k / d)]);
}
