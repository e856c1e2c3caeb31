import type { RegionComparison } from '../study/tuning/compare-regions.ts';
import type { RegionStage } from '../study/tuning/regions.ts';
import { groupShares, type StageGroup, stageGroups, stagesAlone } from '../study/tuning/stage-groups.ts';
import { alignedTable, formatNumber } from './table.ts';

/** A test between regions as text: a table of their shares, one test of all stages, and a sentence for each column. */
export function describeRegions(comparison: RegionComparison): string {
  const { a, b, network, nSwaps, stages, grouped, overall } = comparison;
  const names = stages.map(({ stage }) => stage);
  const groups = stageGroups(names);
  const permuted = a.permuted !== null || b.permuted !== null;
  return [
    `Stage tuning of A (${a.run}: ${a.sets.join(', ')}) and B (${b.run}: ${b.sets.join(', ')}) on ${network}:`,
    regionTable(stages, stagesAlone(names), comparison),
    ...(grouped === null || groups === null
      ? []
      : ['', 'The same with the blocks of a stage taken together:', regionTable(grouped, groups, comparison)]),
    '',
    `All stages at once: the tunings lie ${formatNumber(overall.distance)} apart (0: the same, 1: no stage in common), with regions exchanged ${meanSize(overall.swapped)} on average, p ${formatNumber(overall.p)}.`,
    '',
    'A, B: the share of the stage in the variance of the embedding fitted to each region.',
    ...(permuted
      ? ["permuted: the mean share in the run's own fits of label-permuted RDMs, which hold no signal."]
      : []),
    `swapped: the size of A - B when the regions' RDMs are exchanged in some of the subjects and both fitted again, mean ... largest of ${nSwaps}.`,
    `p: how often it is at least as large then, two-sided, at least 1/${nSwaps + 1}; p (FDR): adjusted for looking at all stages at once.`,
    "The null is that a subject's two RDMs are exchangeable, so regions that differ in noise alone can be told apart too. Noise leaves a share nearer to the",
    permuted
      ? 'permuted one, on the side it is on: where A and B lie on different sides of theirs, noise alone is no explanation.'
      : 'permuted one, on the side it is on: fit both with --tuning to see on which sides they lie.',
  ].join('\n');
}

function regionTable(
  stages: readonly RegionStage[],
  groups: readonly StageGroup[],
  { a, b }: Pick<RegionComparison, 'a' | 'b'>,
): string {
  const [besideA, besideB] = [a, b].map(({ permuted }) => permuted && groupShares(permuted, groups));
  return alignedTable([
    [
      'stage',
      'A',
      ...(besideA === null ? [] : ['permuted']),
      'B',
      ...(besideB === null ? [] : ['permuted']),
      'A - B',
      'swapped',
      'p',
      'p (FDR)',
    ],
    ...stages.map(({ stage, shareA, shareB, difference, swapped, p, pFdr }, k) => [
      stage,
      formatNumber(shareA),
      ...(besideA === null ? [] : [formatNumber(besideA[k])]),
      formatNumber(shareB),
      ...(besideB === null ? [] : [formatNumber(besideB[k])]),
      `${difference < 0 ? '-' : '+'}${formatNumber(Math.abs(difference))}`,
      `${meanSize(swapped)} ... ${formatNumber(Math.max(...swapped.map(Math.abs)))}`,
      formatNumber(p),
      formatNumber(pFdr),
    ]),
  ]);
}

function meanSize(swapped: readonly number[]): string {
  return formatNumber(swapped.reduce((sum, value) => sum + Math.abs(value), 0) / swapped.length);
}
