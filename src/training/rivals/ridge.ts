import { UsageError } from '../../core/errors.ts';
import { type SetUnit, standardised } from './set-units.ts';
import { type ShiftedSystemOptions, solveShifted } from './shifted-systems.ts';

/** Rows of predictors and what they are to predict. */
export interface RidgeSet {
  /** nRows x nColumns, row-major; in shared memory it reaches a thread without a copy. */
  readonly rows: Float32Array | Float64Array;
  /** The rows that are learnt from. */
  readonly chosen: Uint32Array;
  /** One a row; of those that are not chosen nothing is asked. */
  readonly targets: Float64Array;
}

/** A fitted ridge regression: w . x for a row x, and what that becomes in each set's unit. */
export interface RidgeModel {
  readonly penalty: number;
  /** One a column, of the columns as they come; 0 for a column that does not vary. */
  readonly weights: Float64Array;
  readonly units: readonly SetUnit[];
}

// Below this part of a column's mean its deviation is the rounding of float32.
const CONSTANT = 1e-6;

/**
 * Ridge regression for several penalties: least sum over the chosen rows of (y - z v)^2 + penalty m |v|^2, z the columns less their mean in
 * their set, divided by their pooled standard deviation; y the targets standardised in their set; m the number of rows. So each set has an
 * intercept and a scale of its own, and the weights are shared.
 *
 * The columns are never copied: z'z is only ever multiplied by a vector, in one pass over the rows. Sets of the same rows (an fMRI region and
 * a MEG window of the same images) share that pass.
 * @param sets of the same columns
 * @param penalties above 0, in units of the mean diagonal of z'z
 * @param options how near the solutions come
 * @returns one model a penalty
 * @throws UsageError where a set's targets, or all columns, do not vary
 */
export function ridge(
  sets: readonly RidgeSet[],
  nColumns: number,
  penalties: readonly number[],
  options: ShiftedSystemOptions = {},
): RidgeModel[] {
  const targets = sets.map(({ targets: all, chosen }) => standardised(Float64Array.from(chosen, (row) => all[row])));
  const firsts = sets.map((set) => sets.findIndex((other) => haveSameRows(set, other)));
  const means: Float64Array[] = [];
  for (const [s, set] of sets.entries()) means.push(firsts[s] < s ? means[firsts[s]] : meansOf(set, nColumns));
  const inverse = inverseDeviations(sets, means, nColumns);
  const nRows = sets.reduce((sum, { chosen }) => sum + chosen.length, 0);
  const right = new Float64Array(nColumns);
  for (const [s, set] of sets.entries()) addRows(set, targets[s].values, right);
  for (let c = 0; c < nColumns; c++) right[c] *= inverse[c];
  const multiply = (vector: Float64Array) => {
    const weights = vector.map((value, c) => value * inverse[c]);
    const product = new Float64Array(nColumns);
    for (const [s, set] of sets.entries()) {
      const times = firsts.filter((first) => first === s).length;
      if (times > 0) addNormalProduct(set, means[s], weights, times, product);
    }
    for (let c = 0; c < nColumns; c++) product[c] *= inverse[c];
    return product;
  };
  const solutions = solveShifted(
    multiply,
    right,
    penalties.map((penalty) => penalty * nRows),
    options,
  );
  return solutions.map((solution, k) => {
    const weights = solution.map((value, c) => value * inverse[c]);
    const units = targets.map(({ mean, sd }, s) => ({ offset: dotRow(means[s], 0, weights), mean, sd }));
    return { penalty: penalties[k], weights, units };
  });
}

/** w . x of some rows. */
export function predictRows(
  rows: Float32Array | Float64Array,
  chosen: Uint32Array,
  weights: Float64Array,
): Float64Array {
  return Float64Array.from(chosen, (row) => dotRow(rows, row * weights.length, weights));
}

function haveSameRows(a: RidgeSet, b: RidgeSet): boolean {
  return a.rows === b.rows && a.chosen.length === b.chosen.length && a.chosen.every((row, k) => row === b.chosen[k]);
}

