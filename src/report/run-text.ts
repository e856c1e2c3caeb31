import type { RunFit, StudyRun } from '../study/run.ts';
import { type SetSpread, type Spread, seedSpread } from '../study/seed-spread.ts';
import type { SetScore, SetSummary } from '../study/set-summary.ts';
import { FEWEST_FOR_Z, type StageTuning } from '../study/tuning.ts';
import { alignedTable, formatNumber } from './table.ts';

/** What the text of a run shows of it. */
export type DescribedRun = Pick<StudyRun, 'sets' | 'tuning' | 'features' | 'metrics' | 'keptEpoch'> & {
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
    describeTuning(run.tuning),
    ...(fits.length > 1 ? [`The tuning is that of seed ${fits[0].seed}, with which the permuted fits begin too.`] : []),
  ];
  return lines.join('\n');
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

/** Stage tuning as text: shares beside those of label-permuted fits, and the paper's measure named as what it is. */
export function describeTuning(tuning: readonly StageTuning[]): string {
  const nPermutations = tuning[0].permutedShares.length;
  const permuted = nPermutations > 0;
  const table = alignedTable([
    ['stage', 'share', ...(permuted ? ['permuted', 'z', 'p'] : []), 'signed mean mask', '95 % CI'],
    ...tuning.map(({ stage, share, permuted: beside, z, p, signedMeanMask }) => [
      stage,
      formatNumber(share),
      ...(permuted ? [formatPermuted(beside!), formatNumber(z, 1), formatNumber(p)] : []),
      formatNumber(signedMeanMask.mean),
      signedMeanMask.ci95 === null ? '-' : signedMeanMask.ci95.map((bound) => formatNumber(bound)).join(' ... '),
    ]),
  ]);
  const meaning = permuted
    ? `share: the stage's share of the embedding's variance; permuted: the same over ${nPermutations} fits of label-permuted RDMs (mean +- sd), which hold no signal:
only a share away from them says something about the brain; p: its rank among them, two-sided. signed mean mask: the paper's measure, which permuted fits give nearly as well.`
    : `share: the stage's share of the embedding's variance. Fits of label-permuted RDMs have uneven shares too: --tuning shows them beside.`;
  const few =
    permuted && nPermutations < FEWEST_FOR_Z
      ? `\nz is left out: ${nPermutations} permuted ${nPermutations === 1 ? 'fit says' : 'fits say'} too little of their sd, for which ask for ${FEWEST_FOR_Z} or more.`
      : '';
  return `Stage tuning:\n${table}\n${meaning}${few}`;
}

/** `0.200 +- 0.0707`: permuted fits lie close together, so that their deviation needs more decimals than their mean. */
export function formatPermuted({ mean, sd }: NonNullable<StageTuning['permuted']>): string {
  return `${formatNumber(mean)} +- ${sd === null ? '-' : sd.toPrecision(3)}`;
}
