import { condensedLength } from '../core/condensed.ts';
import type { Gram } from '../core/gram.ts';

/**
 * Rows as they are to be compared: (rows[i, k] - rowShift[i] - columnShift[k]) * factor[i]. A row whose factor is NaN has no distances.
 */
export interface PreparedRows {
  readonly rows: Float32Array | Float64Array;
  readonly n: number;
  readonly d: number;
  readonly rowShift: Float64Array;
  /** null where no column is shifted. */
  readonly columnShift: Float64Array | null;
  readonly factor: Float64Array;
}

/** Each row divided by its length; a row of zeros has no distances. */
export function unitRows(rows: Float32Array | Float64Array, n: number, d: number): PreparedRows {
  const rowShift = new Float64Array(n);
  const factor = rowShift.map((_, i) => {
    const { least, greatest } = extentOf(rows, i * d, (i + 1) * d);
    return inverseOf(deviations(rows, i * d, (i + 1) * d, 0, Math.max(greatest, -least)).length);
  });
  return { rows, n, d, rowShift, columnShift: null, factor };
}

/** Each row less its mean, divided by its length; a constant row has no distances. */
export function centredUnitRows(rows: Float32Array | Float64Array, n: number, d: number): PreparedRows {
  const rowShift = new Float64Array(n);
  const factor = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const { sum, least, greatest } = extentOf(rows, i * d, (i + 1) * d);
    // The sum's rounding must not lend a constant row a length.
    const mean = least === greatest ? least : sum / d;
    const { length, offset } = deviations(rows, i * d, (i + 1) * d, mean, Math.max(greatest - mean, mean - least));
    // What the mean is short of by rounding is a small part of the length; it is taken out of both.
    rowShift[i] = mean + offset;
    factor[i] = inverseOf(length * Math.sqrt(1 - d * (offset / length) ** 2));
  }
  return { rows, n, d, rowShift, columnShift: null, factor };
}

/** Each column less its mean, which leaves distances as they are and keeps digits that large common offsets would cost. */
export function centredColumns(rows: Float32Array | Float64Array, n: number, d: number): PreparedRows {
  const columnShift = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) columnShift[k] += rows[i * d + k] / n;
  return { rows, n, d, rowShift: new Float64Array(n), columnShift, factor: new Float64Array(n).fill(1) };
}

// Below this share of |u|^2 + |v|^2, what is left of |u|^2 + |v|^2 - 2 u.v is summed pair by pair instead: it has lost too many digits.
const CANCELLED = 1e-3;
// Columns handed to the product at once: enough for it to be fast, few enough for their copy to stay under 32 MiB.
const BAND_COLUMNS = 4096;
const BAND_NUMBERS = 2 ** 22;

/**
 * Squared Euclidean distances of prepared rows, condensed: from inner products, summed over bands of columns in float64, and pair by pair
 * where rows are so close that inner products would not tell how close.
 */
export async function squaredDistances(prepared: PreparedRows, gram: Gram): Promise<Float64Array> {
  const { n, d, factor } = prepared;
  const products = new Float64Array(n * n);
  const band = Math.min(d, BAND_COLUMNS, Math.max(256, Math.floor(BAND_NUMBERS / n)));
  for (let from = 0; from < d; from += band) {
    const width = Math.min(band, d - from);
    const part = await gram(preparedBand(prepared, from, width), n, width);
    for (let k = 0; k < products.length; k++) products[k] += part[k];
  }
  const squared = new Float64Array(condensedLength(n));
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const energy = products[i * n + i] + products[j * n + j];
      const distance = energy - 2 * products[i * n + j];
      if (Number.isNaN(factor[i]) || Number.isNaN(factor[j])) squared[pair] = Number.NaN;
      else squared[pair] = distance < CANCELLED * energy ? squaredDistance(prepared, i, j) : distance;
    }
  }
  return squared;
}

function preparedBand({ rows, n, d, rowShift, columnShift, factor }: PreparedRows, from: number, width: number) {
  const band = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(factor[i])) continue;
    const start = i * d + from;
    const shift = rowShift[i];
    const scale = factor[i];
    const out = i * width;
    if (columnShift === null) for (let k = 0; k < width; k++) band[out + k] = (rows[start + k] - shift) * scale;
    else for (let k = 0; k < width; k++) band[out + k] = (rows[start + k] - columnShift[from + k]) * scale;
  }
  return band;
}

function squaredDistance({ rows, d, rowShift, factor }: PreparedRows, i: number, j: number): number {
  let sum = 0;
  if (factor[i] === factor[j] && rowShift[i] === rowShift[j]) {
    // Shifts fall out of the difference, and with them their rounding.
    for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++) sum += (rows[a] - rows[b]) ** 2;
    return sum * factor[i] ** 2;
  }
  for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++) {
    sum += ((rows[a] - rowShift[i]) * factor[i] - (rows[b] - rowShift[j]) * factor[j]) ** 2;
  }
  return sum;
}

function extentOf(rows: Float32Array | Float64Array, from: number, to: number) {
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = from; k < to; k++) {
    const value = rows[k];
    sum += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { sum, least, greatest };
}

/** Length and mean of a row less `shift`. Divided by the largest deviation first, so that squares neither overflow nor vanish. */
function deviations(rows: Float32Array | Float64Array, from: number, to: number, shift: number, largest: number) {
  if (largest === 0) return { length: 0, offset: 0 };
  let sum = 0;
  let squares = 0;
  for (let k = from; k < to; k++) {
    const value = (rows[k] - shift) / largest;
    sum += value;
    squares += value * value;
  }
  return { length: largest * Math.sqrt(squares), offset: (largest * sum) / (to - from) };
}

function inverseOf(length: number): number {
  const inverse = 1 / length;
  return Number.isFinite(inverse) ? inverse : Number.NaN;
}
