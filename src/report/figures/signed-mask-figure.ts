import type { StageTuning } from '../../study/tuning.ts';
import { axisWidth } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { scaleOver } from './scale.ts';
import { stageColumns } from './stage-columns.ts';
import { element, moved } from './svg.ts';
import { decimal } from './wording.ts';

const PLOT_HEIGHT = 160;

/** The paper's stage tuning, for comparison: the signed mean of each stage's mask values with its 95 % interval. */
export function signedMaskFigure(stages: readonly StageTuning[], options: FigureOptions = {}): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const values = stages.flatMap(({ signedMeanMask: { mean, ci95 } }) => [mean, ...(ci95 ?? [])]);
  const scale = scaleOver([0, ...values], [PLOT_HEIGHT, 0]);
  const left = axisWidth(scale);
  const columns = stageColumns(
    stages.map(({ stage }) => stage),
    roomWithin(width) - left,
  );
  const marks = stages.map(({ signedMeanMask: { mean, ci95 } }, k) => {
    const x = columns.centre(k);
    const interval =
      ci95 === null
        ? ''
        : element('path', {
            d: `M${x} ${scale(ci95[0])}V${scale(ci95[1])}`,
            stroke: theme.fitted,
            'stroke-width': 2.5,
          });
    return interval + element('circle', { cx: x, cy: scale(mean), r: 5, fill: theme.fitted });
  });
  const zero = element('path', {
    ...{ d: `M0 ${scale(0)}H${columns.width}`, stroke: theme.ink, 'shape-rendering': 'crispEdges' },
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
      body: moved(left, 4, columns.ground(scale, PLOT_HEIGHT, theme), zero, ...marks),
      bodyHeight: 4 + PLOT_HEIGHT + columns.footHeight,
    },
    { ...options, width },
  ).figure;
}
