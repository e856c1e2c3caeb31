import { pairsOf } from '../../core/condensed.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { viridis } from '../picture/viridis.ts';
import { csvText, PAIR_COLUMNS } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, EDGE, type FigureOptions, framed, LEAST_WIDTH, roomWithin } from './frame.ts';
import { type FigureImages, figureImages } from './images.ts';
import { matrixPicture } from './matrix-picture.ts';
import { rankFractions, valuesAtFractions } from './rank-shades.ts';
import { element, group, moved } from './svg.ts';
import { label, SMALL_TEXT, TEXT_SIZE } from './text.ts';
import { decimal, describeSet, threeDigits } from './wording.ts';

/** Where a matrix lies in its figure's svg, in pixels: what is laid over it finds its cells by that. */
export interface MatrixPlace {
  readonly x: number;
  readonly y: number;
  /** Side of a cell. */
  readonly cell: number;
  /** Condition of each row, and column. */
  readonly order: readonly number[];
}

/** The figure of RDMs, and where its matrices are. */
export interface RdmFigure extends Figure {
  readonly measured: MatrixPlace;
  readonly predicted: MatrixPlace;
}

const LARGEST_SIDE = 380;
const LARGEST_CELL = 40;
const LEAST_THUMBNAIL = 20;
const LARGEST_THUMBNAIL = 32;
const TICK = 4;
const GAP = 30;
const HEADING = 20;
const BAR_HEIGHT = 10;
const LEAST_BAR = 190;
const GROUP_NAMES = 18;
const LEAST_GROUP_NAME = 26;
/** Beneath this width the matrices stand one over the other. */
const LEAST_FOR_TWO = 600;

/**
 * What subjects gave and what the fit predicts, as matrices side by side, coloured by each matrix's own ranks, with the images along their sides.
 * Images of a category stand together where the study names categories; else they stand as given.
 * @param pictures a data URI an image
 */
export function rdmFigure(
  set: ScoredSet,
  pictures: readonly string[],
  { id, ...options }: FigureOptions & { readonly id: string },
): RdmFigure {
  const { theme = LIGHT, width } = options;
  const n = set.conditions.length;
  const order = orderOf(set.labels, n);
  const images = figureImages(id, pictures, set.conditions);
  const isStacked = width !== undefined && width < LEAST_FOR_TWO;
  const largest = isStacked ? Math.min(LARGEST_SIDE, roomWithin(width) - LARGEST_THUMBNAIL - TICK) : LARGEST_SIDE;
  const cell = cellSide(n, largest);
  const layout = layOut(cell, order, set.labels);
  const parts = [
    {
      heading: `Measured: mean of ${set.nSubjects} ${set.nSubjects === 1 ? 'subject' : 'subjects'}`,
      values: set.measured.mean,
    },
    { heading: 'Predicted', values: set.predicted },
  ].map(({ heading, values }) => matrixMarks(heading, values, layout, images, theme, id));
  const some = layout.every > 1 ? `; every ${ordinal(layout.every)} image is shown along the sides` : '';
  const step = isStacked ? [0, layout.height + GAP] : [layout.width + GAP, 0];
  const { rho, estimate } = set.sheet.models[0];
  const agreement = `mean signed similarity with subjects ${decimal(rho)}${estimate === null ? '' : `, 95 % interval ${decimal(estimate.interval[0])} to ${decimal(estimate.interval[1])}`}`;
  const { figure, bodyAt } = framed(
    {
      id,
      title: 'Measured and predicted dissimilarities',
      // Not in the caption, which a page says of matrices that it draws anew.
      subtitle: `${describeSet(set)}${some}`,
      caption: `Each cell is a pair of images; both matrices have the same order${set.labels === null ? ' of images, as given' : ', by category'}. Colours go by rank within each matrix, dark for the most alike, since the two have different scales.`,
      alt: `Two matrices of dissimilarities of ${n} images, measured and predicted: ${agreement}.`,
      csv: csvOf(set),
      body: parts[0] + moved(step[0], step[1], parts[1]),
      bodyHeight: layout.height + step[1],
      definitions:
        images.definitions() +
        element(
          'linearGradient',
          { id: `${id}-scale` },
          ...Array.from({ length: 21 }, (_, k) =>
            element('stop', { offset: `${k * 5}%`, 'stop-color': viridis(k / 20) }),
          ),
        ),
    },
    {
      ...options,
      width: Math.max(LEAST_WIDTH, isStacked ? (width ?? DEFAULT_WIDTH) : layout.width + step[0] + 2 * EDGE),
    },
  );
  const measured = { x: bodyAt[0] + layout.strip, y: bodyAt[1] + HEADING + layout.strip, cell, order };
  return { ...figure, measured, predicted: { ...measured, x: measured.x + step[0], y: measured.y + step[1] } };
}

function ordinal(n: number): string {
  return n === 2 ? 'second' : n === 3 ? 'third' : `${n}th`;
}

/** Rows as given, or category by category in the order in which these come up. */
function orderOf(labels: readonly string[] | null, n: number): number[] {
  const order = Array.from({ length: n }, (_, row) => row);
  if (labels === null) return order;
  const places = new Map<string, number>();
  for (const name of labels) if (!places.has(name)) places.set(name, places.size);
  return order.sort((a, b) => places.get(labels[a])! - places.get(labels[b])! || a - b);
}

/** Whole pixels where there are two or more, half ones for up to as many cells as pixels, else what fits. */
function cellSide(n: number, largest: number): number {
  if (n > largest) return largest / n;
  const cell = largest / n;
  return cell >= 2 ? Math.min(LARGEST_CELL, Math.floor(cell)) : Math.floor(2 * cell) / 2;
}

