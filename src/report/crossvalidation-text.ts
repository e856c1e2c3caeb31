import type { Crossvalidation } from '../study/crossvalidate.ts';
import { alignedTable, formatNumber } from './table.ts';

/** A cross-validation as text: mean over folds of each data set beside its noise ceiling and the untrained mask. */
export function describeCrossvalidation({ by, folds, summary }: Crossvalidation): string {
  const nFolds = folds.length / summary.length;
  const what =
    by === 'image'
      ? 'pairs of images that no fold had learnt from'
      : 'the RDMs of subjects that no fold had learnt from';
  return [
    `${nFolds} folds by ${by}; mean signed Spearman rho on ${what}:`,
    alignedTable([
      ['data set', 'rho', 'sd of folds', 'untrained mask', 'ceiling (rho)'],
      ...summary.map(({ variable, rho, rhoSd, untrainedRho, ceiling }) => [
        variable,
        formatNumber(rho),
        formatNumber(rhoSd),
        formatNumber(untrainedRho),
        ceiling === null ? '-' : `${formatNumber(ceiling.lower)} ... ${formatNumber(ceiling.upper)}`,
      ]),
    ]),
    ...(summary.every(({ rivals }) => rivals.length === 0) ? [] : ['', ...rivalLines(summary)]),
  ].join('\n');
}

/** A table of rivals, a column a data set. */
function rivalLines(summary: Crossvalidation['summary']): string[] {
  const names = [...new Set(summary.flatMap(({ rivals }) => rivals.map(({ name }) => name)))];
  return [
    'Rivals that learnt from the same and are scored on the same, rho:',
    alignedTable([
      ['rival', ...summary.map(({ variable }) => variable)],
      ...names.map((name) => [
        name,
        ...summary.map(({ rivals }) => formatNumber(rivals.find((rival) => rival.name === name)?.rho ?? null)),
      ]),
      ['the fit', ...summary.map(({ rho }) => formatNumber(rho))],
    ]),
  ];
}
