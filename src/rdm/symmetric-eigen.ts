/** Eigenvalues of a symmetric matrix, largest first, and their vectors. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** n x n: row k is the vector of value k, of length 1, its entry of largest magnitude positive. */
  readonly vectors: Float64Array;
}

const MOST_ROTATIONS = 50;
/** Beside a largest entry of 1. */
const NOTHING = 1e-300;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: Householder's reflections to three diagonals, then implicitly shifted QL.
 * @param matrix n x n, row-major, finite; left as it is
 * @throws Error where an eigenvalue takes more than 50 rotations, which no finite matrix is known to
 * @source Golub and Van Loan 2013, Matrix Computations, 8.3
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const size = matrix.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  const { diagonal, beside, vectors } = threeDiagonals(
    matrix.map((value) => value / size),
    n,
  );
  for (let k = 0; k < n; k++) solveFrom(k, diagonal, beside, vectors);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b] - diagonal[a]);
  const sorted = new Float64Array(n * n);
  order.forEach((row, k) => {
    sorted.set(positive(vectors.subarray(row * n, (row + 1) * n)), k * n);
  });
  return { values: Float64Array.from(order, (row) => size * diagonal[row]), vectors: sorted };
}

/** Q A Q' with three diagonals, and Q: each reflection clears a column beneath its neighbour of the diagonal. */
function threeDiagonals(a: Float64Array, n: number) {
  const vectors = new Float64Array(n * n);
  for (let k = 0; k < n; k++) vectors[k * n + k] = 1;
  for (let k = 0; k + 2 < n; k++) {
    const normal = reflection(a.subarray(k * n + k + 1, (k + 1) * n));
    if (normal === null) continue;
    reflectBothSides(a, n, k, normal);
    reflectRows(vectors, n, k + 1, normal);
  }
  return {
    diagonal: Float64Array.from({ length: n }, (_, k) => a[k * n + k]),
    beside: Float64Array.from({ length: n }, (_, k) => (k + 1 < n ? a[k * n + k + 1] : 0)),
    vectors,
  };
}

/** Unit normal of the mirror that brings a vector onto its first axis; null where it lies there already. */
function reflection(vector: Float64Array): Float64Array | null {
  const size = Math.hypot(...vector);
  const normal = Float64Array.from(vector);
  normal[0] += Math.sign(vector[0] || 1) * size;
  const length = Math.hypot(...normal);
  if (length === 0 || vector.every((value, k) => k === 0 || value === 0)) return null;
  return normal.map((value) => value / length);
}

/** A - 2 v w' - 2 w v' with w = A v - (v' A v) v, on rows and columns from k; v is 0 before k + 1. */
function reflectBothSides(a: Float64Array, n: number, k: number, normal: Float64Array): void {
  const first = k + 1;
  const product = new Float64Array(n - k);
  for (let row = k; row < n; row++) {
    let sum = 0;
    for (let j = 0, at = row * n + first; j < normal.length; j++, at++) sum += a[at] * normal[j];
    product[row - k] = sum;
  }
  let along = 0;
  for (let j = 0; j < normal.length; j++) along += normal[j] * product[j + 1];
  for (let j = 0; j < normal.length; j++) product[j + 1] -= along * normal[j];
  for (let row = k; row < n; row++) {
    const v = row === k ? 0 : normal[row - first];
    const w = product[row - k];
    a[row * n + k] -= 2 * v * product[0];
    for (let j = 0, at = row * n + first; j < normal.length; j++, at++) {
      a[at] -= 2 * (v * product[j + 1] + w * normal[j]);
    }
  }
}

/** H M for the mirror H of rows from `first`. */
function reflectRows(m: Float64Array, n: number, first: number, normal: Float64Array): void {
  const along = new Float64Array(n);
  for (let j = 0; j < normal.length; j++) {
    for (let column = 0, at = (first + j) * n; column < n; column++, at++) along[column] += normal[j] * m[at];
  }
  for (let j = 0; j < normal.length; j++) {
    const twice = 2 * normal[j];
    for (let column = 0, at = (first + j) * n; column < n; column++, at++) m[at] -= twice * along[column];
  }
}

/** Turns until entry k of the diagonal stands alone; what the turns do to the axes is done to the vectors too. */
function solveFrom(k: number, diagonal: Float64Array, beside: Float64Array, vectors: Float64Array): void {
  const n = diagonal.length;
  for (let turns = 0; ; turns++) {
    let end = k;
    while (end + 1 < n && !isNegligible(beside[end], diagonal[end], diagonal[end + 1])) end++;
    if (end === k) return;
    if (turns === MOST_ROTATIONS)
      throw new Error(`symmetricEigen: value ${k} of ${n} was not found; is it all finite?`);
    const half = (diagonal[k + 1] - diagonal[k]) / (2 * beside[k]);
    const shift = diagonal[k] - beside[k] / (half + Math.sign(half || 1) * Math.hypot(half, 1));
    let bulge = diagonal[end] - shift;
    let sine = 1;
    let cosine = 1;
    let taken = 0;
    let row = end - 1;
    for (; row >= k; row--) {
      const off = sine * beside[row];
      const on = cosine * beside[row];
      const length = Math.hypot(off, bulge);
      beside[row + 1] = length;
      if (length === 0) break;
      sine = off / length;
      cosine = bulge / length;
      const rest = diagonal[row + 1] - taken;
      const turned = (diagonal[row] - rest) * sine + 2 * cosine * on;
      taken = sine * turned;
      diagonal[row + 1] = rest + taken;
      bulge = cosine * turned - on;
      turnRows(vectors, n, row, cosine, sine);
    }
    if (row >= k) diagonal[row + 1] -= taken;
    else {
      diagonal[k] -= taken;
      beside[k] = bulge;
    }
    beside[end] = 0;
  }
}

function isNegligible(value: number, above: number, below: number): boolean {
  return Math.abs(value) <= Number.EPSILON * (Math.abs(above) + Math.abs(below)) + NOTHING;
}

function turnRows(vectors: Float64Array, n: number, row: number, cosine: number, sine: number): void {
  for (let a = row * n, b = a + n, stop = b; a < stop; a++, b++) {
    const lower = vectors[b];
    vectors[b] = sine * vectors[a] + cosine * lower;
    vectors[a] = cosine * vectors[a] - sine * lower;
  }
}

/** The vector or its opposite: whichever has the entry of largest magnitude (the first of equals) positive. */
function positive(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) * (1 + 1e-9) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}
