import type { Sharp, SharpOptions } from 'sharp';
import { FormatError, messageOf } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { bmpSize, decodeBmp } from '../images/bmp.ts';
import { fillAroundFrame, gifFirstFrame } from '../images/gif.ts';
import type { RgbImage } from '../images/image.ts';
import { rgbOf, type Samples } from '../images/samples.ts';
import { formatOfBytes, type ImageFormat } from '../images/signature.ts';

/** Pixels an image may have at most: 100 million, 300 MB of RGB. */
export const MOST_PIXELS = 100_000_000;
// No compression of a picture holds more in a byte; what claims more, beyond a size that costs nothing, is a decompression bomb.
const MOST_PIXELS_PER_BYTE = 3000;
const HARMLESS_PIXELS = 1 << 22;
const MOST_SECONDS = 5;

// libvips' strictest level counts harmless remarks of libpng and libtiff (an unknown tag, an odd profile) as damage; for libjpeg its
// warnings are what damaged pixels look like.
const FAIL_ON: Record<Exclude<ImageFormat, 'bmp'>, NonNullable<SharpOptions['failOn']>> = {
  jpeg: 'warning',
  png: 'error',
  webp: 'error',
  tiff: 'error',
  gif: 'error',
};

/** What a decoder has to say beside the pixels. */
export interface DecodeOptions {
  /** Told of transparent pixels, which are composited over mid-gray. */
  readonly onNotice?: OnNotice;
}

/**
 * Decodes an image file as PIL does: `ImageOps.exif_transpose(Image.open(file)).convert('RGB')`.
 *
 * jpg, png, webp, bmp, tiff and gif, told by their first bytes; of several frames or pages the first. 16 bits become 8 by v >> 8, CMYK
 * becomes RGB by PIL's formula, embedded color profiles are ignored, transparent pixels are composited over mid-gray (128).
 * @param bytes the whole file
 * @param name path or name, leads the messages
 * @throws FormatError for what is no image, is truncated or damaged, has samples of other than 8 or 16 bits, or claims more than 100 million
 * pixels or more pixels than its bytes could hold
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  { onNotice }: DecodeOptions = {},
): Promise<RgbImage> {
  const format = imageFormat(bytes, name);
  if (format === 'bmp') checkPixels(bmpSize(bytes, name), bytes.length, name);
  const samples = format === 'bmp' ? decodeBmp(bytes, name) : await decodeWithSharp(bytes, name, format);
  const { image, transparent } = rgbOf(samples);
  const frame = format === 'gif' ? gifFirstFrame(bytes) : undefined;
  if (frame !== undefined) fillAroundFrame(image, frame);
  if (transparent) onNotice?.(`${name} has transparent pixels: they are shown over mid-gray (128)`);
  return image;
}

/**
 * Reads no more than the header: fails where `decodeImage` would for the file's kind, size or samples.
 * @returns width and height before EXIF rotation
 * @throws FormatError as `decodeImage`, but not for damage further in
 */
export async function checkImageHeader(bytes: Uint8Array, name: string): Promise<{ width: number; height: number }> {
  const format = imageFormat(bytes, name);
  if (format === 'bmp') {
    const size = bmpSize(bytes, name);
    checkPixels(size, bytes.length, name);
    return size;
  }
  const { width, height } = await readMetadata(await open(bytes, format), bytes, name);
  return { width, height };
}

function imageFormat(bytes: Uint8Array, name: string): ImageFormat {
  const format = formatOfBytes(bytes);
  if (format !== undefined) return format;
  const got = bytes.length === 0 ? 'an empty file' : 'something else';
  throw new FormatError(name, `expected a jpg, png, webp, bmp, tiff or gif image, got ${got}; remove or convert it`);
}

function checkPixels({ width, height }: { width: number; height: number }, nBytes: number, name: string): void {
  const pixels = width * height;
  if (pixels > MOST_PIXELS) {
    throw new FormatError(
      name,
      `expected at most ${MOST_PIXELS} pixels, the header claims ${width} x ${height}; make it smaller`,
    );
  }
  if (pixels > HARMLESS_PIXELS && pixels > MOST_PIXELS_PER_BYTE * nBytes) {
    throw new FormatError(
      name,
      `the header claims ${width} x ${height} pixels, more than an image of ${nBytes} bytes holds; it is damaged or a decompression bomb`,
    );
  }
}

type Vips = typeof import('sharp').default;
let loaded: Promise<Vips> | undefined;

/** sharp, loaded when the first image needs it: it costs a tenth of a second that other commands need not pay. */
function loadSharp(): Promise<Vips> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false); // each image is decoded once
    return sharp;
  });
  return loaded;
}

async function open(bytes: Uint8Array, format: Exclude<ImageFormat, 'bmp'>): Promise<Sharp> {
  const sharp = await loadSharp();
  // checkPixels has a limit with a better message.
  return sharp(bytes, { failOn: FAIL_ON[format], limitInputPixels: false, ignoreIcc: true, autoOrient: true });
}

interface CheckedMetadata {
  readonly width: number;
  readonly height: number;
  readonly cmyk: boolean;
  readonly bits: 8 | 16;
}

async function readMetadata(image: Sharp, bytes: Uint8Array, name: string): Promise<CheckedMetadata> {
  const metadata = await image.metadata().catch((error: unknown) => {
    throw unreadable(name, error);
  });
  const { width, height, depth, space } = metadata;
  checkPixels({ width, height }, bytes.length, name);
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new FormatError(name, `expected samples of 8 or 16 bits, got ${depth}; convert it to 8 bits`);
  }
  return { width, height, cmyk: space === 'cmyk', bits: depth === 'ushort' ? 16 : 8 };
}

async function decodeWithSharp(bytes: Uint8Array, name: string, format: Exclude<ImageFormat, 'bmp'>): Promise<Samples> {
  const image = await open(bytes, format);
  const { cmyk, bits } = await readMetadata(image, bytes, name);
  if (cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else if (bits === 16) image.toColourspace('rgb16');
  const { data, info } = await image
    .timeout({ seconds: MOST_SECONDS })
    .raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw unreadable(name, error);
    });
  const { width, height, channels } = info;
  const kind = cmyk ? 'cmyk' : channels === 4 ? 'rgba' : 'rgb';
  if (channels !== (kind === 'rgb' ? 3 : 4)) {
    throw new FormatError(name, `expected gray, RGB or CMYK with at most one alpha, got ${channels} channels`);
  }
  return {
    width,
    height,
    kind,
    data: bits === 16 ? highBytes(data) : new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

/** The upper 8 of each 16 bits, which raw output keeps in the machine's byte order. */
function highBytes(data: Uint8Array): Uint8Array {
  const wide = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return Uint8Array.from(wide, (value) => value >> 8);
}

function unreadable(name: string, error: unknown): FormatError {
  const reason = messageOf(error).split('\n')[0];
  return new FormatError(
    name,
    `the image is truncated, damaged or of a kind that cannot be read (${reason})`,
    undefined,
    {
      cause: error,
    },
  );
}
