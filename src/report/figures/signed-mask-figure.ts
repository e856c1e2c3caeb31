import type { StageTuning } from '../../study/tuning.ts';
import { axisWidth } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { stageColumns, stageLines } from './stage-columns.ts';
import { element, moved } from './svg.ts';
import { decimal } from './wording.ts';

const PLOT_HEIGHT = 160;
const BETWEEN = 18;

/** The paper's stage tuning, for comparison: the signed mean of each stage's mask values with its 95 % interval. */
export function signedMaskFigure(stages: readonly StageTuning[], options: FigureOptions = {}): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const values = stages.flatMap(({ signedMeanMask: { mean, ci95 } }) => [mean, ...(ci95 ?? [])]);
  const scale = scaleOver([0, ...values], [PLOT_HEIGHT, 0]);
  const left = axisWidth(scale);
  const room = roomWithin(width) - left;
  let y = 4;
  const lines = stageLines(stages.length, room).map(({ from, to }) => {
    const columns = stageColumns(
      stages.slice(from, to).map(({ stage }) => stage),
      room,
    );
    const marks = stages.slice(from, to).map((stage, k) => moved(columns.centre(k), 0, meanMarks(stage, scale, theme)));
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
      caption:
        'Shown for comparison only. A mask predicts the same with its signs turned and at any overall size, and fits of label-permuted RDMs give nearly the same means: this says little about the brain.',
      alt: `Signed mean mask values: ${stages.map(({ stage, signedMeanMask: { mean } }) => `${stage} ${decimal(mean)}`).join('; ')}.`,
      csv: csvText(
        ['stage', 'mean', 'low', 'high'],
        stages.map(({ stage, signedMeanMask: { mean, ci95 } }) => [stage, mean, ci95?.[0], ci95?.[1]]),
      ),
      body: lines.join(''),
      bodyHeight: y - BETWEEN,
    },
    { ...options, width },
  ).figure;
}

function meanMarks({ signedMeanMask: { mean, ci95 } }: StageTuning, scale: Scale, theme: Theme): string {
  const interval =
    ci95 === null
      ? ''
      : element('path', { d: `M0 ${scale(ci95[0])}V${scale(ci95[1])}`, stroke: theme.fitted, 'stroke-width': 2.5 });
  return interval + element('circle', { cx: 0, cy: scale(mean), r: 5, fill: theme.fitted });
}
