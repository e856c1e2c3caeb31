import { groupShares, type StageGroup, stageGroups, stagesAlone } from '../study/tuning/stage-groups.ts';
import { besidePermuted, FEWEST_FOR_Z, type FurtherFit, type RunTuning, type StageTuning } from '../study/tuning.ts';
import { alignedTable, formatNumber } from './table.ts';

/** Stage tuning as text: shares beside those of other fits, the paper's measure named as what it is, and a sentence for each column. */
export function describeTuning(tuning: RunTuning): string {
  const { stages, grouped } = tuning;
  const names = stages.map(({ stage }) => stage);
  const groups = stageGroups(names);
  return [
    'Stage tuning:',
    tuningTable(stages, stagesAlone(names), tuning.stability),
    ...(grouped === null || groups === null
      ? []
      : ['', 'The same with the blocks of a stage taken together:', tuningTable(grouped, groups, tuning.stability)]),
    ...meaningOf(tuning),
  ].join('\n');
}

/** A run's tuning for scripts. */
export function tuningResults({ stages, grouped, stability }: RunTuning) {
  return { tuning: stages, groupedTuning: grouped, tuningStability: stability };
}

function tuningTable(
  tuning: readonly StageTuning[],
  groups: readonly StageGroup[],
  stability: RunTuning['stability'],
): string {
  const permuted = tuning[0].permutedShares.length > 0;
  const permutedMeans = tuning[0].permutedSignedMeans.length > 0;
  const further = furtherColumns(stability);
  return alignedTable([
    [
      'stage',
      'share',
      ...further.map(({ title }) => title),
      ...(permuted ? ['permuted', 'z', 'p', 'p (FDR)'] : []),
      'signed mean mask',
      '95 % CI',
      ...(permutedMeans ? ['permuted mean mask'] : []),
    ],
    ...tuning.map(({ stage, share, permuted: beside, z, p, pFdr, signedMeanMask, permutedSignedMeans }, k) => [
      stage,
      formatNumber(share),
      ...further.map(({ fits }) => formatRange(fits.map(({ shares }) => groupShares(shares, groups)[k]))),
      ...(permuted ? [formatPermuted(beside!), formatNumber(z, 1), formatNumber(p), formatNumber(pFdr)] : []),
      formatNumber(signedMeanMask.mean),
      signedMeanMask.ci95 === null ? '-' : signedMeanMask.ci95.map((bound) => formatNumber(bound)).join(' ... '),
      ...(permutedMeans ? [formatPermuted(besidePermuted(signedMeanMask.mean, permutedSignedMeans).permuted!)] : []),
    ]),
  ]);
}

function furtherColumns(stability: RunTuning['stability']): { title: string; fits: readonly FurtherFit[] }[] {
  return [
    { title: 'over seeds', fits: stability?.seeds ?? [] },
    { title: 'over splits', fits: stability?.splits ?? [] },
  ].filter(({ fits }) => fits.length > 0);
}

/** What each column says, a sentence for each. */
export function meaningOf({ stages, stability }: RunTuning): string[] {
  const nPermutations = stages[0].permutedShares.length;
  const [nSeeds, nSplits] = [stability?.seeds.length ?? 0, stability?.splits.length ?? 0];
  return [
    nPermutations === 0
      ? "share: the stage's share of the embedding's variance. Fits of label-permuted RDMs have uneven shares too: --tuning shows them beside."
      : "share: the stage's part in the variance that predictions rest on; it tells of the network and the method as much as of the brain.",
    ...(nSeeds > 0
      ? [
          `over seeds: the lowest and highest share of ${fits(nSeeds)} of other seeds; a wide range is chance of the training.`,
        ]
      : []),
    ...(nSplits > 0
      ? [
          `over splits: the same of ${fits(nSplits)}, each without another fifth of the images; a wide range rests on few of them. All learn from a third fewer pairs, so they may lie on one side of the share.`,
        ]
      : []),
    ...(nPermutations > 0
      ? [
          `permuted: the share over ${fits(nPermutations)} of label-permuted RDMs, which hold no signal (mean +- sd): only a share away from it says something about the brain.`,
          ...(nPermutations < FEWEST_FOR_Z
            ? [
                `z is left out: ${nPermutations} permuted ${nPermutations === 1 ? 'fit says' : 'fits say'} too little of their sd, for which ask for ${FEWEST_FOR_Z} or more.`,
              ]
            : ['z: how many of these sd the share is off.']),
          `p: its rank among the permuted shares, two-sided, at least 1/${nPermutations + 1}; p (FDR): adjusted for looking at all stages at once.`,
        ]
      : []),
    "signed mean mask: the paper's measure, the mean of the stage's mask values; the correlation sees neither its sign nor its size, so compare no regions by it.",
    ...(stages[0].permutedSignedMeans.length > 0
      ? [
          'permuted mean mask: the same over the permuted fits (mean +- sd): what it owes to the network and the method.',
        ]
      : []),
  ];
}

/** `0.200 +- 0.0707`: permuted fits lie close together, so that their deviation needs more decimals than their mean. */
export function formatPermuted({ mean, sd }: NonNullable<StageTuning['permuted']>): string {
  return `${formatNumber(mean)} +- ${sd === null ? '-' : sd.toPrecision(3)}`;
}

function formatRange(values: readonly number[]): string {
  return `${formatNumber(Math.min(...values))} ... ${formatNumber(Math.max(...values))}`;
}

function fits(n: number): string {
  return n === 1 ? '1 fit' : `${n} fits`;
}
