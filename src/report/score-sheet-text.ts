import type { Estimate, Significance } from '../inference/evaluation.ts';
import { concerns, type ScoreSheet, type SharedSignal, type SheetModel } from '../inference/sheet.ts';
import type { Generalisation } from '../inference/variance.ts';
import type { NoiseCeiling } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import { alignedTable, formatNumber } from './table.ts';
import { wrapped } from './wrapped.ts';

/** How a sheet is shown. */
export interface DescribeSheetOptions {
  /** What was scored on: a variable, a data set. */
  readonly name?: string;
  /** The benchmark whose published ceiling is in use; the subjects' own upper one by default. */
  readonly benchmark?: string | undefined;
  /** Whether what each number means is told below; where several sheets follow each other, once is enough. */
  readonly legend?: boolean;
}

const OVER: Readonly<Record<Generalisation, string>> = {
  both: 'new subjects and new stimuli',
  stimuli: 'new stimuli and these subjects',
  subjects: 'new subjects and exactly these stimuli',
};
/** How tables head a comparator's similarities. */
const MEASURES: Readonly<Record<ComparatorName, string>> = {
  spearman: 'rho',
  pearson: 'r',
  'tau-a': 'tau a',
  'tau-b': 'tau b',
  'rho-a': 'rho a',
  cosine: 'cosine',
  'whitened-correlation': 'whitened r',
  'whitened-cosine': 'whitened cosine',
};
const MOST_SUBJECTS_A_LINE = 10;

/** A score sheet as text of 100 columns: warnings of the first model, the official figure beside its floor, signed agreement with tests, ceilings, differences. */
export function describeSheet(
  sheet: ScoreSheet,
  { name, benchmark, legend = true }: DescribeSheetOptions = {},
): string {
  const { nConditions, nSubjects, nTimes, warnings } = sheet;
  const ceiling = sheet.ceilingInUse === null ? '' : `; 100 % of ceiling is r2 ${sheet.ceilingInUse.toFixed(4)}`;
  const size =
    [
      count(nConditions, 'condition'),
      count(nSubjects, 'subject'),
      ...(nTimes > 1 ? [count(nTimes, 'time point')] : []),
    ].join(', ') + ceiling;
  const [own, ofOthers] = [true, false].map((first) =>
    warnings.filter((warning) => concerns(warning, sheet.models[0].name) === first),
  );
  const parts = [
    [
      name === undefined ? size : `${name}: ${size}`,
      ...own.map(({ text }) => wrapped(`warning: ${text}`, '         ')),
    ].join('\n'),
    scoreTable(sheet),
    testTable(sheet),
    ...(sheet.ceilings === null ? [] : [ceilingTable(sheet.ceilings, MEASURES[sheet.comparator])]),
    ...(sheet.sharedSignal === null ? [] : [sharedSignalText(sheet.sharedSignal)]),
    ...(sheet.comparisons.length === 0 ? [] : [comparisonTable(sheet)]),
    ...(ofOthers.length === 0 ? [] : [ofOthers.map(({ text }) => wrapped(`note: ${text}`, '      ')).join('\n')]),
    subjectLines(sheet),
    ...(legend ? [sheetLegend(sheet, benchmark)] : []),
  ];
  return parts.filter((part) => part !== null).join('\n\n');
}

/** What each number of a sheet means, a line each. */
export function sheetLegend(sheet: ScoreSheet, benchmark?: string): string {
  const { comparator, averaging, over, nPermutations, nSamples, models } = sheet;
  const permuted = nPermutations > 0;
  const tested = models.some(({ aboveZero }) => aboveZero !== null);
  return [
    "r2: the 2019 challenge's figure, the mean over subjects of Spearman's rho squared, which hides its sign.",
    sheet.ceilingInUse === null
      ? null
      : `% of ceiling: r2 over ${benchmark === undefined ? "the upper noise ceiling (r2) of the target's own subjects" : `the published noise ceiling of ${benchmark}, an upper one`}.`,
    permuted
      ? `floor: what ${sheet.ceilingInUse === null ? 'r2' : '% of ceiling'} is with the model's labels permuted ${nPermutations} times, its mean and what 95 % are below: chance is not 0.`
      : null,
    `${MEASURES[comparator]}: mean over subjects of the signed ${comparator} similarity${sheet.nTimes > 1 ? ', averaged over times' : ''}; the interval (95 %) is over ${OVER[over]}${nSamples > 0 ? `, by ${nSamples} bootstrap samples and the jackknife` : ''}.`,
    permuted
      ? `p permuted: where ${MEASURES[comparator]} stands among those of permuted labels, whatever the subjects share.`
      : null,
    tested
      ? `p above 0: t test of ${MEASURES[comparator]} over ${OVER[over]}. p ceiling: of its difference from the lower ceiling (${averaging}), two-sided.`
      : null,
    models.length > 1 && (permuted || tested) ? 'FDR, Bonferroni: p adjusted for all rows of its table.' : null,
    sheet.ceilings === null
      ? null
      : 'ceiling: what a perfect model could reach: each subject against the mean of the others (lower) and of all (upper), raw as the challenge, normalised as rsatoolbox averages.',
  ]
    .filter((line) => line !== null)
    .map((line) => wrapped(line, '  '))
    .join('\n');
}

