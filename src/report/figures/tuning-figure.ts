import { groupShares, stageGroups } from '../../study/tuning/stage-groups.ts';
import type { RunTuning, StageTuning } from '../../study/tuning.ts';
import { axisWidth } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { type StageColumns, stageColumns, stageLines } from './stage-columns.ts';
import { element, group, moved } from './svg.ts';
import { label, TEXT_SIZE } from './text.ts';
import { decimal, pText } from './wording.ts';

/** What a tuning figure shows beside the fit. */
export interface TuningFigureOptions extends FigureOptions {
  readonly title?: string;
  /** Shares of a simulation's true encoder, one a stage. */
  readonly trueShares?: readonly number[];
}

const PLOT_HEIGHT = 220;
const HEADING = 20;
const BETWEEN = 22;

/** A panel's stages, with further fits' shares in the same order. */
interface Panel {
  readonly heading: string | null;
  readonly stages: readonly StageTuning[];
  readonly seeds: readonly (readonly number[])[];
  readonly splits: readonly (readonly number[])[];
  readonly trueShares: readonly number[] | null;
}

/**
 * Stage tuning: each stage's share of the embedding's variance (bar) beside the shares of every fit of label-permuted RDMs (dots, mean and
 * standard deviation), and as ticks those of further seeds and splits, or a simulation's truth. Where stages are blocks, first these taken together.
 */
export function tuningFigure(
  { stages, grouped, stability }: RunTuning,
  { title = 'Stage tuning', trueShares, ...options }: TuningFigureOptions = {},
): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const seeds = (stability?.seeds ?? []).map(({ shares }) => shares);
  const splits = (stability?.splits ?? []).map(({ shares }) => shares);
  const groups = grouped === null ? null : stageGroups(stages.map(({ stage }) => stage));
  const together = (shares: readonly (readonly number[])[]) =>
    groups === null ? [] : shares.map((ofFit) => groupShares(ofFit, groups));
  const panels: Panel[] = [
    ...(grouped === null
      ? []
      : [
          {
            heading: 'Blocks of a stage together',
            stages: grouped,
            ...{ seeds: together(seeds), splits: together(splits) },
            trueShares: trueShares && groups ? groupShares(trueShares, groups) : null,
          },
        ]),
    { heading: grouped === null ? null : 'Each block', stages, seeds, splits, trueShares: trueShares ?? null },
  ];
  let y = 0;
  const bodies = panels.map((panel) => {
    const { body, height } = panelMarks(panel, roomWithin(width), theme);
    const placed = moved(0, y, body);
    y += height + BETWEEN;
    return placed;
  });
  const nPermuted = stages[0].permutedShares.length;
  return framed(
    {
      id: 'tuning',
      title,
      subtitle: "share of the embedding's variance by stage, from the first stage to the last",
      caption:
        nPermuted > 0
          ? `A stage means something where its share lies away from those of ${nPermuted} fits of label-permuted RDMs, which hold no signal; p is its rank among them, two-sided.`
          : 'Shares by themselves tell of the network and the method as much as of the brain: fits of label-permuted RDMs, which hold no signal, have uneven shares too, and none were made.',
      alt: `Shares of the embedding's variance: ${stages.map(altOf).join('; ')}.`,
      csv: csvOf(stages, stability, trueShares),
      legend: legendOf(panels, theme),
      body: bodies.join(''),
      bodyHeight: y - BETWEEN,
    },
    { ...options, width },
  ).figure;
}

function panelMarks(panel: Panel, room: number, theme: Theme): { body: string; height: number } {
  const { heading, stages, seeds, splits, trueShares } = panel;
  const shares = stages.flatMap(({ share, permutedShares }) => [share, ...permutedShares]);
  const scale = scaleOver([0, ...shares, ...seeds.flat(), ...splits.flat(), ...(trueShares ?? [])], [PLOT_HEIGHT, 0]);
  const left = axisWidth(scale);
  let y = heading === null ? 4 : HEADING;
  const lines = stageLines(stages.length, room - left).map(({ from, to }) => {
    const { body, height } = lineMarks(panel, from, to, scale, room - left, theme);
    const placed = moved(left, y, body);
    y += height + BETWEEN;
    return placed;
  });
  const title = heading === null ? '' : label(0, TEXT_SIZE, heading, { bold: 'true', fill: theme.ink, room });
  return { body: title + lines.join(''), height: y - BETWEEN };
}

/** Columns of the stages from one to before another. */
function lineMarks(panel: Panel, from: number, to: number, scale: Scale, width: number, theme: Theme) {
  const { seeds, splits, trueShares } = panel;
  const stages = panel.stages.slice(from, to);
  const hasP = stages.some(({ p }) => p !== null);
  const columns = stageColumns(
    stages.map(({ stage }) => stage),
    width,
    hasP ? [{ name: 'p', texts: stages.map(({ p }) => pText(p)) }] : [],
  );
  const further = (fits: readonly (readonly number[])[], k: number) => fits.map((ofFit) => ofFit[from + k]);
  const start = -0.36 * columns.band;
  const marks = stages.map((tuning, k) =>
    moved(
      columns.centre(k),
      0,
      barMarks(tuning.share, scale, columns, theme),
      permutedMarks(tuning, scale, columns, theme),
      ticks(further(seeds, k), scale, start, SHORT, theme.ink),
      ticks(further(splits, k), scale, -0.03 * columns.band - SHORT, SHORT, theme.ink),
      ticks(trueShares === null ? [] : [trueShares[from + k]], scale, start, 0.33 * columns.band, theme.truth, 3),
    ),
  );
  return {
    body: columns.ground(scale, PLOT_HEIGHT, theme) + marks.join('') + zeroLine(scale, columns, theme),
    height: PLOT_HEIGHT + columns.footHeight,
  };
}

