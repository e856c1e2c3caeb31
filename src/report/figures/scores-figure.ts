import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { AXIS_HEIGHT, horizontalAxis } from './axis.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { describeRows, describeRuns, type Row, rowsOf, runRows, scoresCsv } from './score-rows.ts';
import { element, group, moved } from './svg.ts';
import { label, SMALL_TEXT, TEXT_SIZE, textWidth } from './text.ts';
import { comparatorText, decimal, describeSet, pText } from './wording.ts';

const ROW = 26;
const BETWEEN_KINDS = 8;
const HEADING = 42;
const BETWEEN = 16;
const NUMBER_COLUMN = 52;
const P_COLUMN = 50;
/** Names take at most this part of the width. */
const MOST_FOR_NAMES = 0.36;

/** Whose scores are shown: a fit's beside its rivals', or several runs', which stand on one footing. */
export interface ScoresFigureOptions extends FigureOptions {
  readonly of?: ScoresOf;
}

type ScoresOf = 'fit' | 'runs';

const TITLES: Readonly<Record<ScoresOf, string>> = {
  fit: 'How well the fit predicts, beside its rivals',
  runs: 'How well each run predicts',
};

const CAPTIONS: Readonly<Record<ScoresOf, string>> = {
  fit: 'A fit says something where its interval lies right of what permuted labels give, and more than its rivals where theirs lie left of it.',
  runs: 'A run says something where its interval lies right of what permuted labels give; whether two differ is a test of their difference, not of how their intervals overlap.',
};

/**
 * Mean signed similarity of the fit and of each rival with the subjects, with its 95 % interval, beside the subjects themselves, the noise
 * ceiling and what permuted labels give; a panel a set of images.
 * @param sets at least one
 */
export function scoresFigure(sets: readonly ScoredSet[], { of = 'fit', ...options }: ScoresFigureOptions = {}): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const room = roomWithin(width);
  const rows = sets.map(of === 'fit' ? rowsOf : runRows);
  const names = Math.min(
    MOST_FOR_NAMES * room,
    8 + Math.max(...rows.flat().map(({ model, isFit }) => textWidth(model.name, TEXT_SIZE, isFit))),
  );
  const plot = room - names - NUMBER_COLUMN - P_COLUMN;
  const scale = scaleOver(sets.flatMap(numbersOf), [0, plot], plot < 300 ? 4 : 7);
  const comparators = [...new Set(sets.map(({ sheet }) => comparatorText(sheet.comparator)))].join(', ');
  const longName = `mean signed similarity (${comparators})`;
  const axisName = textWidth(longName) <= plot ? longName : comparators;
  let y = 0;
  const panels = sets.map((set, k) => {
    const panel = moved(0, y, panelMarks(set, rows[k], scale, { names, room, plot, axisName, theme }));
    y += HEADING + placesOf(rows[k]).height + AXIS_HEIGHT + BETWEEN;
    return panel;
  });
  return framed(
    {
      id: 'scores',
      title: TITLES[of],
      subtitle: 'Agreement with the subjects: their mean, and each of them',
      caption: `${CAPTIONS[of]} No model is expected to pass the upper end of the noise ceiling. p: how many permuted models score as high.`,
      alt: sets.map((set, k) => (of === 'fit' ? describeRows : describeRuns)(set, rows[k])).join(' '),
      csv: scoresCsv(sets, rows),
      legend: legendOf(sets, of, theme),
      body: panels.join(''),
      bodyHeight: y - BETWEEN,
    },
    { ...options, width },
  ).figure;
}

function numbersOf({ sheet }: ScoredSet): number[] {
  const { ceilings } = sheet;
  return [
    0,
    ...sheet.models.flatMap(({ rho, rhoBySubject, estimate, permutation }) => [
      rho,
      ...rhoBySubject,
      ...(estimate?.interval ?? []),
      ...(permutation === null ? [] : [permutation.percentile95]),
    ]),
    ...(ceilings === null ? [] : [ceilings.raw.lower.rho, ceilings.raw.upper.rho]),
  ];
}

/** Where each row is: kinds stand a little apart. */
function placesOf(rows: readonly Row[]): { middles: number[]; height: number } {
  let height = 0;
  const middles = rows.map(({ kind }, k) => {
    if (k > 0 && kind !== rows[k - 1].kind) height += BETWEEN_KINDS;
    height += ROW;
    return height - ROW / 2;
  });
  return { middles, height };
}

interface PanelLayout {
  readonly names: number;
  readonly room: number;
  readonly plot: number;
  readonly axisName: string;
  readonly theme: Theme;
}

