import type { RegionComparison } from '../../study/tuning/compare-regions.ts';
import type { RegionStage } from '../../study/tuning/regions.ts';
import { groupShares, stageGroups } from '../../study/tuning/stage-groups.ts';
import { axisWidth, verticalAxis } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { type StageColumns, stageColumns, stageLines } from './stage-columns.ts';
import { element, group, moved } from './svg.ts';
import { label, TEXT_SIZE } from './text.ts';
import { decimal, pText } from './wording.ts';

const SHARES_HEIGHT = 150;
const DIFFERENCES_HEIGHT = 110;
const HEADING = 24;
const BETWEEN = 20;

/** Stage tuning of two regions side by side, and beneath it their differences beside those with regions exchanged in some subjects. */
export function regionsFigure(
  { a, b, stages, grouped, nSwaps, overall }: RegionComparison,
  options: FigureOptions = {},
): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const [nameA, nameB] = regionNames(a, b);
  let y = 0;
  const whole = panelOf(stages, a.permuted, b.permuted);
  const groups = stageGroups(stages.map(({ stage }) => stage));
  const together = (shares: readonly number[] | null) => shares && groups && groupShares(shares, groups);
  const panels = grouped === null ? [whole] : [panelOf(grouped, together(a.permuted), together(b.permuted)), whole];
  const bodies = panels.map((panel) => {
    const { body, height } = panelMarks(panel, roomWithin(width), theme);
    const placed = moved(0, y, body);
    y += height + BETWEEN;
    return placed;
  });
  return framed(
    {
      id: 'regions',
      title: 'Are the two regions tuned differently?',
      subtitle: `${nameA} and ${nameB}: distance of their tuning ${decimal(overall.distance)}, p ${pText(overall.p)} over all stages`,
      caption: `The difference of a stage means something where it lies away from those of ${nSwaps} fits with the two regions' RDMs exchanged in some of the subjects; p is its rank among them, two-sided. A region whose RDMs are noisier lies nearer to its label-permuted fits, and differs by that too.`,
      alt: `Shares of the embedding's variance in ${nameA} and ${nameB}: ${stages.map(altOf).join('; ')}. Over all stages p ${pText(overall.p)}.`,
      csv: csvOf(whole, [nameA, nameB]),
      legend: legendOf(nameA, nameB, a.permuted !== null || b.permuted !== null, theme),
      body: bodies.join(''),
      bodyHeight: y - BETWEEN,
    },
    { ...options, width },
  ).figure;
}

/** By their data sets; by their runs too where these have the same names. */
function regionNames(a: RegionComparison['a'], b: RegionComparison['b']): [string, string] {
  const [one, other] = [a, b].map(({ sets }) => sets.join(', '));
  return one === other ? [`${a.run} (${one})`, `${b.run} (${other})`] : [one, other];
}

/** A stage with what permuted fits of each region give. */
type PanelStage = RegionStage & { readonly permutedA: number | null; readonly permutedB: number | null };

function panelOf(
  stages: readonly RegionStage[],
  permutedA: readonly number[] | null,
  permutedB: readonly number[] | null,
): PanelStage[] {
  return stages.map((stage, k) => ({
    ...stage,
    permutedA: permutedA?.[k] ?? null,
    permutedB: permutedB?.[k] ?? null,
  }));
}

function panelMarks(stages: readonly PanelStage[], room: number, theme: Theme): { body: string; height: number } {
  const shares = scaleOver(
    [
      0,
      ...stages.flatMap(({ shareA, shareB, permutedA, permutedB }) => [shareA, shareB, permutedA ?? 0, permutedB ?? 0]),
    ],
    [SHARES_HEIGHT, 0],
  );
  const differences = scaleOver(
    [0, ...stages.flatMap(({ difference, swapped }) => [difference, ...swapped])],
    [DIFFERENCES_HEIGHT, 0],
    4,
  );
  const left = Math.max(axisWidth(shares), axisWidth(differences));
  let y = 0;
  const lines = stageLines(stages.length, room - left).map(({ from, to }) => {
    const { body, height } = lineMarks(stages.slice(from, to), { shares, differences, left, room }, theme);
    const placed = moved(0, y, body);
    y += height + BETWEEN;
    return placed;
  });
  return { body: lines.join(''), height: y - BETWEEN };
}

interface PanelScales {
  readonly shares: Scale;
  readonly differences: Scale;
  readonly left: number;
  readonly room: number;
}

