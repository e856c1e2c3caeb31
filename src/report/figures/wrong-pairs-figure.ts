import { pairsOf } from '../../core/condensed.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { csvText, PAIR_COLUMNS } from './csv-text.ts';
import { type Figure, LIGHT, type Theme } from './figure.ts';
import { DEFAULT_WIDTH, type FigureOptions, framed, roomWithin } from './frame.ts';
import { type FigureImages, figureImages } from './images.ts';
import { rankFractions } from './rank-shades.ts';
import { element, moved } from './svg.ts';
import { label, SMALL_TEXT, shortened, TEXT_SIZE, textWidth } from './text.ts';
import { decimal, describeSet, threeDigits } from './wording.ts';

const N_SHOWN = 6;
const N_LISTED = 100;
const ROW = 62;
const THUMBNAIL = 48;
const HEADING = 24;
const GAP = 28;
const LEAST_FOR_TWO = 600;

/** A pair of images, and how far its ranks are apart. */
export interface WrongPair {
  readonly pair: number;
  readonly images: readonly [number, number];
  /** Places among all pairs, from 0, the most alike, to 1. */
  readonly measuredRank: number;
  readonly predictedRank: number;
}

/**
 * Pairs by how far the predicted rank is from the measured one, the farthest first; equals in their order.
 * @returns those that are predicted to be more alike than they are, and those that are predicted to be less alike
 */
export function wrongPairs({
  conditions,
  measured,
  predicted,
}: Pick<ScoredSet, 'conditions' | 'measured' | 'predicted'>): {
  readonly tooAlike: readonly WrongPair[];
  readonly tooDifferent: readonly WrongPair[];
} {
  const measuredRanks = rankFractions(measured.mean);
  const predictedRanks = rankFractions(predicted);
  const pairs: WrongPair[] = [];
  let pair = 0;
  for (const images of pairsOf(conditions.length)) {
    const found = { pair, images, measuredRank: measuredRanks[pair], predictedRank: predictedRanks[pair] };
    if (Number.isFinite(distanceOf(found)) && distanceOf(found) !== 0) pairs.push(found);
    pair++;
  }
  pairs.sort((a, b) => Math.abs(distanceOf(b)) - Math.abs(distanceOf(a)) || a.pair - b.pair);
  return {
    tooAlike: pairs.filter((each) => distanceOf(each) < 0),
    tooDifferent: pairs.filter((each) => distanceOf(each) > 0),
  };
}

function distanceOf({ measuredRank, predictedRank }: WrongPair): number {
  return predictedRank - measuredRank;
}

/**
 * The pairs that are most wrong, six a direction: both images, both ranks, and both values with the subjects' standard deviation.
 * @param pictures a data URI an image
 */
export function wrongPairsFigure(
  set: ScoredSet,
  pictures: readonly string[],
  { id, ...options }: FigureOptions & { readonly id: string },
): Figure {
  const { theme = LIGHT, width = DEFAULT_WIDTH } = options;
  const { tooAlike, tooDifferent } = wrongPairs(set);
  const images = figureImages(id, pictures, set.conditions);
  const room = roomWithin(width);
  const isStacked = width < LEAST_FOR_TWO;
  const column = isStacked ? room : (room - GAP) / 2;
  const lists = [
    { heading: 'Predicted too alike', pairs: tooAlike.slice(0, N_SHOWN) },
    { heading: 'Predicted too different', pairs: tooDifferent.slice(0, N_SHOWN) },
  ];
  let y = 0;
  const marks = lists.map(({ heading, pairs }, k) => {
    const rows = pairs.map((pair, row) => moved(0, HEADING + row * ROW, rowMarks(pair, set, column, images, theme)));
    const none = pairs.length === 0 ? label(0, HEADING + 14, 'none', { fill: theme.faint }) : '';
    const title = label(0, TEXT_SIZE, heading, { bold: 'true', fill: theme.ink, room: column });
    const placed = isStacked ? moved(0, y, title, none, ...rows) : moved(k * (column + GAP), 0, title, none, ...rows);
    y += HEADING + Math.max(1, pairs.length) * ROW;
    return placed;
  });
  const tallest = HEADING + ROW * Math.max(1, ...lists.map(({ pairs }) => pairs.length));
  const all = [...tooAlike, ...tooDifferent].sort(
    (a, b) => Math.abs(distanceOf(b)) - Math.abs(distanceOf(a)) || a.pair - b.pair,
  );
  return framed(
    {
      id,
      title: 'The pairs that are most wrong',
      subtitle: describeSet(set),
      caption:
        'Each line runs from the most alike of all pairs to the least alike, with the rank that subjects give the pair and the rank that is predicted. Where the subjects disagree much (sd), there is less to be wrong about.',
      alt: altOf(set, all),
      csv: csvText(
        PAIR_COLUMNS,
        all
          .slice(0, N_LISTED)
          .map(({ pair, images: [i, j], measuredRank, predictedRank }) => [
            ...[
              set.conditions[i],
              set.conditions[j],
              set.measured.mean[pair],
              set.measured.sd?.[pair],
              set.predicted[pair],
            ],
            ...[measuredRank, predictedRank],
          ]),
      ),
      legend: [
        { mark: rankMark(7, 'measured', theme), text: 'measured (\u00b1 sd over subjects)' },
        { mark: rankMark(7, 'predicted', theme), text: 'predicted' },
      ],
      body: marks.join(''),
      bodyHeight: isStacked ? y : tallest,
      definitions: images.definitions(),
    },
    { ...options, width },
  ).figure;
}

