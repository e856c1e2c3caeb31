import { element, escapeText } from './svg.ts';

/** A set's pictures within one figure: each is held once, however often it is shown. */
export interface FigureImages {
  /** A picture as a square; its name is told when it is pointed at. */
  show(image: number, x: number, y: number, side: number): string;
  /** What was shown, for the svg's definitions. */
  definitions(): string;
}

/** Pixels of the symbol that holds a picture; a picture of another size is stretched to it. */
const SIDE = 64;

/**
 * Pictures for one figure.
 * @param id of the figure
 * @param pictures a data URI an image; none where there are no thumbnails, and squares stand for them
 * @param names of the images
 */
export function figureImages(id: string, pictures: readonly string[], names: readonly string[]): FigureImages {
  const shown = new Set<number>();
  return {
    show(image, x, y, side) {
      const name = element('title', {}, escapeText(names[image]));
      if (pictures[image] === undefined) {
        return element('rect', { x, y, width: side, height: side, fill: EMPTY, 'fill-opacity': 0.4 }, name);
      }
      shown.add(image);
      return element('use', { href: `#${id}-${image}`, x, y, width: side, height: side }, name);
    },
    definitions: () =>
      [...shown]
        .sort((a, b) => a - b)
        .map((image) =>
          element(
            'symbol',
            { id: `${id}-${image}`, viewBox: `0 0 ${SIDE} ${SIDE}`, preserveAspectRatio: 'none' },
            element('image', { width: SIDE, height: SIDE, preserveAspectRatio: 'none', href: pictures[image] }),
          ),
        )
        .join(''),
  };
}

const EMPTY = '#7d7d85';
