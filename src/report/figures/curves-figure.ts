import type { ReportData } from '../../study/runs/report-data.ts';
import { AXIS_HEIGHT, axisWidth, horizontalAxis, verticalAxis } from './axis.ts';
import { csvText } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type Scale, scaleOver } from './scale.ts';
import { element, moved } from './svg.ts';
import { decimal } from './wording.ts';

type Fit = ReportData['fits'][number];
type Line = Fit['metrics'][number];

/** A kind of loss: what it is of, and how its lines look. */
interface Kind {
  readonly name: string;
  readonly of: (line: Line) => number | null;
  readonly colour: (theme: Theme) => string;
  readonly dashes?: string;
}

const KINDS: readonly Kind[] = [
  { name: 'training', of: ({ trainingLoss }) => trainingLoss, colour: ({ faint }) => faint },
  {
    name: 'validation: pairs of two new images',
    of: ({ validationLoss }) => validationLoss?.newNew ?? null,
    colour: ({ fitted }) => fitted,
  },
  {
    name: 'validation: a new image and one learnt from',
    of: ({ validationLoss }) => validationLoss?.newOld ?? null,
    colour: ({ rival }) => rival,
    dashes: '6 3',
  },
  {
    name: 'validation: held-out pairs of images learnt from',
    of: ({ validationLoss }) => validationLoss?.pair ?? null,
    colour: ({ measured }) => measured,
    dashes: '2 3',
  },
];

const PLOT_HEIGHT = 220;

/**
 * Training and validation loss by epoch, a line a seed, with the epoch that was kept.
 * @param fits at least one, with at least one epoch
 */
export function curvesFigure(fits: ReportData['fits'], options: FigureOptions = {}): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const kinds = KINDS.filter((kind) => fits.some(({ metrics }) => metrics.some((line) => kind.of(line) !== null)));
  const losses = fits.flatMap(({ metrics }) => metrics.flatMap((line) => kinds.flatMap((kind) => kind.of(line) ?? [])));
  const y = scaleOver(losses, [PLOT_HEIGHT, 0]);
  const left = axisWidth(y);
  const room = roomWithin(width) - left - RIGHT;
  const x = scaleOver(
    fits.flatMap(({ metrics }) => metrics.map(({ epoch }) => epoch)),
    [0, room],
    Math.min(MOST_EPOCHS, ...fits.map(({ metrics }) => Math.max(1, metrics.length - 1))), // so that no half epoch is marked
  );
  const lines = fits.flatMap((fit) => kinds.map((kind) => lineMark(fit, kind, x, y, theme)));
  const kept = fits.flatMap((fit) => keptMarks(fit, kinds, x, y, theme));
  const nSeeds = fits.length;
  return framed(
    {
      id: 'curves',
      title: 'Loss by epoch',
      subtitle: `on pairs learnt from${kinds.length > 1 ? ' and on those held out' : ''}${nSeeds > 1 ? `, ${nSeeds} seeds` : ''}`,
      caption: `The ring marks the epoch that was kept${kinds.length > 1 ? ', which the validation loss chose: that loss is a little too good for it' : '; nothing was held out, so it is the last one'}.`,
      alt: `Loss by epoch. ${fits.map((fit) => altOf(fit, kinds)).join(' ')}`,
      csv: csvText(
        ['seed', 'epoch', 'kept', ...kinds.map(({ name }) => name)],
        fits.flatMap(({ seed, keptEpoch, metrics }) =>
          metrics.map((line) => [
            seed,
            line.epoch,
            line.epoch === keptEpoch ? 1 : 0,
            ...kinds.map(({ of }) => of(line)),
          ]),
        ),
      ),
      legend: kinds.map(({ name, colour, dashes }) => ({
        mark: element('path', { d: 'M0 7H16', stroke: colour(theme), 'stroke-width': 2, 'stroke-dasharray': dashes }),
        text: name,
      })),
      body: moved(
        left,
        6,
        verticalAxis(y, room, theme),
        horizontalAxis(x, PLOT_HEIGHT, 'epoch', theme),
        ...lines,
        ...kept,
      ),
      bodyHeight: 6 + PLOT_HEIGHT + AXIS_HEIGHT,
    },
    { ...options, width },
  ).figure;
}

const RIGHT = 10;
const MOST_EPOCHS = 8;

function lineMark({ metrics }: Fit, { of, colour, dashes }: Kind, x: Scale, y: Scale, theme: Theme): string {
  const points = pointsOf(metrics, of, x, y);
  if (points.length === 0) return '';
  return element('polyline', {
    points: points.map((point) => point.map((pixels) => Math.round(pixels * 100) / 100).join(',')).join(' '),
    ...{ fill: 'none', stroke: colour(theme), 'stroke-width': 1.6, 'stroke-dasharray': dashes },
    'stroke-linejoin': 'round',
  });
}

function pointsOf(metrics: readonly Line[], of: Kind['of'], x: Scale, y: Scale): [number, number][] {
  return metrics.flatMap((line) => {
    const loss = of(line);
    return loss !== null && Number.isFinite(loss) ? [[x(line.epoch), y(loss)] as [number, number]] : [];
  });
}

function keptMarks({ metrics, keptEpoch }: Fit, kinds: readonly Kind[], x: Scale, y: Scale, theme: Theme): string[] {
  const kept = metrics.filter(({ epoch }) => epoch === keptEpoch);
  return kinds.flatMap(({ of, colour }) =>
    pointsOf(kept, of, x, y).map(([cx, cy]) =>
      element('circle', { cx, cy, r: 4.5, fill: theme.paper, stroke: colour(theme), 'stroke-width': 2 }),
    ),
  );
}

function altOf({ seed, keptEpoch, metrics }: Fit, kinds: readonly Kind[]): string {
  const kept = metrics.find(({ epoch }) => epoch === keptEpoch) ?? metrics.at(-1)!;
  const losses = kinds.map(({ name, of }) => `${name} ${decimal(of(kept))}`).join(', ');
  return `Seed ${seed}: epoch ${keptEpoch} of ${metrics.length} kept; ${losses}.`;
}
