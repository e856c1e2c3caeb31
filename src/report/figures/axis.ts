import type { Theme } from './figure.ts';
import type { Scale } from './scale.ts';
import { element, group } from './svg.ts';
import { label, SMALL_TEXT, textWidth } from './text.ts';

/** Pixels that a horizontal axis takes beneath its panel, its name included. */
export const AXIS_HEIGHT = 40;

/** Grid lines over a panel and numbers beneath it. */
export function horizontalAxis(scale: Scale, height: number, name: string, theme: Theme): string {
  const [from, to] = scale.domain.map(scale);
  return (
    gridOf(
      scale.ticks.map((tick) => `M${scale(tick)} 0V${height}`),
      theme,
    ) +
    group(
      { fill: theme.faint, 'text-anchor': 'middle' },
      spaced(scale, to - from).map((tick) => label(scale(tick), height + 15, scale.format(tick), { size: SMALL_TEXT })),
    ) +
    label((from + to) / 2, height + 33, name, { anchor: 'middle', fill: theme.ink })
  );
}

/** Grid lines over a panel and numbers at its left. */
export function verticalAxis(scale: Scale, width: number, theme: Theme): string {
  return (
    gridOf(
      scale.ticks.map((tick) => `M0 ${scale(tick)}H${width}`),
      theme,
    ) +
    group(
      { fill: theme.faint, 'text-anchor': 'end' },
      scale.ticks.map((tick) => label(-6, scale(tick) + 4, scale.format(tick), { size: SMALL_TEXT })),
    )
  );
}

/** Pixels that the numbers of a vertical axis take at the left of its panel. */
export function axisWidth(scale: Scale): number {
  return Math.ceil(10 + Math.max(...scale.ticks.map((tick) => textWidth(scale.format(tick), SMALL_TEXT))));
}

/** Ticks whose numbers do not touch. */
function spaced({ ticks, format }: Scale, width: number): readonly number[] {
  const widest = Math.max(...ticks.map((tick) => textWidth(format(tick), SMALL_TEXT))) + 8;
  const every = Math.ceil((widest * ticks.length) / Math.max(width, 1));
  return every <= 1 ? ticks : ticks.filter((_, k) => k % every === 0);
}

function gridOf(lines: readonly string[], theme: Theme): string {
  return element('path', { d: lines.join(''), stroke: theme.grid, fill: 'none', 'shape-rendering': 'crispEdges' });
}
