import { ShapeError } from '../core/errors.ts';
import type { RgbImage } from './image.ts';

/** A part of an image: `width` x `height` pixels from column `left` and row `top`. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

// PIL keeps 8 bits for the pixel and 2 for overshoot of a signed 32-bit sum.
const PRECISION_BITS = 32 - 8 - 2;
const HALF = 1 << (PRECISION_BITS - 1);

/**
 * PIL's antialiased bilinear resize, bit for bit: `Image.resize((width, height), Image.BILINEAR)` of an RGB image, up and down.
 *
 * A triangle filter as wide as the scale, its weights rounded to 22 bits; columns first, rows second, rounded to 8 bits between.
 * @param width pixels of the result, at least 1
 * @param height pixels of the result, at least 1
 * @param window the part of the result that is wanted (all of it by default); a crop that costs less than resizing all
 * @throws ShapeError for sizes below 1 or a window outside the result
 * @source Pillow 9.4, libImaging/Resample.c
 */
export function resizeBilinear(
  image: RgbImage,
  width: number,
  height: number,
  window: Window = { left: 0, top: 0, width, height },
): RgbImage {
  checkSizes(image, width, height, window);
  const columns = filterOf(image.width, width, window.left, window.width);
  const rows = filterOf(image.height, height, window.top, window.height);
  const firstRow = rows.first[0];
  const lastRow = rows.first[window.height - 1] + rows.count[window.height - 1];
  const narrow = resizeColumns(image, columns, firstRow, lastRow - firstRow);
  return resizeRows(narrow, rows, firstRow);
}

/** For each pixel of the result along one axis: the first source pixel, how many, and their weights. */
interface Filter {
  readonly size: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights a pixel of the result, PRECISION_BITS after the point. */
  readonly weights: Int32Array;
  readonly stride: number;
  /** Each pixel is its source pixel: PIL skips such a pass. */
  readonly identity: boolean;
}

function filterOf(sourceSize: number, size: number, from: number, wanted: number): Filter {
  const scale = sourceSize / size;
  const filterScale = Math.max(scale, 1);
  const support = filterScale; // the triangle reaches 1 to each side
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(wanted);
  const count = new Int32Array(wanted);
  const weights = new Int32Array(wanted * stride);
  const exact = new Float64Array(stride);
  const perPixel = 1 / filterScale;
  for (let k = 0; k < wanted; k++) {
    const center = (from + k + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const n = Math.min(sourceSize, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let x = 0; x < n; x++) {
      exact[x] = Math.max(0, 1 - Math.abs((x + start - center + 0.5) * perPixel));
      sum += exact[x];
    }
    for (let x = 0; x < n; x++) {
      const normalised = sum !== 0 ? exact[x] / sum : exact[x];
      weights[k * stride + x] = Math.trunc(0.5 + normalised * (1 << PRECISION_BITS));
    }
    first[k] = start;
    count[k] = n;
  }
  return { size: wanted, first, count, weights, stride, identity: size === sourceSize };
}

function resizeColumns(image: RgbImage, filter: Filter, firstRow: number, nRows: number): RgbImage {
  const { size: width, first, count, weights, stride } = filter;
  const source = image.data;
  const result = new Uint8ClampedArray(width * nRows * 3);
  const rowBytes = image.width * 3;
  if (filter.identity) {
    const start = first[0] * 3; // of a filter without scale the first source pixel is the pixel itself
    for (let y = 0; y < nRows; y++) {
      const at = (firstRow + y) * rowBytes + start;
      result.set(source.subarray(at, at + width * 3), y * width * 3);
    }
    return { width, height: nRows, data: new Uint8Array(result.buffer) };
  }
  let at = 0;
  for (let y = 0; y < nRows; y++) {
    const row = (firstRow + y) * rowBytes;
    for (let x = 0; x < width; x++) {
      let pixel = row + first[x] * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = x * stride, end = k + count[x]; k < end; k++, pixel += 3) {
        const weight = weights[k];
        red = (red + source[pixel] * weight) | 0;
        green = (green + source[pixel + 1] * weight) | 0;
        blue = (blue + source[pixel + 2] * weight) | 0;
      }
      result[at++] = red >> PRECISION_BITS;
      result[at++] = green >> PRECISION_BITS;
      result[at++] = blue >> PRECISION_BITS;
    }
  }
  return { width, height: nRows, data: new Uint8Array(result.buffer) };
}

function resizeRows(image: RgbImage, filter: Filter, firstRow: number): RgbImage {
  const { size: height, first, count, weights, stride } = filter;
  const { width, data: source } = image;
  const n = width * 3;
  if (filter.identity) return { width, height, data: source.slice(0, n * height) };
  const result = new Uint8ClampedArray(n * height);
  const sums = new Int32Array(n);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * stride + k];
      const row = (first[y] - firstRow + k) * n;
      for (let x = 0; x < n; x++) sums[x] += source[row + x] * weight;
    }
    const row = y * n;
    for (let x = 0; x < n; x++) result[row + x] = sums[x] >> PRECISION_BITS;
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}

function checkSizes(image: RgbImage, width: number, height: number, window: Window): void {
  if (image.data.length !== image.width * image.height * 3) {
    throw new ShapeError(
      `image: expected ${image.width} x ${image.height} x 3 = ${image.width * image.height * 3} bytes, got ${image.data.length}`,
    );
  }
  for (const size of [image.width, image.height, width, height, window.width, window.height]) {
    if (!Number.isInteger(size) || size < 1) {
      throw new ShapeError(`resize: expected sizes of whole pixels from 1, got ${size}`);
    }
  }
  const inside =
    window.left >= 0 && window.top >= 0 && window.left + window.width <= width && window.top + window.height <= height;
  if (!inside || !Number.isInteger(window.left) || !Number.isInteger(window.top)) {
    throw new ShapeError(
      `resize: expected a window inside ${width} x ${height} pixels, got ${window.width} x ${window.height} from column ${window.left}, row ${window.top}`,
    );
  }
}
