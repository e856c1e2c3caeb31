import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodeJpeg, encodePng, renderPng } from '../../src/host/index.ts';

const image = { width: 8, height: 4, data: Uint8Array.from({ length: 96 }, (_, k) => Math.floor(k / 24) * 60) };

test('a .png gives the pixels back as they are, a .jpg nearly, and the same image the same bytes', async () => {
  const pixels = async (file: Uint8Array) => [...(await sharp(file).raw().toBuffer())];
  expect(await pixels(await encodePng(image))).toEqual([...image.data]);
  const jpeg = await encodeJpeg(image);
  const difference = (await pixels(jpeg)).map((value, k) => Math.abs(value - image.data[k]));
  expect(Math.max(...difference)).toBeLessThan(20);
  expect(await encodeJpeg(image)).toEqual(jpeg);
});

test('an svg is drawn as many pixels a pixel as asked, on white where it is transparent', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="6" viewBox="0 0 10 6"><rect x="5" width="5" height="6" fill="#0072b2"/></svg>';
  for (const scale of [1, 2, 3]) {
    const { data, info } = await sharp(await renderPng(svg, scale))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([10 * scale, 6 * scale, 3]);
    const pixel = (x: number) => [...data.subarray(3 * x, 3 * x + 3)];
    expect(pixel(0)).toEqual([255, 255, 255]);
    expect(pixel(10 * scale - 1)).toEqual([0, 0x72, 0xb2]);
  }
});

test('what is no svg is refused', async () => {
  await expect(renderPng('<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>', 1)).rejects.toThrow();
});
