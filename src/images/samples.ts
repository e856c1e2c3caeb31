import type { RgbImage } from './image.ts';

/** Pixels as a decoder gives them, before they are RGB: 8 bits, row-major, interleaved. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly kind: 'rgb' | 'rgba' | 'cmyk';
  readonly data: Uint8Array;
}

/** The gray that shows through transparent pixels. */
export const MID_GRAY = 128;

/**
 * RGB pixels of any samples: alpha is composited over mid-gray, CMYK becomes RGB by PIL's formula.
 * @returns the pixels, and whether any of them let the gray through
 */
export function rgbOf(samples: Samples): { image: RgbImage; transparent: boolean } {
  const { width, height, data } = samples;
  if (samples.kind === 'rgb') return { image: { width, height, data }, transparent: false };
  const n = width * height;
  const rgb = new Uint8Array(3 * n);
  const transparent = samples.kind === 'rgba' ? overMidGray(data, rgb, n) : cmykToRgb(data, rgb, n);
  return { image: { width, height, data: rgb }, transparent };
}

/**
 * round((color * alpha + 128 (255 - alpha)) / 255).
 * @source Pillow 9.4, Image.paste with a mask (libImaging/Paste.c)
 */
function overMidGray(rgba: Uint8Array, rgb: Uint8Array, n: number): boolean {
  let transparent = false;
  for (let k = 0; k < n; k++) {
    const alpha = rgba[4 * k + 3];
    if (alpha !== 255) transparent = true;
    for (let c = 0; c < 3; c++) rgb[3 * k + c] = divide255(rgba[4 * k + c] * alpha + MID_GRAY * (255 - alpha));
  }
  return transparent;
}

/**
 * color = max(0, (255 - k) - round(ink (255 - k) / 255)).
 * @source Pillow 9.4, cmyk2rgb (libImaging/Convert.c)
 */
function cmykToRgb(cmyk: Uint8Array, rgb: Uint8Array, n: number): false {
  for (let k = 0; k < n; k++) {
    const light = 255 - cmyk[4 * k + 3];
    for (let c = 0; c < 3; c++) rgb[3 * k + c] = Math.max(0, light - divide255(cmyk[4 * k + c] * light));
  }
  return false;
}

/** round(value / 255) for products of two bytes, as PIL computes it. */
function divide255(value: number): number {
  const shifted = value + 128;
  return ((shifted >> 8) + shifted) >> 8;
}
