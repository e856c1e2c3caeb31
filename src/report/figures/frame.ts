import { type Figure, LIGHT, type Theme } from './figure.ts';
import { element, moved } from './svg.ts';
import { label, SMALL_TEXT, TEXT_SIZE, textWidth, wrapped } from './text.ts';

/** How a figure is drawn. */
export interface FigureOptions {
  readonly theme?: Theme;
  /** Pixels; figures that are made of pictures take what their pictures need. */
  readonly width?: number;
  /** False where the page around it says the title already. */
  readonly titled?: boolean;
}

export const DEFAULT_WIDTH = 720;
/** Empty pixels around a figure. */
export const EDGE = 14;
/** A figure that is narrower has no room for its own axis. */
export const LEAST_WIDTH = 300;

/** A line of the legend: what a mark looks like, and what it is. `mark` is drawn in 14 x 14 pixels. */
export interface LegendEntry {
  readonly mark: string;
  readonly text: string;
}

/** What a frame is put around. */
export interface Framed extends Omit<Figure, 'svg'> {
  /** What stands under the title, in small print. */
  readonly subtitle: string;
  readonly legend?: readonly LegendEntry[];
  /** Drawn from (0, 0), `bodyWidth` by `bodyHeight`. */
  readonly body: string;
  readonly bodyHeight: number;
  readonly definitions?: string;
}

/** Pixels between the frame's edges, for a body. */
export function roomWithin(width: number): number {
  return Math.max(LEAST_WIDTH, width) - 2 * EDGE;
}

/** Puts title, subtitle and legend over a body, each in as many lines as it needs, and makes a whole svg of them. */
export function framed(
  { id, title, caption, alt, csv, subtitle, legend = [], body, bodyHeight, definitions }: Framed,
  { theme = LIGHT, width = DEFAULT_WIDTH, titled = true }: FigureOptions,
): FramedFigure {
  const room = roomWithin(width);
  const marks: string[] = [];
  let y = EDGE;
  if (titled) {
    for (const line of wrapped(title, room / TITLE_FACTOR, TITLE_SIZE)) {
      y += TITLE_SIZE + 3;
      marks.push(label(EDGE, y - 3, line, { size: TITLE_SIZE, bold: 'true', fill: theme.ink }));
    }
    y += 3;
  }
  for (const line of wrapped(subtitle, room)) {
    y += TEXT_SIZE + 4;
    marks.push(label(EDGE, y - 4, line, { fill: theme.faint }));
  }
  const key = legendMarks(legend, room, theme);
  marks.push(moved(EDGE, y + 8, key.markup));
  y += key.height === 0 ? 10 : key.height + 18;
  marks.push(moved(EDGE, y, body));
  const height = Math.ceil(y + bodyHeight + EDGE);
  const whole = Math.max(LEAST_WIDTH, Math.ceil(width));
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${whole} ${height}`,
      width: whole,
      height,
      role: 'img',
      'aria-label': alt,
      'font-family': 'system-ui, sans-serif',
      'font-size': TEXT_SIZE,
    },
    ...(definitions ? [element('defs', {}, definitions)] : []),
    element('rect', { width: whole, height, fill: theme.paper }),
    ...marks,
  );
  return { figure: { id, title, caption, alt, svg, csv }, bodyAt: [EDGE, y] };
}

/** A figure, and where its body begins: for what is laid over it. */
export interface FramedFigure {
  readonly figure: Figure;
  readonly bodyAt: readonly [x: number, y: number];
}

const TITLE_SIZE = 16;
const TITLE_FACTOR = 1.16; // bold letters are wider
const LEGEND_LINE = 20;
const LEGEND_MARK = 20;
const LEGEND_GAP = 18;

function legendMarks(legend: readonly LegendEntry[], room: number, theme: Theme): { markup: string; height: number } {
  let x = 0;
  let lines = legend.length === 0 ? 0 : 1;
  const marks = legend.map(({ mark, text }) => {
    const width = LEGEND_MARK + textWidth(text, SMALL_TEXT);
    if (x > 0 && x + width > room) {
      x = 0;
      lines++;
    }
    const y = (lines - 1) * LEGEND_LINE;
    const words = label(x + LEGEND_MARK, y + 11, text, {
      size: SMALL_TEXT,
      fill: theme.faint,
      room: room - LEGEND_MARK,
    });
    const drawn = moved(x, y, mark) + words;
    x += width + LEGEND_GAP;
    return drawn;
  });
  return { markup: marks.join(''), height: lines * LEGEND_LINE };
}
