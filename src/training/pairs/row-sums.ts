// The inner loops of training: almost all of its time is spent here. Several rows are taken at a time so that a weight or a gradient is
// loaded once for all of them; each row keeps one accumulator, so its sum does not depend on which rows it is taken with. Pairs and images
// have functions of their own because V8 compiles a loop well only while it meets a single kind of array.

/** Rows of numbers, one after the other. */
export type Rows = Float32Array | Float64Array;

/** out[k] = sum_c weights[c] rows[which[k], c] for the first `count` of `which`. */
export function weighRows(
  rows: Rows,
  width: number,
  which: Uint32Array,
  count: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  let k = 0;
  for (; k + 8 <= count; k += 8) {
    const row0 = which[k] * width;
    const row1 = which[k + 1] * width;
    const row2 = which[k + 2] * width;
    const row3 = which[k + 3] * width;
    const row4 = which[k + 4] * width;
    const row5 = which[k + 5] * width;
    const row6 = which[k + 6] * width;
    const row7 = which[k + 7] * width;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let sum4 = 0;
    let sum5 = 0;
    let sum6 = 0;
    let sum7 = 0;
    for (let c = 0; c < width; c++) {
      const weight = weights[c];
      sum0 += weight * rows[row0 + c];
      sum1 += weight * rows[row1 + c];
      sum2 += weight * rows[row2 + c];
      sum3 += weight * rows[row3 + c];
      sum4 += weight * rows[row4 + c];
      sum5 += weight * rows[row5 + c];
      sum6 += weight * rows[row6 + c];
      sum7 += weight * rows[row7 + c];
    }
    out[k] = sum0;
    out[k + 1] = sum1;
    out[k + 2] = sum2;
    out[k + 3] = sum3;
    out[k + 4] = sum4;
    out[k + 5] = sum5;
    out[k + 6] = sum6;
    out[k + 7] = sum7;
  }
  for (; k < count; k++) {
    const row = which[k] * width;
    let sum = 0;
    for (let c = 0; c < width; c++) sum += weights[c] * rows[row + c];
    out[k] = sum;
  }
}

/** into[c] += sum_k coefficients[k] rows[which[k], c] over the first `count` of `which`. */
export function addRows(
  rows: Rows,
  width: number,
  which: Uint32Array,
  count: number,
  coefficients: Float64Array,
  into: Float64Array,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const row0 = which[k] * width;
    const row1 = which[k + 1] * width;
    const row2 = which[k + 2] * width;
    const row3 = which[k + 3] * width;
    const by0 = coefficients[k];
    const by1 = coefficients[k + 1];
    const by2 = coefficients[k + 2];
    const by3 = coefficients[k + 3];
    for (let c = 0; c < width; c++) {
      into[c] += by0 * rows[row0 + c] + by1 * rows[row1 + c] + (by2 * rows[row2 + c] + by3 * rows[row3 + c]);
    }
  }
  for (; k < count; k++) {
    const row = which[k] * width;
    const by = coefficients[k];
    for (let c = 0; c < width; c++) into[c] += by * rows[row + c];
  }
}

/** outOfFirst[k] = sum_c squares[c] first[which[k], c] and outOfSecond[k] = sum_c weights[c] second[which[k], c], for the first `count`. */
export function weighRowsOfTwo(
  first: Float64Array,
  second: Float64Array,
  width: number,
  which: Uint32Array,
  count: number,
  squares: Float64Array,
  weights: Float64Array,
  outOfFirst: Float64Array,
  outOfSecond: Float64Array,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const row0 = which[k] * width;
    const row1 = which[k + 1] * width;
    const row2 = which[k + 2] * width;
    const row3 = which[k + 3] * width;
    let first0 = 0;
    let first1 = 0;
    let first2 = 0;
    let first3 = 0;
    let second0 = 0;
    let second1 = 0;
    let second2 = 0;
    let second3 = 0;
    for (let c = 0; c < width; c++) {
      const weight = weights[c];
      const square = squares[c];
      first0 += square * first[row0 + c];
      second0 += weight * second[row0 + c];
      first1 += square * first[row1 + c];
      second1 += weight * second[row1 + c];
      first2 += square * first[row2 + c];
      second2 += weight * second[row2 + c];
      first3 += square * first[row3 + c];
      second3 += weight * second[row3 + c];
    }
    outOfFirst[k] = first0;
    outOfSecond[k] = second0;
    outOfFirst[k + 1] = first1;
    outOfSecond[k + 1] = second1;
    outOfFirst[k + 2] = first2;
    outOfSecond[k + 2] = second2;
    outOfFirst[k + 3] = first3;
    outOfSecond[k + 3] = second3;
  }
  for (; k < count; k++) {
    const row = which[k] * width;
    let sumOfFirst = 0;
    let sumOfSecond = 0;
    for (let c = 0; c < width; c++) {
      sumOfFirst += squares[c] * first[row + c];
      sumOfSecond += weights[c] * second[row + c];
    }
    outOfFirst[k] = sumOfFirst;
    outOfSecond[k] = sumOfSecond;
  }
}

