import type { RunFit, StudyRun } from '../study/run.ts';
import type { ScoredSet } from '../study/scoring/scored-set.ts';
import { type SetSpread, type Spread, seedSpread } from '../study/seed-spread.ts';
import type { SetScore, SetSummary } from '../study/set-summary.ts';
import { describeSheet } from './score-sheet-text.ts';
import { alignedTable, formatNumber } from './table.ts';
import { describeTuning } from './tuning-text.ts';

/** What the text of a run shows of it. */
export type DescribedRun = Pick<StudyRun, 'sets' | 'tuning' | 'features' | 'metrics' | 'keptEpoch'> & {
  readonly scoring: { readonly scored: readonly Pick<ScoredSet, 'name' | 'role' | 'sheet'>[] };
  readonly fits?: readonly Pick<RunFit, 'seed' | 'keptEpoch' | 'metrics' | 'sets'>[];
};

/** A fit as text: how well it does on each data set beside the noise ceiling, and its stage tuning. */
export function describeRun(run: DescribedRun): string {
  const { fits = [] } = run;
  const lines = [
    ...(fits.length > 1
      ? [`${fits.length} fits on ${run.features.name}, seeds ${fits[0].seed} to ${fits.at(-1)!.seed}.`]
      : [`Fitted on ${run.features.name}, epoch ${run.keptEpoch} of ${run.metrics.length} kept.`]),
    '',
    `Mean signed Spearman rho with the subjects, beside the noise ceiling (rho)${fits.length > 1 ? '; all: of the mean of all predictions, over seeds: the lowest and highest of single ones' : ''}:`,
    setTable(run.sets, fits),
    ...(run.sets.some(({ heldOut }) => heldOut !== null)
      ? ['The held-out images also chose the epoch that was kept, so their rho is a little too good.']
      : []),
    '',
    ...sheetsOf(run),
    describeTuning(run.tuning),
    ...(fits.length > 1 ? [`The tuning is that of seed ${fits[0].seed}, with which the permuted fits begin too.`] : []),
  ];
  return lines.join('\n');
}

/** The sheets of images that were not learnt from; what their numbers mean stands below the last. */
function sheetsOf({ scoring: { scored } }: DescribedRun): string[] {
  const unseen = scored.filter(({ role }) => role !== 'learnt');
  if (unseen.length === 0) {
    return ['Nothing here speaks of new images: name some under test, or hold some out with training.holdout.', ''];
  }
  return unseen.flatMap(({ name, role, sheet }, k) => {
    const what = role === 'test' ? `${name}, test images` : `${name}, held-out images`;
    return [describeSheet(sheet, { name: what, legend: k === unseen.length - 1 }), ''];
  });
}

function setTable(sets: StudyRun['sets'], fits: NonNullable<DescribedRun['fits']>): string {
  const several = fits.length > 1;
  const spreads = several ? seedSpread(fits) : [];
  const row = (fit: string, { name, nSubjects }: SetSummary, on: string, score: SetScore, spread?: Spread | null) => [
    name,
    on,
    ...(several ? [fit] : []),
    String(score.nImages),
    String(nSubjects),
    formatNumber(score.rho),
    ...(several ? [formatSpread(spread)] : []),
    formatCeiling(score),
  ];
  const rowsOf = (fit: string, set: SetSummary, spread?: SetSpread) => [
    row(fit, set, 'images learnt from', set.training, spread?.training),
    ...(set.heldOut === null ? [] : [row(fit, set, 'held-out images', set.heldOut, spread?.heldOut)]),
  ];
  return alignedTable([
    [
      'data set',
      'on',
      ...(several ? ['seed'] : []),
      'images',
      'subjects',
      'rho',
      ...(several ? ['over seeds'] : []),
      'ceiling',
    ],
    ...sets.flatMap((set, k) => [
      ...(several ? fits.flatMap(({ seed, sets: ofSeed }) => rowsOf(String(seed), ofSeed[k])) : []),
      ...rowsOf('all', set, spreads[k]),
    ]),
  ]);
}

/** `.127 ... .154`: the lowest score of a seed and the highest. */
function formatSpread(spread: Spread | null | undefined): string {
  return spread ? `${formatNumber(spread.min)} ... ${formatNumber(spread.max)}` : '';
}

/** `.127 ... .308`: the lower bound and the upper. */
export function formatCeiling({ ceiling }: Pick<SetScore, 'ceiling'>): string {
  return ceiling === null ? '-' : `${formatNumber(ceiling.lower.rho)} ... ${formatNumber(ceiling.upper.rho)}`;
}
