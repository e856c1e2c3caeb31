/**
 * Inner products of the rows of a row-major n x d matrix, as a row-major n x n float64 matrix. Callers that have a faster product (the
 * engine's) pass it in; this type is what they share.
 */
export type Gram = (rows: Float32Array | Float64Array, n: number, d: number) => Float64Array | Promise<Float64Array>;

/** The plain product in float64: the reference, and what runs where no engine is. */
export const plainGram: (rows: Float32Array | Float64Array, n: number, d: number) => Float64Array = (rows, n, d) => {
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++) sum += rows[a] * rows[b];
      products[i * n + j] = sum;
      products[j * n + i] = sum;
    }
  }
  return products;
};
