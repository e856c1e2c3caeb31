import type { Environment } from '../../study/environment.ts';
import type { ReportData } from '../../study/runs/report-data.ts';
import { runFigures } from '../figures/all-figures.ts';
import { type Figure, PAGE } from '../figures/figure.ts';
import type { FigureOptions } from '../figures/frame.ts';
import { scoresFigure } from '../figures/scores-figure.ts';
import { thumbnailUris } from '../picture/thumbnail-uris.ts';
import { inOrder, withFewerImages } from './fewer-images.ts';
import type { PageFigure } from './figure-block.ts';
import type { PageRun } from './run-page.ts';

/** Pixels of a figure on a wide page and on a phone. */
export const WIDE = 776;
export const NARROW = 356;

/** How much of a run is shown image by image. */
export interface ShownAmount {
  /** Of a set, at most. */
  readonly images: number;
  /** The first ones, at most. */
  readonly sets: number;
}

/** Draws all figures of a run. */
export async function drawRun(
  data: ReportData,
  environment: Pick<Environment, 'encodeJpeg'>,
  amount: ShownAmount,
): Promise<PageRun> {
  const inPairs = data.scored.slice(0, amount.sets);
  const fewer = inPairs.map((set) => withFewerImages(set, amount.images));
  const shown = fewer.map(({ set }) => set);
  const thumbnails = await Promise.all(shown.map((set) => thumbnailUris(set.thumbnails, environment)));
  const draw = (options: FigureOptions) => ({
    ...runFigures({ ...data, scored: shown }, thumbnails, options),
    scores: shown.length === 0 ? null : scoresFigure(data.scored, options),
  });
  const [file, wide, narrow] = FORMS.map(draw);
  return {
    data,
    scores: pageFigure(file.scores, wide.scores, narrow.scores),
    sets: inPairs.map((set, k) => {
      const of = (kind: 'rdms' | 'mds' | 'wrongPairs') =>
        pageFigure(file.sets[k][kind], wide.sets[k][kind], narrow.sets[k][kind]);
      const { order } = file.sets[k].rdms.measured;
      return {
        ...{ id: `set-${file.sets[k].rdms.id}`, set, shortened: fewer[k].shortened },
        inspected: inOrder(shown[k], order),
        thumbnails: order.map((image) => thumbnails[k][image]),
        rdms: of('rdms')[0],
        others: [...of('mds'), ...of('wrongPairs')],
      };
    }),
    tuning: [
      ...pageFigure(file.tuning, wide.tuning, narrow.tuning),
      ...pageFigure(file.signedMask, wide.signedMask, narrow.signedMask),
    ],
    training: pageFigure(file.curves, wide.curves, narrow.curves),
  };
}

const ON_PAGE: FigureOptions = { theme: PAGE, titled: false };

/** A figure as files have it, and in the page's colours for both widths. */
export const FORMS: readonly FigureOptions[] = [{}, { ...ON_PAGE, width: WIDE }, { ...ON_PAGE, width: NARROW }];

/** A figure's three forms together; none where there is no such figure. */
export function pageFigure(...[file, wide, narrow]: readonly (Figure | null)[]): PageFigure[] {
  if (!file || !wide || !narrow) return [];
  return [{ file, wide: wide.svg, narrow: narrow.svg }];
}