const SHORT = 7;

function barMarks(share: number, scale: Scale, { band }: StageColumns, theme: Theme): string {
  const y = scale(share);
  return element('rect', { x: -0.36 * band, y, width: 0.33 * band, height: scale(0) - y, fill: theme.fitted });
}

/** Every permuted fit as a dot, moved aside in turn so that neighbours show, and their mean with a standard deviation to each side. */
function permutedMarks({ permutedShares, permuted }: StageTuning, scale: Scale, { band }: StageColumns, theme: Theme) {
  if (permuted === null) return '';
  const spread = 0.08 * band;
  const middle = 0.14 * band;
  const dots = permutedShares.map((share, k) =>
    element('circle', { cx: middle + spread * ((k % 3) - 1), cy: scale(share), r: Math.min(2.6, band / 14) }),
  );
  const { mean, sd } = permuted;
  const x = 0.34 * band;
  const bar = sd === null ? '' : `M${x} ${scale(mean - sd)}V${scale(mean + sd)}`;
  return (
    group({ fill: theme.permuted, 'fill-opacity': 0.75 }, dots) +
    element('path', {
      d: `M${x - 0.06 * band} ${scale(mean)}H${x + 0.06 * band}${bar}`,
      ...{ stroke: theme.ink, 'stroke-width': 1.5, fill: 'none' },
    })
  );
}

function ticks(
  values: readonly number[],
  scale: Scale,
  x: number,
  length: number,
  colour: string,
  thick = 1.2,
): string {
  if (values.length === 0) return '';
  const d = values.map((value) => `M${round(x)} ${round(scale(value))}h${round(length)}`).join('');
  return element('path', { d, stroke: colour, 'stroke-width': thick, fill: 'none' });
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

function zeroLine(scale: Scale, { width }: StageColumns, theme: Theme): string {
  return element('path', { d: `M0 ${scale(0)}H${width}`, stroke: theme.ink, 'shape-rendering': 'crispEdges' });
}

function legendOf(panels: readonly Panel[], theme: Theme) {
  const { stages, seeds, splits, trueShares } = panels.at(-1)!;
  const tick = (colour: string, thick = 1.2) =>
    element('path', { d: 'M2 7H12', stroke: colour, 'stroke-width': thick });
  const bar = element('rect', { x: 3, y: 1, width: 8, height: 12, fill: theme.fitted });
  return [
    { mark: bar, text: 'fit' },
    ...(stages[0].permuted === null
      ? []
      : [
          {
            mark: element('circle', { cx: 7, cy: 7, r: 2.6, fill: theme.permuted }),
            text: `${stages[0].permutedShares.length} fits of label-permuted RDMs`,
          },
          {
            mark: element('path', { d: 'M7 1V13M4 7H10', stroke: theme.ink, 'stroke-width': 1.5, fill: 'none' }),
            text: 'their mean, sd',
          },
        ]),
    ...(seeds.length === 0 ? [] : [{ mark: tick(theme.ink), text: `left on the bar: ${seeds.length} further seeds` }]),
    ...(splits.length === 0
      ? []
      : [{ mark: tick(theme.ink), text: `right on the bar: ${splits.length} splits of the images` }]),
    ...(trueShares === null ? [] : [{ mark: tick(theme.truth, 3), text: 'true' }]),
  ];
}

function altOf({ stage, share, permuted, p }: StageTuning): string {
  return permuted === null
    ? `${stage} ${decimal(share)}`
    : `${stage} ${decimal(share)} beside ${decimal(permuted.mean)} of permuted fits, p ${pText(p)}`;
}

function csvOf(
  stages: readonly StageTuning[],
  stability: RunTuning['stability'],
  trueShares: readonly number[] | undefined,
): string {
  const further = stability === null ? [] : [...stability.seeds, ...stability.splits];
  return csvText(
    [
      ...['stage', 'share', 'permuted mean', 'permuted sd', 'z', 'p', 'p fdr', ...(trueShares ? ['true share'] : [])],
      ...further.map(({ name }) => name),
      ...stages[0].permutedShares.map((_, fit) => `permuted ${fit + 1}`),
    ],
    stages.map(({ stage, share, permuted, z, p, pFdr, permutedShares }, k) => [
      ...[stage, share, permuted?.mean, permuted?.sd, z, p, pFdr, ...(trueShares ? [trueShares[k]] : [])],
      ...further.map(({ shares }) => shares[k]),
      ...permutedShares,
    ]),
  );
}
