import { TRACKS } from '../rdm/benchmarks.ts';
import type { ReproducedRow, Reproduction } from '../study/reproduce/reproduce.ts';
import { PAPER_TRACKS } from '../study/reproduce/reproduce-studies.ts';
import { formatCeiling } from './run-text.ts';
import { alignedTable, formatNumber } from './table.ts';

const TRACK_LABELS = [
  ['fMRI track', 'fmri'],
  ['MEG track', 'meg'],
] as const;

const OWN_CEILING = '*';

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
        `${percent(test?.percentOfCeiling)}${starOf([test])}`,
        formatNumber(test?.rho ?? null),
      ]),
      ...TRACK_LABELS.map(([label, track]) => [
        label,
        PAPER_TRACKS[track].toFixed(2),
        `${percent(tracks[track])}${tracks[track] === null ? '' : starOf(testsOf(rows, track))}`,
        '',
      ]),
    ]),
    ...(rows.some(({ test }) => test?.published === false)
      ? [`${OWN_CEILING}: of the RDMs' own ceiling, not of the published one, which is of other RDMs`]
      : []),
    ...(rows.some(({ test }) => test === null) ? ['-: there is nothing to measure it on'] : []),
    ...TRACK_LABELS.filter(([, track]) => ceilingsDiffer(testsOf(rows, track))).map(
      ([label]) => `${label}: -, since one of its ceilings is published and the other is the RDMs' own`,
    ),
    '',
    'What these data can say: mean signed Spearman rho on images of the training sets that were held out. They chose the epoch, so this is a',
    'little too good. Not the same as the table above.',
    alignedTable([['', 'data set', 'images', 'rho', 'noise ceiling (rho)'], ...rows.flatMap(heldOutRows)]),
    ...listed('Not here:', missing),
    ...listed('Not as in the paper:', deviations),
    ...listed("For the challenge's scripts:", files),
  ].join('\n');
}

function testsOf(rows: Reproduction['rows'], track: keyof typeof TRACKS): ReproducedRow['test'][] {
  return rows.filter(({ variable }) => TRACKS[track].some((each) => each === variable)).map(({ test }) => test);
}

function starOf(tests: readonly ReproducedRow['test'][]): string {
  return tests.some((test) => test?.published === false) ? OWN_CEILING : '';
}

function ceilingsDiffer(tests: readonly ReproducedRow['test'][]): boolean {
  return new Set(tests.flatMap((test) => test?.published ?? [])).size > 1;
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
