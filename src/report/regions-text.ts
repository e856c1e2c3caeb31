import type { RegionComparison } from '../study/tuning/compare-regions.ts';
import type { RegionStage } from '../study/tuning/regions.ts';
import { alignedTable, formatNumber } from './table.ts';

/** A test between regions as text: a table of their shares, one test of all stages, and a sentence for each column. */
export function describeRegions(comparison: RegionComparison): string {
  const { a, b, network, nSwaps, stages, grouped, overall } = comparison;
  return [
    `Stage tuning of A (${a.run}: ${a.sets.join(', ')}) and of B (${b.run}: ${b.sets.join(', ')}) on ${network}:`,
    regionTable(stages),
    ...(grouped === null ? [] : ['', 'The same with the blocks of a stage taken together:', regionTable(grouped)]),
    '',
    `All stages at once: the tunings lie ${formatNumber(overall.distance)} apart (0: the same, 1: no stage in common), with regions exchanged ${swappedMean(overall.swapped)} on average; p ${formatNumber(overall.p)}.`,
    '',
    'A, B: the share of the stage in the variance of the embedding fitted to each region.',
    `swapped: the size of the difference over ${nSwaps === 1 ? '1 exchange' : `${nSwaps} exchanges`} of the two regions' RDMs in some of the subjects, both regions fitted again: mean, and the largest.`,
    `p: how often an exchange differs as much, two-sided, at least 1/${nSwaps + 1}; p (FDR): adjusted for looking at all stages at once.`,
    "The null is that the regions' RDMs are exchangeable within each subject: a small p says that the regions differ in what the fit finds, which",
    'how reliable their RDMs are adds to; the direction is in the shares beside the permuted fits of each run.',
  ].join('\n');
}

function regionTable(stages: readonly RegionStage[]): string {
  return alignedTable([
    ['stage', 'A', 'B', 'A - B', 'swapped', 'p', 'p (FDR)'],
    ...stages.map(({ stage, shareA, shareB, difference, swapped, p, pFdr }) => [
      stage,
      formatNumber(shareA),
      formatNumber(shareB),
      `${difference < 0 ? '-' : '+'}${formatNumber(Math.abs(difference))}`,
      `${swappedMean(swapped)}, ${formatNumber(Math.max(...swapped.map(Math.abs)))}`,
      formatNumber(p),
      formatNumber(pFdr),
    ]),
  ]);
}

function swappedMean(swapped: readonly number[]): string {
  return formatNumber(swapped.reduce((sum, value) => sum + Math.abs(value), 0) / swapped.length);
}
