import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import { checkImageHeader, decodeImage } from '../../src/host/decode.ts';
import { fixture, golden } from '../images/golden.ts';
import { bmpHeader, flatPng, headerOnlyPng } from './hostile-images.ts';

describe('decodeImage', () => {
  it.each(golden.decoded)(
    'reads $file as PIL does',
    async ({ file, width, height, pixels, tolerance, transparent }) => {
      const notices: string[] = [];
      const image = await decodeImage(fixture(file), file, { onNotice: (notice) => notices.push(notice) });
      expect([image.width, image.height]).toEqual([width, height]);
      const expected = Buffer.from(pixels, 'base64');
      expect(image.data.length).toBe(expected.length);
      const furthest = image.data.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k])), 0);
      expect(furthest).toBeLessThanOrEqual(tolerance);
      expect(notices).toEqual(
        transparent ? [`${file} has transparent pixels: they are shown over mid-gray (128)`] : [],
      );
    },
  );

  it('knows a file by its bytes, whatever it is called', async () => {
    const image = await decodeImage(fixture('rgb.png'), 'misnamed.jpg');
    expect(Buffer.from(image.data).toString('base64')).toBe(
      golden.decoded.find(({ file }) => file === 'rgb.png')?.pixels,
    );
  });
});

describe('a bad image', () => {
  const failure = async (bytes: Uint8Array, name = 'bad.img') => {
    const started = Date.now();
    const error = await decodeImage(bytes, name).catch((reason: unknown) => reason);
    expect(Date.now() - started).toBeLessThan(5000);
    return error;
  };

  it('that is empty, or no image at all, is named with the formats that are read', async () => {
    expect(await failure(new Uint8Array(0))).toEqual(
      new FormatError(
        'bad.img',
        'expected a jpg, png, webp, bmp, tiff or gif image, got an empty file; remove or convert it',
      ),
    );
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
    expect(await failure(svg)).toBeInstanceOf(FormatError);
  });

  const whole = golden.decoded.map(({ file }) => file).filter((file) => !/^exif|^animated.gif/.test(file));
  it.each(whole)('that breaks off after a third is a FormatError with its path: %s', async (file) => {
    const bytes = fixture(file);
    const error = await failure(bytes.subarray(0, Math.floor(bytes.length / 3)), `folder/${file}`);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(`folder/${file}`);
  });

  it('that is a GIF and breaks off in its second frame is its first', async () => {
    const bytes = fixture('animated.gif');
    const image = await decodeImage(bytes.subarray(0, bytes.length - 100), 'animated.gif');
    expect(image).toEqual(await decodeImage(bytes, 'animated.gif'));
  });

  it('whose pixels break off just before the end is no picture with a gray foot', async () => {
    for (const file of [
      'rgb.jpg',
      'progressive.jpg',
      'rgb.png',
      'lossless.webp',
      'palette.gif',
      'lzw.tif',
      'rgb.bmp',
      'rle8.bmp',
    ]) {
      const bytes = fixture(file);
      expect(await failure(bytes.subarray(0, bytes.length - 40), file), file).toBeInstanceOf(FormatError);
    }
  });

  it('whose header claims more pixels than allowed, or than its bytes could hold, is refused before it is decoded', async () => {
    expect(String(await failure(headerOnlyPng(20_000, 20_000)))).toContain('expected at most 100000000 pixels');
    expect(String(await failure(flatPng(9000, 9000, 100)))).toContain('more than an image of');
    expect(String(await failure(bmpHeader(30_000, 30_000, 24, 0)))).toMatch(
      /expected at least \d+ bytes of pixels|at most/,
    );
    expect(String(await failure(bmpHeader(30_000, 3000, 8, 1)))).toMatch('bytes of pixels');
    expect(String(await failure(bmpHeader(0x7fffffff, 0x7fffffff, 32, 0)))).toMatch('bytes of pixels');
  });

  it('that unpacks to 81 million pixels from 80 kB is read or refused within 5 s', async () => {
    const bytes = flatPng(9000, 9000);
    const started = Date.now();
    const image = await decodeImage(bytes, 'flat.png');
    expect(Date.now() - started).toBeLessThan(5000);
    expect(image.width).toBe(9000);
  });

  it('with floating-point samples is refused, with the way out', async () => {
    expect(String(await failure(fixture('../hostile/float.tif')))).toContain('8 or 16 bits, got float; convert it');
  });

  it.each([
    'rgb.jpg',
    'rgba.png',
    'rgba.webp',
    'animated.gif',
    'lzw.tif',
    'rgb-16-be.tif',
    'palette-4-bit.bmp',
    'rle8.bmp',
    'rle4.bmp',
    'bgra-v4.bmp',
  ])('with any bytes changed is an image or a FormatError, soon: %s', async (file) => {
    const original = fixture(file);
    const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const outcome = await decodeImage(bytes, file).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(FormatError);
      }),
      { numRuns: 150 },
    );
  });
});

describe('checkImageHeader', () => {
  it.each(golden.decoded)('accepts $file and gives its size', async ({ file, width, height }) => {
    const size = await checkImageHeader(fixture(file), file);
    expect([size.width, size.height].sort()).toEqual([width, height].sort());
  });

  it('refuses what is no image, and headers that lie', async () => {
    await expect(checkImageHeader(new Uint8Array(100), 'x.jpg')).rejects.toThrow(FormatError);
    await expect(checkImageHeader(headerOnlyPng(20_000, 20_000), 'x.png')).rejects.toThrow('at most 100000000 pixels');
  });
});
