import { metricMds } from '../../rdm/mds.ts';
import { procrustes } from '../../rdm/procrustes.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { figureImages } from './images.ts';
import { spreadApart } from './spread.ts';
import { element, moved } from './svg.ts';
import { label, SMALL_TEXT, TEXT_SIZE, wrapped } from './text.ts';
import { decimal, describeSet } from './wording.ts';

const GAP = 20;
const HEADING = 20;
const LEAST_FOR_TWO = 560;
const LARGEST_SIDE = 420;
/** Pixels between a map's frame and its thumbnails. */
const INSET = 6;
const LARGEST_THUMBNAIL = 40;
const LEAST_THUMBNAIL = 8;
/** Of a map, how much its thumbnails would cover if they all lay apart. */
const COVERED = 0.36;

/**
 * The images on two maps, the subjects' and the fit's: near each other where they are alike. The fit's map is moved, turned and mirrored
 * to lie as close to the subjects' as it can, and each fills its panel; images that would hide each other are pushed apart a little.
 * @param pictures a data URI an image
 */
export function mdsFigure(
  set: ScoredSet,
  pictures: readonly string[],
  { id, ...options }: FigureOptions & { readonly id: string },
): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const { conditions } = set;
  const images = figureImages(id, pictures, conditions);
  const room = roomWithin(width);
  const isStacked = width < LEAST_FOR_TWO;
  const side = Math.min(LARGEST_SIDE, isStacked ? room : (room - GAP) / 2);
  const mapped = mapsOf(set);
  const even = Math.sqrt((COVERED * side * side) / conditions.length);
  const thumbnail = Math.min(LARGEST_THUMBNAIL, Math.max(LEAST_THUMBNAIL, even));
  const maps = mapped === null ? [] : [mapped.measured, mapped.predicted];
  const headings = [`Subjects (mean of ${set.nSubjects})`, 'Fit, turned to match'];
  const panels = headings.map((heading, k) => {
    const frame = element('rect', {
      x: 0.5,
      y: 0.5,
      width: side - 1,
      height: side - 1,
      fill: 'none',
      stroke: theme.grid,
      rx: 4,
    });
    const at = isStacked ? [0, k * (side + HEADING + GAP)] : [k * (side + GAP), 0];
    if (mapped === null) {
      const words = wrapped(NO_MAP, side - 40).map((line, row) =>
        label(20, 30 + 17 * row, line, { fill: theme.faint }),
      );
      return moved(
        at[0],
        at[1],
        label(0, TEXT_SIZE, heading, { bold: 'true', fill: theme.ink }),
        moved(0, HEADING, frame, ...words),
      );
    }
    const { positions, stress } = maps[k];
    const reach = Math.max(...Array.from(positions, Math.abs)) || 1;
    const half = side / 2 - thumbnail / 2 - INSET;
    const centres = positions.map(
      (position, place) => side / 2 + (place % 2 === 0 ? 1 : -1) * half * (position / reach),
    );
    const places = spreadApart(centres, { side: thumbnail, inset: INSET, within: side });
    const shown = conditions.map((_, image) => {
      const [x, y] = [places[2 * image] - thumbnail / 2, places[2 * image + 1] - thumbnail / 2];
      return border(x, y, thumbnail, theme) + images.show(image, x, y, thumbnail);
    });
    return moved(
      at[0],
      at[1],
      label(0, TEXT_SIZE, heading, { bold: 'true', fill: theme.ink }),
      label(side, TEXT_SIZE, `stress ${decimal(stress)}`, { size: SMALL_TEXT, anchor: 'end', fill: theme.faint }),
      moved(0, HEADING, frame, ...shown),
    );
  });
  return framed(
    {
      id,
      title: 'Images as the brain and the fit place them',
      subtitle: describeSet(set),
      caption: `Images that are alike lie near each other; directions mean nothing. ${mapped === null ? NO_MAP : `A stress of 0 is a faithful map; at ${decimal(mapped.measured.stress, 2)} distances are to be read with care.`}`,
      alt:
        mapped === null
          ? NO_MAP
          : `Two maps of ${conditions.length} images. Stress ${decimal(mapped.measured.stress)} for subjects, ${decimal(mapped.predicted.stress)} for the fit; disparity of the maps ${decimal(mapped.disparity)}.`,
      csv: csvText(
        ['image', 'subjects x', 'subjects y', 'fit x', 'fit y'],
        conditions.map((name, k) => [
          name,
          ...maps.flatMap(({ positions }) => [positions[2 * k], positions[2 * k + 1]]),
        ]),
      ),
      body: panels.join(''),
      bodyHeight: isStacked ? 2 * (side + HEADING) + GAP : side + HEADING,
      definitions: images.definitions(),
    },
    { ...options, width },
  ).figure;
}

/** Tells thumbnails apart that lie over each other. */
function border(x: number, y: number, side: number, theme: Theme): string {
  return element('rect', { x: x - 1, y: y - 1, width: side + 2, height: side + 2, fill: theme.paper });
}

const NO_MAP = 'There is no map where a dissimilarity is missing.';

/** Maps of sets that were drawn before: a page draws each set in several widths. */
const MAPS = new WeakMap<ScoredSet, ReturnType<typeof findMaps>>();

function mapsOf(set: ScoredSet): ReturnType<typeof findMaps> {
  if (!MAPS.has(set)) MAPS.set(set, findMaps(set.measured.mean, set.predicted));
  return MAPS.get(set)!;
}

function findMaps(measured: Float64Array, predicted: Float64Array) {
  if (![measured, predicted].every((values) => values.every(Number.isFinite))) return null;
  const brain = metricMds(measured);
  const model = metricMds(predicted);
  const { positions, disparity } = procrustes(brain.positions, model.positions);
  return { measured: brain, predicted: { positions, stress: model.stress }, disparity };
}
