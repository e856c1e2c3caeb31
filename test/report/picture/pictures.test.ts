import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it, test } from 'vitest';
import { encodeJpeg } from '../../../src/host/index.ts';
import { makeThumbnails } from '../../../src/images/thumbnails.ts';
import { DARK, LIGHT, PAGE, themeVariables } from '../../../src/report/figures/figure.ts';
import { matrixPicture } from '../../../src/report/figures/matrix-picture.ts';
import { palettePng, pictureUri } from '../../../src/report/picture/palette-png.ts';
import { thumbnailUris } from '../../../src/report/picture/thumbnail-uris.ts';
import { viridis } from '../../../src/report/picture/viridis.ts';
import { drawStimuli } from '../../../src/simulation/stimuli.ts';

const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const bytesOf = (uri: string) => Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
const pixelsOf = async (file: Uint8Array | Buffer) =>
  sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });

describe('palettePng', () => {
  it('gives what sharp decodes to the same pixels, lines that repeat and transparent ones too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 }),
        async (width, rows) => {
          const palette = ['#123456', 'transparent', '#ffffff', '#00ff80'];
          const indices = Uint8Array.from(
            rows.flatMap((row) => Array.from({ length: width }, (_, x) => (row + (x >> 2)) % 4)),
          );
          const { data, info } = await pixelsOf(palettePng({ width, height: rows.length, indices, palette }));
          expect([info.width, info.height]).toEqual([width, rows.length]);
          const wanted = Array.from(indices, (index) =>
            palette[index] === 'transparent' ? [0, 0, 0, 0] : [...channels(palette[index]), 255],
          );
          expect([...data]).toEqual(wanted.flat());
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('viridis', () => {
  const lightness = Array.from({ length: 33 }, (_, k) => lightnessOf(viridis(k / 32)));

  it('grows lighter by nearly even steps, so that it is in order in grey as well', () => {
    const steps = lightness.slice(1).map((value, k) => value - lightness[k]);
    expect(Math.min(...steps)).toBeGreaterThan(1.2);
    expect(Math.max(...steps)).toBeLessThan(4);
  });

  it("has matplotlib's ends and middle", () => {
    expect([0, 0.5, 1, -1, 2].map(viridis)).toEqual(['#440154', '#21908c', '#fde725', '#440154', '#fde725']);
  });
});

describe('matrixPicture', () => {
  it('colours each cell by its fraction in the order given, the diagonal transparent and a missing value grey', async () => {
    const { data, info } = await pixelsOf(bytesOf(matrixPicture(Float64Array.of(0, 1, Number.NaN), [2, 0, 1], 2)));
    expect(info.width).toBe(6);
    const cell = (row: number, column: number) => [
      ...data.subarray(4 * (12 * row + 2 * column), 4 * (12 * row + 2 * column) + 4),
    ];
    expect(cell(0, 0)).toEqual([0, 0, 0, 0]);
    expect(cell(0, 1)).toEqual([...channels('#fde725'), 255]); // conditions 2 and 0
    expect(cell(1, 2)).toEqual([...channels('#440154'), 255]); // 0 and 1
    expect(cell(2, 0)).toEqual([...channels('#8c8c8c'), 255]); // 1 and 2
    expect(cell(1, 0)).toEqual(cell(0, 1));
  });

  it('averages neighbours where there are more conditions than any figure has pixels', async () => {
    const n = 1000;
    const { info } = await pixelsOf(
      bytesOf(matrixPicture(new Float64Array((n * (n - 1)) / 2).fill(0.5), [...Array(n).keys()], 1)),
    );
    expect(info.width).toBe(500);
  });
});

test('thumbnails become addresses of pictures that look like them', async () => {
  const thumbnails = await makeThumbnails(drawStimuli({ nImages: 3 }));
  const uris = await thumbnailUris(thumbnails, { encodeJpeg });
  expect(uris).toHaveLength(3);
  const decoded = await sharp(bytesOf(uris[1])).raw().toBuffer();
  const own = thumbnails.pixels.subarray(64 * 64 * 3, 2 * 64 * 64 * 3);
  const difference = own.reduce((sum, value, k) => sum + Math.abs(value - decoded[k]), 0) / own.length;
  expect(difference).toBeLessThan(6);
  expect(uris[0].length).toBeLessThan(8000);
});

test('no thumbnails, no addresses; large files are no trouble', async () => {
  expect(await thumbnailUris({ pixels: new Uint8Array(0), sizes: new Uint32Array(0) }, { encodeJpeg })).toEqual([]);
  const bytes = Uint8Array.from({ length: 200_000 }, (_, k) => k % 251);
  expect(Buffer.compare(bytesOf(pictureUri('image/png', bytes)), Buffer.from(bytes))).toBe(0);
});

describe('themes', () => {
  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('%s: text stands out from the paper by 4.5 : 1 or more, marks by 3 : 1', (_, theme) => {
    for (const text of [theme.ink, theme.faint]) expect(contrast(text, theme.paper)).toBeGreaterThanOrEqual(4.5);
    for (const mark of [theme.fitted, theme.rival, theme.measured, theme.permuted, theme.ceiling, theme.truth]) {
      expect(contrast(mark, theme.paper)).toBeGreaterThanOrEqual(3);
    }
  });

  it('of a page are variables that the others declare', () => {
    for (const [name, variable] of Object.entries(PAGE)) {
      expect(variable).toBe(`var(--${name})`);
      expect(themeVariables(DARK)).toContain(`--${name}: #`);
    }
  });
});

/** Relative luminance of sRGB, as WCAG 2 and CIE have it. */
function luminanceOf(colour: string): number {
  const [r, g, b] = channels(colour)
    .map((level) => level / 255)
    .map((level) => (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminanceOf(a), luminanceOf(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** CIE L*. */
function lightnessOf(colour: string): number {
  const y = luminanceOf(colour);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}