function lineMarks(stages: readonly PanelStage[], { shares, differences, left, room }: PanelScales, theme: Theme) {
  const columns = stageColumns(
    stages.map(({ stage }) => stage),
    room - left,
    [{ name: 'p', texts: stages.map(({ p }) => pText(p)) }],
  );
  const bars = stages.map((stage, k) => moved(columns.centre(k), 0, shareMarks(stage, shares, columns, theme)));
  const dots = stages.map((stage, k) =>
    moved(columns.centre(k), 0, differenceMarks(stage, differences, columns, theme)),
  );
  const heading = (text: string) => label(0, TEXT_SIZE, text, { bold: 'true', fill: theme.ink, room });
  const second = HEADING + SHARES_HEIGHT + BETWEEN;
  const upper = verticalAxis(shares, columns.width, theme) + bars.join('') + zeroLine(shares, columns, theme);
  const lower =
    columns.ground(differences, DIFFERENCES_HEIGHT, theme) + zeroLine(differences, columns, theme) + dots.join('');
  return {
    body:
      heading("Share of the embedding's variance") +
      moved(left, HEADING, upper) +
      moved(0, second, heading('Difference, first less second')) +
      moved(left, second + HEADING, lower),
    height: second + HEADING + DIFFERENCES_HEIGHT + columns.footHeight,
  };
}

/** The first region filled, the second open: not told by colour alone. */
function shareMarks(
  { shareA, shareB, permutedA, permutedB }: PanelStage,
  scale: Scale,
  { band }: StageColumns,
  theme: Theme,
): string {
  const tick = (share: number | null, x: number) =>
    share === null ? '' : moved(x, scale(share), permutedTick(0.3 * band, theme));
  const bar = (share: number, x: number, paint: Readonly<Record<string, string>>) =>
    element('rect', { x, y: scale(share), width: 0.3 * band, height: scale(0) - scale(share), ...paint });
  return (
    bar(shareA, -0.33 * band, { fill: theme.fitted, stroke: theme.fitted }) +
    bar(shareB, 0.03 * band, { fill: theme.paper, stroke: theme.rival, 'stroke-width': '2' }) +
    tick(permutedA, -0.33 * band) +
    tick(permutedB, 0.03 * band)
  );
}

function differenceMarks(
  { difference, swapped }: RegionStage,
  scale: Scale,
  { band }: StageColumns,
  theme: Theme,
): string {
  const dots = swapped.map((value, k) =>
    element('circle', { cx: band * (0.16 + 0.07 * ((k % 3) - 1)), cy: scale(value), r: Math.min(2.6, band / 14) }),
  );
  return (
    group({ fill: theme.permuted, 'fill-opacity': 0.75 }, dots) + moved(-0.18 * band, scale(difference), diamond(theme))
  );
}

/** Wider than a bar, and dashed, so that it is seen on either. */
function permutedTick(width: number, theme: Theme): string {
  return element('path', {
    ...{ d: `M-3 0h${Math.round(width + 6)}`, stroke: theme.ink, 'stroke-width': 2, 'stroke-dasharray': '4 2' },
  });
}

function diamond(theme: Theme): string {
  return element('path', { d: 'M0 -6l6 6l-6 6l-6 -6z', fill: theme.ink });
}

function zeroLine(scale: Scale, { width }: StageColumns, theme: Theme): string {
  return element('path', { d: `M0 ${scale(0)}H${width}`, stroke: theme.ink, 'shape-rendering': 'crispEdges' });
}

function legendOf(nameA: string, nameB: string, hasPermuted: boolean, theme: Theme) {
  const bar = { x: 3, y: 1, width: 8, height: 12 };
  return [
    { mark: element('rect', { ...bar, fill: theme.fitted, stroke: theme.fitted }), text: nameA },
    { mark: element('rect', { ...bar, fill: theme.paper, stroke: theme.rival, 'stroke-width': 2 }), text: nameB },
    ...(hasPermuted ? [{ mark: moved(2, 7, permutedTick(10, theme)), text: 'mean of label-permuted fits' }] : []),
    { mark: moved(7, 7, diamond(theme)), text: 'difference' },
    { mark: element('circle', { cx: 7, cy: 7, r: 2.6, fill: theme.permuted }), text: 'with regions exchanged' },
  ];
}

function altOf({ stage, shareA, shareB, p }: RegionStage): string {
  return `${stage} ${decimal(shareA)} and ${decimal(shareB)}, p ${pText(p)}`;
}

function csvOf(stages: readonly PanelStage[], names: readonly [string, string]): string {
  return csvText(
    [
      ...['stage', ...names.map((name) => `share of ${name}`), 'difference', 'p', 'p fdr'],
      ...names.map((name) => `permuted mean of ${name}`),
      ...stages[0].swapped.map((_, swap) => `exchanged ${swap + 1}`),
    ],
    stages.map(({ stage, shareA, shareB, difference, p, pFdr, permutedA, permutedB, swapped }) => [
      ...[stage, shareA, shareB, difference, p, pFdr, permutedA, permutedB],
      ...swapped,
    ]),
  );
}
