import type { RgbImage } from '../images/image.ts';

const JPEG_QUALITY = 80;
/** At this density an svg's pixel is one of the picture. */
const SVG_DENSITY = 72;

/** A .png file of an image, lossless. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  return (await raw(image)).png().toBuffer();
}

/** A .jpg file of an image, for thumbnails: a few kilobytes, colours at full resolution since there are few pixels. */
export async function encodeJpeg(image: RgbImage): Promise<Uint8Array> {
  return (await raw(image)).jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
}

/**
 * An svg drawn as a .png file.
 * @param scale pixels of the picture a pixel of the svg: 2 for print and sharp screens
 * @throws Error where the text is no svg
 */
export async function renderPng(svg: string, scale: number): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(new TextEncoder().encode(svg), { density: SVG_DENSITY * scale, unlimited: true })
    .flatten({ background: 'white' })
    .png()
    .toBuffer();
}

async function raw({ width, height, data }: RgbImage) {
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width, height, channels: 3 } });
}
