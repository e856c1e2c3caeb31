import type { RgbImage } from '../images/image.ts';

/** A .png file of an image, lossless. */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
