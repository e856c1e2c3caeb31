import { verticalAxis } from './axis.ts';
import type { Theme } from './figure.ts';
import type { Scale } from './scale.ts';
import { element, group, moved } from './svg.ts';
import { label, SMALL_TEXT, textWidth } from './text.ts';

/** Stages side by side, from the first to the last, each with its column of a panel. */
export interface StageColumns {
  readonly width: number;
  /** Pixels of a column. */
  readonly band: number;
  centre(stage: number): number;
  /** Pixels that what stands beneath the panel takes. */
  readonly footHeight: number;
  /** Axis, grid, and beneath each column its name and notes. */
  ground(scale: Scale, height: number, theme: Theme): string;
}

const WIDEST_BAND = 150;
const NARROWEST_BAND = 32;
const LONGEST_NAME = 110;
const LINE = 15;
const SLOPE = -40;

/** As many stages a line as have room, evenly: where each line of columns begins and ends. */
export function stageLines(nStages: number, width: number): { readonly from: number; readonly to: number }[] {
  const nLines = Math.ceil(nStages / Math.max(1, Math.floor(width / NARROWEST_BAND)));
  const place = (line: number) => Math.round((line * nStages) / nLines);
  return Array.from({ length: nLines }, (_, line) => ({ from: place(line), to: place(line + 1) }));
}

/**
 * Columns for stages.
 * @param notes what is printed beneath each name, a line each; the first column of `noteNames` says what they are
 */
export function stageColumns(
  names: readonly string[],
  width: number,
  notes: readonly { readonly name: string; readonly texts: readonly string[] }[] = [],
): StageColumns {
  const band = Math.min(WIDEST_BAND, width / names.length);
  const widest = Math.min(LONGEST_NAME, Math.max(...names.map((name) => textWidth(name))));
  const isSloped = widest > band - 4;
  const slopedHeight = Math.ceil(widest * Math.sin((-SLOPE * Math.PI) / 180)) + 14;
  const namesHeight = isSloped ? slopedHeight : LINE + 4;
  const centre = (stage: number) => band * (stage + 0.5);
  return {
    width: band * names.length,
    band,
    centre,
    footHeight: namesHeight + LINE * notes.length + 2,
    ground: (scale, height, theme) =>
      verticalAxis(scale, band * names.length, theme) +
      notes
        .map(({ name, texts }, line) => {
          const y = height + LINE * (line + 1);
          return (
            label(-6, y, name, { size: SMALL_TEXT, anchor: 'end', fill: theme.faint, 'font-style': 'italic' }) +
            group(
              { fill: theme.faint, 'text-anchor': 'middle' },
              texts.map((text, k) => label(centre(k), y, text, { size: SMALL_TEXT, room: band })),
            )
          );
        })
        .join('') +
      group(
        { fill: theme.ink },
        names.map((name, k) => {
          const y = height + LINE * notes.length;
          return isSloped
            ? element(
                'g',
                { transform: `translate(${Math.round(centre(k) + 4)} ${y + 12}) rotate(${SLOPE})` },
                label(0, 0, name, { anchor: 'end', room: LONGEST_NAME }),
              )
            : moved(centre(k), y, label(0, LINE, name, { anchor: 'middle', room: band }));
        }),
      ),
  };
}