/** intoFirst[c] += sum_k byFirst[k] first[which[k], c] and intoSecond[c] += sum_k bySecond[k] second[which[k], c], over the first `count`. */
export function addRowsOfTwo(
  first: Float64Array,
  second: Float64Array,
  width: number,
  which: Uint32Array,
  count: number,
  byFirst: Float64Array,
  bySecond: Float64Array,
  intoFirst: Float64Array,
  intoSecond: Float64Array,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const row0 = which[k] * width;
    const row1 = which[k + 1] * width;
    const row2 = which[k + 2] * width;
    const row3 = which[k + 3] * width;
    const first0 = byFirst[k];
    const second0 = bySecond[k];
    const first1 = byFirst[k + 1];
    const second1 = bySecond[k + 1];
    const first2 = byFirst[k + 2];
    const second2 = bySecond[k + 2];
    const first3 = byFirst[k + 3];
    const second3 = bySecond[k + 3];
    for (let c = 0; c < width; c++) {
      intoFirst[c] +=
        first0 * first[row0 + c] + first1 * first[row1 + c] + (first2 * first[row2 + c] + first3 * first[row3 + c]);
      intoSecond[c] +=
        second0 * second[row0 + c] +
        second1 * second[row1 + c] +
        (second2 * second[row2 + c] + second3 * second[row3 + c]);
    }
  }
  for (; k < count; k++) {
    const row = which[k] * width;
    for (let c = 0; c < width; c++) {
      intoFirst[c] += byFirst[k] * first[row + c];
      intoSecond[c] += bySecond[k] * second[row + c];
    }
  }
}

/** out[k] += sum_c weights[c] rows[first[k], c] rows[second[k], c], for the first `count` pairs of rows. */
export function weighRowProducts(
  rows: Float64Array,
  width: number,
  first: Uint32Array,
  second: Uint32Array,
  count: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const first0 = first[k] * width;
    const first1 = first[k + 1] * width;
    const first2 = first[k + 2] * width;
    const first3 = first[k + 3] * width;
    const second0 = second[k] * width;
    const second1 = second[k + 1] * width;
    const second2 = second[k + 2] * width;
    const second3 = second[k + 3] * width;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let c = 0; c < width; c++) {
      const weight = weights[c];
      sum0 += weight * rows[first0 + c] * rows[second0 + c];
      sum1 += weight * rows[first1 + c] * rows[second1 + c];
      sum2 += weight * rows[first2 + c] * rows[second2 + c];
      sum3 += weight * rows[first3 + c] * rows[second3 + c];
    }
    out[k] += sum0;
    out[k + 1] += sum1;
    out[k + 2] += sum2;
    out[k + 3] += sum3;
  }
  for (; k < count; k++) {
    const a = first[k] * width;
    const b = second[k] * width;
    let sum = 0;
    for (let c = 0; c < width; c++) sum += weights[c] * rows[a + c] * rows[b + c];
    out[k] += sum;
  }
}

/** into[c] += sum_k coefficients[k] rows[first[k], c] rows[second[k], c], over the first `count` pairs of rows. */
export function addRowProducts(
  rows: Float64Array,
  width: number,
  first: Uint32Array,
  second: Uint32Array,
  count: number,
  coefficients: Float64Array,
  into: Float64Array,
): void {
  let k = 0;
  for (; k + 2 <= count; k += 2) {
    const first0 = first[k] * width;
    const first1 = first[k + 1] * width;
    const second0 = second[k] * width;
    const second1 = second[k + 1] * width;
    const by0 = coefficients[k];
    const by1 = coefficients[k + 1];
    for (let c = 0; c < width; c++) {
      into[c] += by0 * rows[first0 + c] * rows[second0 + c] + by1 * rows[first1 + c] * rows[second1 + c];
    }
  }
  for (; k < count; k++) {
    const a = first[k] * width;
    const b = second[k] * width;
    const by = coefficients[k];
    for (let c = 0; c < width; c++) into[c] += by * rows[a + c] * rows[b + c];
  }
}
