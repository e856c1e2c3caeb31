import type { ReproducedRow, Reproduction } from '../study/reproduce.ts';
import { PAPER_TRACKS } from '../study/reproduce-studies.ts';
import { formatCeiling } from './run-text.ts';
import { alignedTable, formatNumber } from './table.ts';

const TRACKS = [
  ['fMRI track', 'fmri'],
  ['MEG track', 'meg'],
] as const;

/** A reproduction as text: ours beside the paper's, what could be measured instead, and where the two are not the same thing. */
export function describeReproduction(result: Reproduction): string {
  const { network, rows, tracks, missing, deviations, submissions } = result;
  const name = network.ofPaper ? network.architecture : `${network.architecture}, not the paper's network`;
  const percent = (value: number | null | undefined) => formatNumber(value ?? null, 2);
  const files = Object.values(submissions).filter((file) => file !== null);
  return [
    `The paper's Table 1 and ours (${name}${result.quick ? ', --quick' : ''}): % of the noise ceiling on the test images`,
    alignedTable([
      ['', 'paper', 'ours', 'ours, rho'],
      ...rows.map(({ label, paper, test }) => [
        label,
        paper.toFixed(2),
        `${percent(test?.percentOfCeiling)}${test?.published === false ? '*' : ''}`,
        formatNumber(test?.rho ?? null),
      ]),
      ...TRACKS.map(([label, track]) => [label, PAPER_TRACKS[track].toFixed(2), percent(tracks[track]), '']),
    ]),
    ...(rows.some(({ test }) => test?.published === false)
      ? ["*: of the RDMs' own ceiling, not of the published one, which is of other RDMs"]
      : []),
    ...(rows.some(({ test }) => test === null) ? ['-: there is nothing to measure it on'] : []),
    '',
    'What these data can say: mean signed Spearman rho on images of the training sets that were held out. Not the same as the table above.',
    alignedTable([['', 'data set', 'images', 'rho', 'noise ceiling (rho)'], ...rows.flatMap(heldOutRows)]),
    ...listed('Not here:', missing),
    ...listed('Not as in the paper:', deviations),
    ...listed("For the challenge's scripts:", files),
  ].join('\n');
}

function heldOutRows({ label, run, heldOut }: ReproducedRow): string[][] {
  if (run === null) return [[label, 'none', '-', '-', '-']];
  return heldOut.map(({ name, heldOut: score }) => [
    label,
    name,
    ...(score === null ? ['-', '-', '-'] : [String(score.nImages), formatNumber(score.rho), formatCeiling(score)]),
  ]);
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
}
