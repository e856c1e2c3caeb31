import { condensedIndex } from '../../core/condensed.ts';
import { palettePng, pictureUri } from '../picture/palette-png.ts';
import { viridis } from '../picture/viridis.ts';

const N_SHADES = 254;
const DIAGONAL = N_SHADES;
const MISSING = N_SHADES + 1;
const PALETTE = [...Array.from({ length: N_SHADES }, (_, k) => viridis(k / (N_SHADES - 1))), 'transparent', '#8c8c8c'];

/** More pixels a side than this no figure shows: neighbours are averaged. */
const MOST_PIXELS = 744;

/**
 * A matrix of dissimilarities as a picture of whole pixels a cell: viridis from 0 to 1, grey where there is no value, nothing on the diagonal.
 * @param fractions condensed, each from 0 to 1 or NaN
 * @param order condition of each row
 * @param cell pixels of a cell's side, at least 1
 * @returns a data URI
 */
export function matrixPicture(fractions: Float64Array, order: readonly number[], cell: number): string {
  const n = order.length;
  const together = Math.ceil(n / MOST_PIXELS);
  const side = Math.ceil(n / together);
  const shades = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      shades[row * side + column] = shadeOf(row, column);
    }
  }
  const width = side * cell;
  const indices = new Uint8Array(width * width);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) indices[y * width + x] = shades[Math.floor(y / cell) * side + Math.floor(x / cell)];
  }
  return pictureUri('image/png', palettePng({ width, height: width, indices, palette: PALETTE }));

  /** Mean of the cells that a pixel stands for; the diagonal's and missing ones do not count. */
  function shadeOf(row: number, column: number): number {
    let sum = 0;
    let count = 0;
    let isDiagonal = true;
    for (let a = row * together; a < Math.min(n, (row + 1) * together); a++) {
      for (let b = column * together; b < Math.min(n, (column + 1) * together); b++) {
        if (a === b) continue;
        isDiagonal = false;
        const [i, j] = order[a] < order[b] ? [order[a], order[b]] : [order[b], order[a]];
        const fraction = fractions[condensedIndex(i, j, n)];
        if (Number.isNaN(fraction)) continue;
        sum += fraction;
        count++;
      }
    }
    if (isDiagonal) return DIAGONAL;
    return count === 0 ? MISSING : Math.round((sum / count) * (N_SHADES - 1));
  }
}
