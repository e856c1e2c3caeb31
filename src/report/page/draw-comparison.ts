import type { ReportData } from '../../study/runs/report-data.ts';
import type { RunComparison } from '../../study/scoring/compare-runs.ts';
import type { RegionComparison } from '../../study/tuning/compare-regions.ts';
import type { Figure } from '../figures/figure.ts';
import type { FigureOptions } from '../figures/frame.ts';
import { regionsFigure } from '../figures/regions-figure.ts';
import { scoresFigure } from '../figures/scores-figure.ts';
import { tuningFigure } from '../figures/tuning-figure.ts';
import type { PageComparison } from './comparison-page.ts';
import { FORMS, pageFigure } from './draw-run.ts';
import type { PageFigure } from './figure-block.ts';

/** Draws the figures of several runs. */
export function drawComparison(
  runs: readonly ReportData[],
  comparison: RunComparison,
  regions: RegionComparison | null,
): PageComparison {
  const { names, shared } = comparison;
  const sets = shared.map(({ set }) => set);
  return {
    ...{ runs, comparison, regions },
    scores: sets.length === 0 ? [] : drawn((options) => scoresFigure(sets, { ...options, of: 'runs' })),
    tuning: [
      ...(regions === null ? [] : drawn((options) => regionsFigure(regions, options))),
      ...runs.flatMap(({ tuning }, k) =>
        tuning === null
          ? []
          : drawn((options) =>
              numbered(tuningFigure(tuning, { ...options, title: `Stage tuning: ${names[k]}` }), k + 1),
            ),
      ),
    ],
  };
}

function drawn(draw: (options: FigureOptions) => Figure): PageFigure[] {
  return pageFigure(...FORMS.map(draw));
}

/** A figure of which a page has several. */
function numbered(figure: Figure, number: number): Figure {
  const { id, svg } = figure;
  const own = `${id}-${number}`;
  return { ...figure, id: own, svg: svg.replaceAll(`id="${id}`, `id="${own}`).replaceAll(`#${id}`, `#${own}`) };
}