interface Layout {
  readonly cell: number;
  readonly order: readonly number[];
  readonly side: number;
  /** Rows from one thumbnail to the next. */
  readonly every: number;
  readonly thumbnail: number;
  /** Pixels that thumbnails take along an axis. */
  readonly strip: number;
  readonly groups: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly barWidth: number;
  readonly width: number;
  readonly height: number;
}

function layOut(cell: number, order: readonly number[], labels: readonly string[] | null): Layout {
  const side = cell * order.length;
  const every = Math.max(1, Math.ceil(LEAST_THUMBNAIL / cell));
  const thumbnail = Math.min(LARGEST_THUMBNAIL, every * cell - 1);
  const strip = Math.ceil(thumbnail) + TICK + 1;
  const barWidth = Math.max(LEAST_BAR, side);
  const groups: { name: string; from: number; to: number }[] = [];
  if (labels !== null) {
    for (const [row, condition] of order.entries()) {
      const last = groups.at(-1);
      if (last?.name === labels[condition]) last.to = row + 1;
      else groups.push({ name: labels[condition], from: row, to: row + 1 });
    }
  }
  const named = groups.length > 0 ? GROUP_NAMES : 0;
  const height = HEADING + strip + side + named + 12 + BAR_HEIGHT + 32;
  return { cell, order, side, every, thumbnail, strip, groups, barWidth, width: strip + barWidth, height };
}

function matrixMarks(
  heading: string,
  values: Float64Array,
  layout: Layout,
  images: FigureImages,
  theme: Theme,
  id: string,
): string {
  const { cell, order, side, strip, barWidth, groups } = layout;
  const inPixels = cell >= 1 ? Math.round(2 * cell) : 1;
  const picture = element('image', {
    ...{ x: 0, y: 0, width: side, height: side, preserveAspectRatio: 'none' },
    style: cell >= 1 ? 'image-rendering:pixelated' : undefined,
    href: matrixPicture(rankFractions(values), order, inPixels),
  });
  const borders = groups.slice(1).map(({ from }) => `M${from * cell} 0V${side}M0 ${from * cell}H${side}`);
  const lines = borders.length === 0 ? '' : element('path', { d: borders.join(''), stroke: theme.paper, fill: 'none' });
  const below = side + (groups.length > 0 ? GROUP_NAMES : 0) + 12;
  return (
    label(strip, TEXT_SIZE, heading, { bold: 'true', fill: theme.ink, room: barWidth }) +
    moved(
      strip,
      HEADING + strip,
      picture,
      lines,
      thumbnailMarks(layout, images, theme),
      group({ fill: theme.faint }, groupNames(layout)),
      moved(0, below, barMarks(values, barWidth, theme, id)),
    )
  );
}

/** Every so many images beside its row and over its column, with a line to it where rows are narrower than thumbnails. */
function thumbnailMarks({ cell, order, every, thumbnail }: Layout, images: FigureImages, theme: Theme): string {
  const marks: string[] = [];
  const ticks: string[] = [];
  for (let first = 0; first + every <= order.length; first += every) {
    const row = first + Math.floor(every / 2);
    const centre = (row + 0.5) * cell;
    const start = (first + every / 2) * cell - thumbnail / 2;
    const away = -TICK - thumbnail;
    marks.push(images.show(order[row], away, start, thumbnail), images.show(order[row], start, away, thumbnail));
    ticks.push(`M-1 ${centre}H${-TICK + 1}M${centre} -1V${-TICK + 1}`);
  }
  return marks.join('') + (every > 1 ? element('path', { d: ticks.join(''), stroke: theme.faint, fill: 'none' }) : '');
}

function groupNames({ cell, side, groups }: Layout): string[] {
  return groups
    .filter(({ from, to }) => (to - from) * cell >= LEAST_GROUP_NAME)
    .map(({ name, from, to }) =>
      label(((from + to) / 2) * cell, side + 13, name, {
        size: SMALL_TEXT,
        anchor: 'middle',
        room: (to - from) * cell - 4,
      }),
    );
}

/** The colours in order, with the dissimilarity at each quarter of the ranks. */
function barMarks(values: Float64Array, width: number, theme: Theme, id: string): string {
  const fractions = width < 260 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  const at = valuesAtFractions(values, fractions);
  const labels = fractions.map((fraction, k) =>
    label(fraction * width, BAR_HEIGHT + 14, threeDigits(at[k]), {
      size: SMALL_TEXT,
      anchor: fraction === 0 ? 'start' : fraction === 1 ? 'end' : 'middle',
    }),
  );
  return (
    element('rect', { width, height: BAR_HEIGHT, fill: `url(#${id}-scale)` }) +
    group({ fill: theme.faint }, [
      ...labels,
      label(width / 2, BAR_HEIGHT + 29, 'dissimilarity, by rank', { size: SMALL_TEXT, anchor: 'middle' }),
    ])
  );
}

function csvOf({ conditions, measured, predicted }: ScoredSet): string {
  const ranks = [measured.mean, predicted].map(rankFractions);
  const pairs = [...pairsOf(conditions.length)];
  return csvText(
    PAIR_COLUMNS,
    pairs.map(([i, j], k) => [
      ...[conditions[i], conditions[j], measured.mean[k], measured.sd?.[k], predicted[k]],
      ...ranks.map((fractions) => fractions[k]),
    ]),
  );
}