function meansOf(set: RidgeSet, nColumns: number): Float64Array {
  const means = new Float64Array(nColumns);
  addRows(set, new Float64Array(set.chosen.length).fill(1 / set.chosen.length), means);
  return means;
}

/** 1 / the standard deviation of each column about its set's mean; 0 where that is rounding. */
function inverseDeviations(sets: readonly RidgeSet[], means: readonly Float64Array[], nColumns: number): Float64Array {
  const squares = new Float64Array(nColumns);
  const size = new Float64Array(nColumns);
  let nRows = 0;
  for (const [s, { rows, chosen }] of sets.entries()) {
    const mean = means[s];
    nRows += chosen.length;
    for (const row of chosen) {
      for (let c = 0, at = row * nColumns; c < nColumns; c++, at++) squares[c] += (rows[at] - mean[c]) ** 2;
    }
    for (let c = 0; c < nColumns; c++) size[c] = Math.max(size[c], Math.abs(mean[c]));
  }
  const inverse = squares.map((sum, c) => {
    const deviation = Math.sqrt(sum / nRows);
    return deviation > CONSTANT * size[c] ? 1 / deviation : 0;
  });
  if (inverse.some((factor) => factor > 0)) return inverse;
  throw new UsageError(
    'ridge: expected predictors that vary, got the same for every pair; use stages that tell the images apart',
  );
}

/** Adds factors_k row_k of every chosen row k. */
function addRows({ rows, chosen }: RidgeSet, factors: Float64Array, sum: Float64Array): void {
  for (let k = 0; k < chosen.length; k++) addRow(rows, chosen[k] * sum.length, factors[k], sum);
}

/** Adds times (x - mean) ((x - mean) . weights) over the chosen rows x: four at a time, each read from memory once. */
function addNormalProduct(
  { rows, chosen }: RidgeSet,
  mean: Float64Array,
  weights: Float64Array,
  times: number,
  product: Float64Array,
): void {
  const n = weights.length;
  const last = chosen.length - 1;
  const offset = dotRow(mean, 0, weights);
  let total = 0;
  for (let k = 0; k <= last; k += 4) {
    const [a, b, c, d] = [k, k + 1, k + 2, k + 3].map((each) => chosen[Math.min(each, last)] * n);
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let column = 0; column < n; column++) {
      const weight = weights[column];
      sumA += rows[a + column] * weight;
      sumB += rows[b + column] * weight;
      sumC += rows[c + column] * weight;
      sumD += rows[d + column] * weight;
    }
    sumA = times * (sumA - offset);
    sumB = k + 1 > last ? 0 : times * (sumB - offset);
    sumC = k + 2 > last ? 0 : times * (sumC - offset);
    sumD = k + 3 > last ? 0 : times * (sumD - offset);
    total += sumA + sumB + sumC + sumD;
    for (let column = 0; column < n; column++) {
      product[column] +=
        sumA * rows[a + column] + sumB * rows[b + column] + sumC * rows[c + column] + sumD * rows[d + column];
    }
  }
  addRow(mean, 0, -total, product);
}

/** Four sums side by side, because each addition waits for the one before. */
function dotRow(rows: Float32Array | Float64Array, at: number, weights: Float64Array): number {
  const n = weights.length;
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  let c = 0;
  for (; c + 4 <= n; c += 4, at += 4) {
    sum0 += rows[at] * weights[c];
    sum1 += rows[at + 1] * weights[c + 1];
    sum2 += rows[at + 2] * weights[c + 2];
    sum3 += rows[at + 3] * weights[c + 3];
  }
  for (; c < n; c++, at++) sum0 += rows[at] * weights[c];
  return sum0 + sum1 + sum2 + sum3;
}

function addRow(rows: Float32Array | Float64Array, at: number, factor: number, sum: Float64Array): void {
  for (let c = 0; c < sum.length; c++, at++) sum[c] += factor * rows[at];
}