function scoreTable({ models, comparator }: ScoreSheet): string {
  const inPercent = models.every(({ official: { percentOfCeiling } }) => percentOfCeiling !== null);
  return alignedTable([
    ['model', 'r2', '% of ceiling', 'floor mean', 'floor 95 %', MEASURES[comparator], 'interval'],
    ...models.map(({ name, official: { r2, percentOfCeiling, floor }, rho, estimate }) => {
      const [unit, decimals] = inPercent ? [floor?.percent, 2] : [floor?.r2, 4];
      return [
        ...[name, r2.toFixed(4), formatNumber(percentOfCeiling, 2)],
        ...[unit?.mean, unit?.percentile95].map((value) => formatNumber(value ?? null, decimals)),
        ...[signed(rho), intervalText(estimate)],
      ];
    }),
  ]);
}

/** p values of each model against one thing; null where nothing is tested. */
function testTable({ models, comparator }: ScoreSheet): string | null {
  const tests = [
    { title: 'p permuted', of: ({ permutation }: SheetModel) => permutation },
    { title: 'p above 0', of: ({ aboveZero }: SheetModel) => aboveZero },
    { title: 'p ceiling', of: ({ againstLowerCeiling }: SheetModel) => againstLowerCeiling },
  ].filter(({ of }) => models.some((model) => of(model) !== null));
  if (tests.length === 0) return null;
  const several = models.length > 1;
  return alignedTable([
    [`test of ${MEASURES[comparator]}`, ...tests.flatMap(({ title }) => [title, ...(several ? ['FDR'] : [])])],
    ...models.map((model) => [
      model.name,
      ...tests.flatMap(({ of }) => [pOf(of(model)), ...(several ? [pText(of(model)?.pFdr)] : [])]),
    ]),
  ]);
}

function ceilingTable({ raw, normalised }: NonNullable<ScoreSheet['ceilings']>, measure: string): string {
  const row = (name: string, { lower, upper }: NoiseCeiling) => [
    ...[name, signed(lower.rho), signed(upper.rho)],
    ...[lower.r2.toFixed(4), upper.r2.toFixed(4)],
  ];
  return alignedTable([
    ['noise ceiling', `lower ${measure}`, `upper ${measure}`, 'lower r2', 'upper r2'],
    row('raw', raw),
    row('normalised', normalised),
  ]);
}

function sharedSignalText({ nShuffles, lower, shuffled, upperR2, shuffledUpperR2, p }: SharedSignal): string {
  return wrapped(
    `shared signal: the subjects' lower ceiling of ${signed(lower)} is ${signed(shuffled.mean)} (95 % below ${signed(shuffled.percentile95)}) with their labels ` +
      `shuffled apart (${nShuffles} times, p = ${p.toFixed(3)}); their upper one, r2 ${upperR2.toFixed(4)}, is then ${shuffledUpperR2.mean.toFixed(4)}.`,
    '  ',
  );
}

function comparisonTable({ models: [first], comparisons, comparator }: ScoreSheet): string {
  return alignedTable([
    [`${first.name} less`, MEASURES[comparator], 'interval', 'p', 'FDR', 'Bonferroni'],
    ...comparisons.map(({ models: [, other], difference, test }) => [
      ...[other, signed(difference.value), intervalText(difference)],
      ...[pOf(test), pText(test?.pFdr), pText(test?.pBonferroni)],
    ]),
  ]);
}

function subjectLines({ models: [{ name, rhoBySubject }], comparator }: ScoreSheet): string {
  const lines = Array.from({ length: Math.ceil(rhoBySubject.length / MOST_SUBJECTS_A_LINE) }, (_, line) =>
    rhoBySubject
      .slice(line * MOST_SUBJECTS_A_LINE, (line + 1) * MOST_SUBJECTS_A_LINE)
      .map(signed)
      .join('  '),
  );
  return [`${MEASURES[comparator]} of ${name} with each subject:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function intervalText(estimate: Estimate | null): string {
  return estimate === null ? '-' : estimate.interval.map(signed).join('..');
}

function pOf(test: Significance | null): string {
  return pText(test?.p);
}

function pText(p: number | undefined): string {
  if (p === undefined) return '-';
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
