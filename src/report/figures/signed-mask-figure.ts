import type { StageTuning } from '../../study/tuning.ts';
import { axisWidth } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { type StageColumns, stageColumns, stageLines } from './stage-columns.ts';
import { coordinate, element, group, moved } from './svg.ts';
import { decimal } from './wording.ts';

const PLOT_HEIGHT = 160;
const BETWEEN = 18;

/** The paper's stage tuning, for comparison: the signed mean of each stage's mask values with its 95 % interval. */
export function signedMaskFigure(stages: readonly StageTuning[], options: FigureOptions = {}): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const values = stages.flatMap(({ signedMeanMask: { mean, ci95 }, permutedSignedMeans }) => [
    ...[mean, ...(ci95 ?? []), ...permutedSignedMeans],
  ]);
  const scale = scaleOver([0, ...values], [PLOT_HEIGHT, 0]);
  const nPermuted = stages[0].permutedSignedMeans.length;
  const left = axisWidth(scale);
  const room = roomWithin(width) - left;
  let y = 4;
  const lines = stageLines(stages.length, room).map(({ from, to }) => {
    const columns = stageColumns(
      stages.slice(from, to).map(({ stage }) => stage),
      room,
    );
    const marks = stages
      .slice(from, to)
      .map((stage, k) => moved(columns.centre(k), 0, meanMarks(stage, scale, columns, theme)));
    const zero = element('path', {
      ...{ d: `M0 ${scale(0)}H${columns.width}`, stroke: theme.ink, 'shape-rendering': 'crispEdges' },
    });
    const placed = moved(left, y, columns.ground(scale, PLOT_HEIGHT, theme), zero, ...marks);
    y += PLOT_HEIGHT + columns.footHeight + BETWEEN;
    return placed;
  });
  return framed(
    {
      id: 'signed-mask',
      title: "The paper's measure: signed mean of the mask",
      subtitle: 'mean mask value by stage, with its 95 % interval over the mask values',
      caption: `Shown for comparison only. A mask predicts the same with its signs turned and at any overall size, so this mean moves with what no prediction depends on${nPermuted > 0 ? '; read it beside the dots, never by its height, and the shares before it' : ', and fits of label-permuted RDMs, which would tell how much, were not made'}.`,
      alt: `Signed mean mask values: ${stages.map(({ stage, signedMeanMask: { mean } }) => `${stage} ${decimal(mean)}`).join('; ')}.`,
      csv: csvText(
        ['stage', 'mean', 'low', 'high', ...stages[0].permutedSignedMeans.map((_, fit) => `permuted ${fit + 1}`)],
        stages.map(({ stage, signedMeanMask: { mean, ci95 }, permutedSignedMeans }) => [
          ...[stage, mean, ci95?.[0], ci95?.[1]],
          ...permutedSignedMeans,
        ]),
      ),
      legend: [
        { mark: moved(7, 1, meanMark(6, theme)), text: 'fit, 95 % interval' },
        ...(nPermuted > 0
          ? [
              {
                mark: element('circle', { cx: 7, cy: 7, r: 2.6, fill: theme.permuted }),
                text: `${nPermuted} fits of label-permuted RDMs`,
              },
            ]
          : []),
      ],
      body: lines.join(''),
      bodyHeight: y - BETWEEN,
    },
    { ...options, width },
  ).figure;
}

function meanMarks(
  { signedMeanMask: { mean, ci95 }, permutedSignedMeans }: StageTuning,
  scale: Scale,
  { band }: StageColumns,
  theme: Theme,
): string {
  const x = permutedSignedMeans.length === 0 ? 0 : -0.14 * band;
  const interval =
    ci95 === null
      ? ''
      : element('path', {
          ...{ d: `M${coordinate(x)} ${scale(ci95[0])}V${scale(ci95[1])}`, stroke: theme.fitted, 'stroke-width': 2.5 },
        });
  const dots = permutedSignedMeans.map((value, k) =>
    element('circle', { cx: band * (0.14 + 0.07 * ((k % 3) - 1)), cy: scale(value), r: Math.min(2.6, band / 14) }),
  );
  return (
    group({ fill: theme.permuted, 'fill-opacity': 0.75 }, dots) +
    interval +
    moved(x, scale(mean) - 6, meanMark(6, theme))
  );
}

function meanMark(middle: number, theme: Theme): string {
  return element('circle', { cx: 0, cy: middle, r: 5, fill: theme.fitted });
}