function rowMarks(
  { pair, images: [i, j], measuredRank, predictedRank }: WrongPair,
  { conditions, measured, predicted }: ScoredSet,
  column: number,
  images: FigureImages,
  theme: Theme,
): string {
  const left = 2 * THUMBNAIL + 16;
  const line = column - left - 6;
  const at = (rank: number) => left + rank * line;
  const sd = measured.sd === null ? '' : ` \u00b1 ${threeDigits(measured.sd[pair])}`;
  const [from, to] = [measuredRank, predictedRank].map(at);
  const small = { size: SMALL_TEXT, fill: theme.faint };
  return (
    images.show(i, 0, 0, THUMBNAIL) +
    images.show(j, THUMBNAIL + 4, 0, THUMBNAIL) +
    label(left, 11, namesOf([conditions[i], conditions[j]], line), { size: SMALL_TEXT, fill: theme.ink }) +
    element('path', { d: `M${left} 25H${left + line}`, stroke: theme.grid, 'stroke-width': 2 }) +
    element('path', { d: `M${Math.round(from)} 25H${Math.round(to)}`, stroke: theme.faint, 'stroke-width': 2 }) +
    moved(from - 7, 18, rankMark(7, 'measured', theme)) +
    moved(to - 7, 18, rankMark(7, 'predicted', theme)) +
    moved(left - 2, 36, rankMark(7, 'measured', theme)) +
    label(left + 15, 47, `${threeDigits(measured.mean[pair])}${sd}`, { ...small, room: 0.62 * line - 15 }) +
    moved(left + 0.65 * line, 36, rankMark(7, 'predicted', theme)) +
    label(left + 0.65 * line + 17, 47, threeDigits(predicted[pair]), small)
  );
}

/** Both names, each shortened alone where both do not fit. */
function namesOf(names: readonly [string, string], room: number): string {
  const between = ' \u2013 ';
  const whole = names.join(between);
  if (textWidth(whole, SMALL_TEXT) <= room) return whole;
  const each = (room - textWidth(between, SMALL_TEXT)) / 2;
  return names.map((name) => shortened(name, each, SMALL_TEXT)).join(between);
}

/** Subjects a diamond, the fit a disc: not told by colour alone. */
function rankMark(middle: number, of: 'measured' | 'predicted', theme: Theme): string {
  return of === 'measured'
    ? element('path', { d: `M${middle} ${middle - 6}l6 6l-6 6l-6 -6z`, fill: theme.measured, stroke: theme.paper })
    : element('circle', { cx: middle, cy: middle, r: 5, fill: theme.fitted, stroke: theme.paper });
}

function altOf({ conditions }: ScoredSet, [worst]: readonly WrongPair[]): string {
  if (worst === undefined) return 'All pairs have the predicted rank.';
  const [i, j] = worst.images;
  return `The most wrong pair is ${conditions[i]} and ${conditions[j]}: of all pairs subjects place it at ${decimal(worst.measuredRank, 2)} and the fit at ${decimal(worst.predictedRank, 2)}, from 0, the most alike, to 1.`;
}
