/** How near solutions come. */
export interface ShiftedSystemOptions {
  /** The largest residual of any shift, as a part of |right|; 1e-9 by default. */
  readonly tolerance?: number;
}

// Below this part of the largest value met, what is left of a vector is rounding: the space is complete.
const EXHAUSTED = 1e-13;

/**
 * Solves (A + shift I) x = right for several shifts at once, A symmetric and without negative eigenvalues, from the one Krylov space of A and
 * `right` that they share: Lanczos' recurrence, with every new vector made orthogonal to all before it, so that rounding cannot slow it.
 * Stops when the residual |right - (A + shift I) x| of every shift is below `tolerance` |right|.
 * @param multiply A times a vector: the only thing that is asked of A
 * @param right n values
 * @param shifts above 0
 * @returns for each shift its x
 * @source Paige & Saunders 1975, SIAM J. Numer. Anal. 12:617
 */
export function solveShifted(
  multiply: (vector: Float64Array) => Float64Array,
  right: Float64Array,
  shifts: readonly number[],
  { tolerance = 1e-9 }: ShiftedSystemOptions = {},
): Float64Array[] {
  const length = norm(right);
  if (length === 0) return shifts.map(() => new Float64Array(right.length));
  const basis = [right.map((value) => value / length)];
  const diagonal: number[] = [];
  const beside: number[] = [];
  const eliminations = shifts.map((shift) => ({ shift, pivot: 0, value: length }));
  for (let largest = 0; ; ) {
    const last = basis.at(-1)!;
    const next = multiply(last);
    diagonal.push(dot(last, next));
    for (const vector of basis) addTimes(next, -dot(vector, next), vector);
    const left = norm(next);
    largest = Math.max(largest, diagonal.at(-1)!, left);
    const residuals = eliminations.map((elimination) => left * Math.abs(lastOfSolution(elimination, diagonal, beside)));
    const isDone = residuals.every((residual) => residual <= tolerance * length);
    if (isDone || left <= EXHAUSTED * largest || basis.length === right.length) break;
    beside.push(left);
    basis.push(next.map((value) => value / left));
  }
  return shifts.map((shift) => {
    const solution = new Float64Array(right.length);
    const coordinates = solveTridiagonal(diagonal, beside, shift, length);
    for (const [k, vector] of basis.entries()) addTimes(solution, coordinates[k], vector);
    return solution;
  });
}

/** Carries elimination of the tridiagonal system one row on; what it returns is the last coordinate of the solution so far. */
function lastOfSolution(
  elimination: { readonly shift: number; pivot: number; value: number },
  diagonal: readonly number[],
  beside: readonly number[],
): number {
  const { shift } = elimination;
  const at = diagonal.length - 1;
  const factor = at === 0 ? 0 : beside[at - 1] / elimination.pivot;
  elimination.pivot = diagonal[at] + shift - (at === 0 ? 0 : factor * beside[at - 1]);
  if (at > 0) elimination.value *= -factor;
  return elimination.value / elimination.pivot;
}

/** x of (T + shift I) x = (length, 0, 0 ...), T symmetric with this diagonal and these values beside it. */
function solveTridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
  shift: number,
  length: number,
): Float64Array {
  const n = diagonal.length;
  const pivots = new Float64Array(n);
  const x = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const factor = k === 0 ? 0 : beside[k - 1] / pivots[k - 1];
    pivots[k] = diagonal[k] + shift - (k === 0 ? 0 : factor * beside[k - 1]);
    x[k] = k === 0 ? length : -factor * x[k - 1];
  }
  for (let k = n - 1; k >= 0; k--) x[k] = (x[k] - (k === n - 1 ? 0 : beside[k] * x[k + 1])) / pivots[k];
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function addTimes(vector: Float64Array, factor: number, other: Float64Array): void {
  for (let k = 0; k < vector.length; k++) vector[k] += factor * other[k];
}
