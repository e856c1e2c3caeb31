import { ShapeError } from '../core/errors.ts';
import type { RgbImage } from './image.ts';
import type { Window } from './resize.ts';

/** Width and height in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The size at which the shorter side is `shorter` pixels: the other is shorter * long / short, cut to whole pixels.
 * @source torchvision.transforms.Resize(shorter)
 */
export function shorterSideSize(image: PixelSize, shorter: number): PixelSize {
  const { width, height } = image;
  return width <= height
    ? { width: shorter, height: Math.trunc((shorter * height) / width) }
    : { width: Math.trunc((shorter * width) / height), height: shorter };
}

/**
 * The window of `crop` pixels at the centre of `image`; halves are rounded to even.
 * @throws ShapeError where the crop is larger than the image
 * @source torchvision.transforms.CenterCrop
 */
export function centreWindow(image: PixelSize, crop: PixelSize): Window {
  checkRoom('centre crop', image, crop);
  return {
    left: roundHalfToEven((image.width - crop.width) / 2),
    top: roundHalfToEven((image.height - crop.height) / 2),
    width: crop.width,
    height: crop.height,
  };
}

/**
 * A window of `crop` pixels anywhere in `image`.
 * @param down place between the topmost (0) and the lowest (below 1) position, as uniform random numbers are: then every position is as likely
 * @param across the same from left to right
 * @throws ShapeError where the crop is larger than the image
 * @source torchvision.transforms.RandomCrop
 */
export function windowAt(image: PixelSize, crop: PixelSize, down: number, across: number): Window {
  checkRoom('crop', image, crop);
  return {
    left: Math.floor(across * (image.width - crop.width + 1)),
    top: Math.floor(down * (image.height - crop.height + 1)),
    width: crop.width,
    height: crop.height,
  };
}

/** The pixels of a window. */
export function cropTo(image: RgbImage, window: Window): RgbImage {
  const { left, top, width, height } = window;
  if (left < 0 || top < 0 || left + width > image.width || top + height > image.height) {
    throw new ShapeError(
      `crop: expected a window inside ${image.width} x ${image.height} pixels, got ${width} x ${height} from column ${left}, row ${top}`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height, data };
}

function checkRoom(what: string, image: PixelSize, crop: PixelSize): void {
  if (crop.width <= image.width && crop.height <= image.height) return;
  throw new ShapeError(
    `${what}: expected an image of at least ${crop.width} x ${crop.height} pixels, got ${image.width} x ${image.height}; resize it first`,
  );
}

/** Python's `round`: 0.5 becomes 0, 1.5 becomes 2. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