function panelMarks(set: ScoredSet, rows: readonly Row[], scale: Scale, layout: PanelLayout): string {
  const { names, room, plot, axisName, theme } = layout;
  const { middles, height } = placesOf(rows);
  const numbersAt = names + plot + NUMBER_COLUMN;
  return (
    label(0, TEXT_SIZE, describeSet(set), { bold: 'true', fill: theme.ink, room }) +
    group({ fill: theme.faint, 'text-anchor': 'end' }, [
      label(numbersAt, HEADING - 8, 'mean', { size: SMALL_TEXT }),
      label(room, HEADING - 8, 'p', { size: SMALL_TEXT, 'font-style': 'italic' }),
    ]) +
    moved(names, HEADING, ceilingMarks(set, scale, height, theme), horizontalAxis(scale, height, axisName, theme)) +
    moved(
      names,
      HEADING,
      zeroMark(scale, height, theme),
      ...rows.map((row, k) => moved(0, middles[k], rowMarks(row, scale, theme))),
    ) +
    rows
      .map(({ model, isFit }, k) => {
        const middle = HEADING + middles[k] + 4;
        const bold = isFit ? ({ bold: 'true' } as const) : {};
        return (
          label(names - 8, middle, model.name, { anchor: 'end', fill: theme.ink, room: names - 8, ...bold }) +
          label(numbersAt, middle, decimal(model.rho), { anchor: 'end', fill: theme.ink, ...bold }) +
          label(room, middle, pText(model.permutation?.p ?? null), {
            anchor: 'end',
            fill: theme.ink,
          })
        );
      })
      .join('')
  );
}

function ceilingMarks({ sheet }: ScoredSet, scale: Scale, height: number, theme: Theme): string {
  if (sheet.ceilings === null) return '';
  const { lower, upper } = sheet.ceilings.raw;
  const [from, to] = [scale(lower.rho), scale(upper.rho)];
  return (
    element('rect', {
      x: from,
      y: 0,
      width: Math.max(1, to - from),
      height,
      fill: theme.ceiling,
      'fill-opacity': 0.18,
    }) +
    element('path', { d: `M${from} 0V${height}M${to} 0V${height}`, stroke: theme.ceiling, 'stroke-opacity': 0.6 }) +
    label(Math.min((from + to) / 2, scale(scale.domain[1]) - 40), -8, 'noise ceiling', {
      size: SMALL_TEXT,
      anchor: 'middle',
      fill: theme.faint,
    })
  );
}

function zeroMark(scale: Scale, height: number, theme: Theme): string {
  return element('path', { d: `M${scale(0)} 0V${height}`, stroke: theme.ink, 'shape-rendering': 'crispEdges' });
}

function rowMarks({ model, isFit }: Row, scale: Scale, theme: Theme): string {
  const { rho, rhoBySubject, estimate, permutation } = model;
  const colour = isFit ? theme.fitted : theme.rival;
  const floor = permutation === null ? '' : floorMark(scale(permutation.percentile95), theme);
  const subjects = group(
    { fill: colour, 'fill-opacity': 0.4 },
    rhoBySubject.map((value) => element('circle', { cx: scale(value), cy: 0, r: 2.5 })),
  );
  const interval =
    estimate === null
      ? ''
      : element('path', {
          d: `M${scale(estimate.interval[0])} 0H${scale(estimate.interval[1])}`,
          stroke: colour,
          'stroke-width': 2.5,
        });
  return floor + subjects + interval + meanMark(scale(rho), 0, isFit, colour, theme);
}

function floorMark(x: number, theme: Theme): string {
  return element('path', { d: `M${x} -8V8`, stroke: theme.permuted, 'stroke-width': 2 });
}

/** Filled for the fit, open for a rival: not told by colour alone. */
function meanMark(x: number, y: number, isFit: boolean, colour: string, theme: Theme): string {
  return element('circle', {
    cx: x,
    cy: y,
    r: 5,
    fill: isFit ? colour : theme.paper,
    stroke: colour,
    'stroke-width': 2,
  });
}

function legendOf(sets: readonly ScoredSet[], of: ScoresOf, theme: Theme) {
  const line = (colour: string) => element('path', { d: 'M0 7H14', stroke: colour, 'stroke-width': 2.5 });
  const models = sets.flatMap(({ sheet }) => sheet.models);
  const hasRivals = of === 'fit' && sets.some(({ sheet }) => sheet.models.length > 1);
  return [
    {
      mark: line(theme.fitted) + meanMark(7, 7, true, theme.fitted, theme),
      text: `${of === 'fit' ? 'fit' : 'run'}, 95 % interval`,
    },
    ...(hasRivals ? [{ mark: line(theme.rival) + meanMark(7, 7, false, theme.rival, theme), text: 'rival' }] : []),
    { mark: element('circle', { cx: 7, cy: 7, r: 2.5, fill: theme.faint, 'fill-opacity': 0.6 }), text: 'a subject' },
    ...(models.some(({ permutation }) => permutation !== null)
      ? [{ mark: moved(7, 7, floorMark(0, theme)), text: '95 % of models with permuted labels lie left of it' }]
      : []),
  ];
}
