import { UsageError } from '../core/errors.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { RgbImage, Stimulus } from '../images/image.ts';
import { toRgbImage } from './canvas.ts';
import { face } from './pictures/face.ts';
import { house } from './pictures/house.ts';
import { landscape } from './pictures/landscape.ts';
import { letter } from './pictures/letter.ts';
import { object } from './pictures/object.ts';
import type { Picture } from './pictures/picture.ts';
import { plant } from './pictures/plant.ts';
import { TEXTURES, type Texture } from './textures.ts';

const PICTURES = { face, house, landscape, letter, object, plant } as const satisfies Record<string, Picture>;

/** What drawn stimuli show. */
export type StimulusCategory = keyof typeof PICTURES;

/** Categories in the order of the stimuli's names. */
export const STIMULUS_CATEGORIES = Object.keys(PICTURES) as readonly StimulusCategory[];

/** A stimulus that this library drew, with what it shows. */
export interface DrawnStimulus extends Stimulus {
  readonly category: StimulusCategory;
  /** The family of its surface; crossed with the categories. */
  readonly texture: Texture;
}

/** Which stimuli to draw. */
export interface DrawOptions {
  /** Shared out evenly over six categories, and within each over four textures: 72 give three of each kind. */
  readonly nImages?: number;
  /** The picture `face_03` of a seed is the same however many are drawn. */
  readonly seed?: number;
  /** Pixels a side. */
  readonly size?: number;
}

/**
 * Draws a stimulus set of faces, houses, landscapes, letters, objects and plants, each in stripes, dots, checks or marble: structure at
 * fine, middle and global scales for a network's stages to tell apart. Names are `face_01.png` ... `plant_12.png`, in natural order.
 * Nothing is decoded: `bytes()` gives the raw pixels, size x size x 3.
 * @throws UsageError where nImages is below 2 or size below 16
 */
export function drawStimuli({ nImages = 72, seed = 0, size = 128 }: DrawOptions = {}): DrawnStimulus[] {
  if (!Number.isInteger(nImages) || nImages < 2) {
    throw new UsageError(`nImages: expected a whole number from 2, got ${nImages}`);
  }
  if (!Number.isInteger(size) || size < 16) {
    throw new UsageError(`size: expected a whole number of pixels from 16, got ${size}`);
  }
  const random = seededRandom(seed);
  const nCategories = STIMULUS_CATEGORIES.length;
  const digits = String(Math.ceil(nImages / nCategories)).length;
  return STIMULUS_CATEGORIES.flatMap((category, index) => {
    const count = Math.floor((nImages + nCategories - 1 - index) / nCategories);
    return Array.from({ length: count }, (_, k) => {
      const texture = TEXTURES[(k + index) % TEXTURES.length];
      const name = `${category}_${String(k + 1).padStart(Math.max(2, digits), '0')}.png`;
      return drawnStimulus(name, category, texture, size, random.derive(`${category}/${k + 1}`));
    });
  });
}

function drawnStimulus(
  name: string,
  category: StimulusCategory,
  texture: Texture,
  size: number,
  random: Random,
): DrawnStimulus {
  let drawn: RgbImage | undefined;
  const draw = () => {
    drawn ??= toRgbImage(PICTURES[category](size, texture, random));
    return drawn;
  };
  return { name, category, texture, bytes: async () => draw().data, decode: async () => draw() };
}
