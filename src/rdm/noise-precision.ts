import { UsageError } from '../core/errors.ts';
import { checkMatrix } from './mahalanobis.ts';

/** The inverse of a noise's covariance, and how far that was drawn towards its diagonal. */
export interface NoisePrecision {
  /** d x d, row-major, symmetric. */
  readonly precision: Float64Array;
  /** From 0, the covariance of the residuals as it is, to 1, its diagonal alone. */
  readonly shrinkage: number;
}

/**
 * Precision of noise over columns, from residuals: what measurements hold beside their conditions' means.
 *
 * S = X' X / degrees, its correlations times 1 - lambda and its variances kept; lambda = sum_ij Var(r_ij) / sum_ij r_ij^2 over i != j, within 0
 * and 1, Var(r_ij) = n / (n - 1)^3 sum_k (w_kij - mean_k w_kij)^2, w_kij = x_ki x_kj / sqrt(S_ii S_jj). So it can be inverted with fewer rows than
 * columns too.
 * @param residuals n x d, row-major, each column of mean 0
 * @param degrees of freedom that the residuals have left: n less the number of means taken off
 * @throws ShapeError where numbers do not fit; UsageError for NaN, no degrees of freedom, and columns without noise
 * @source Schäfer and Strimmer 2005, Statistical Applications in Genetics and Molecular Biology 4:32 (target D)
 */
export function noisePrecision(
  residuals: Float32Array | Float64Array,
  n: number,
  d: number,
  degrees: number = n - 1,
): NoisePrecision {
  checkMatrix('noisePrecision', 'residuals', residuals, n, d);
  if (n < 2 || !(degrees > 0)) {
    throw new UsageError(
      `noisePrecision: expected residuals of at least 2 rows and 1 degree of freedom, got ${n} and ${degrees}; measure conditions repeatedly`,
    );
  }
  const { sums, squares } = momentsOf(residuals, n, d);
  const deviations = Float64Array.from({ length: d }, (_, k) => Math.sqrt(sums[k * d + k] / degrees));
  const still = deviations.findIndex((deviation) => !(deviation > 0));
  if (still !== -1) {
    throw new UsageError(
      `noisePrecision: column ${still + 1} (counting from 1) of the residuals does not vary; leave that column out everywhere`,
    );
  }
  let [variances, correlations] = [0, 0];
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const scale = deviations[i] * deviations[j];
      const sum = sums[i * d + j] / scale;
      variances += (n / (n - 1) ** 3) * (squares[i * d + j] / scale ** 2 - sum ** 2 / n);
      correlations += (sum / degrees) ** 2;
    }
  }
  const shrinkage = correlations > 0 ? Math.min(1, Math.max(0, variances / correlations)) : 1;
  const covariance = sums.map((sum, k) => (sum / degrees) * (Math.floor(k / d) === k % d ? 1 : 1 - shrinkage));
  return { precision: inverseOf(covariance, d), shrinkage };
}

/** Sums over rows of products of two columns, and of their squares; below and on the diagonal and above. */
function momentsOf(rows: Float32Array | Float64Array, n: number, d: number) {
  const [sums, squares] = [new Float64Array(d * d), new Float64Array(d * d)];
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < d; i++) {
      const value = rows[row * d + i];
      for (let j = 0; j < d; j++) {
        const product = value * rows[row * d + j];
        sums[i * d + j] += product;
        squares[i * d + j] += product * product;
      }
    }
  }
  return { sums, squares };
}

/** Inverse of a symmetric positive matrix by Cholesky's factors: L^-T L^-1. */
function inverseOf(matrix: Float64Array, d: number): Float64Array {
  const lower = choleskyOf(matrix, d);
  const inverse = new Float64Array(d * d); // of L
  for (let column = 0; column < d; column++) {
    for (let i = column; i < d; i++) {
      let value = i === column ? 1 : 0;
      for (let k = column; k < i; k++) value -= lower[i * d + k] * inverse[k * d + column];
      inverse[i * d + column] = value / lower[i * d + i];
    }
  }
  const product = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = inverse[k * d + i];
      for (let j = 0; j <= k; j++) product[i * d + j] += factor * inverse[k * d + j];
    }
  }
  return product;
}

function choleskyOf(matrix: Float64Array, d: number): Float64Array {
  const lower = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * d + j];
      for (let k = 0; k < j; k++) value -= lower[i * d + k] * lower[j * d + k];
      if (i !== j) {
        lower[i * d + j] = value / lower[j * d + j];
        continue;
      }
      if (!(value > 1e-12 * matrix[i * d + i])) {
        throw new UsageError(
          `noisePrecision: the residuals' covariance has no inverse (column ${i + 1}, counting from 1, follows from those before); take more residuals or fewer columns`,
        );
      }
      lower[i * d + i] = Math.sqrt(value);
    }
  }
  return lower;
}
