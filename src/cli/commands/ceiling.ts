import { Option } from 'commander';
import { alignedTable } from '../../report/table.ts';
import type { CeilingResult, CeilingsOfFileOptions } from '../../study/ceiling.ts';
import { COMPARATOR_NAMES, READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

interface CeilingArguments extends Pick<CeilingsOfFileOptions, 'variable' | 'comparator'> {
  readonly json?: boolean;
}

/** `hypercolumn ceiling TARGET [--variable NAME] [--comparator NAME] [--json]` */
export const addCeiling: AddCommand = (program, output) => {
  program
    .command('ceiling')
    .summary("noise ceilings of subjects' RDMs")
    .description(
      "Noise ceilings of subjects' RDMs: each subject's similarity with the mean of the others (lower) and of all (upper), subjects averaged as " +
        'the challenge does (raw) and as rsatoolbox does (normalised).',
    )
    .argument('<target>', `file of subjects' RDMs: ${READABLE_FILES}`)
    .option('--variable <name>', 'one of its arrays (default: all that are RDMs)')
    .addOption(new Option('--comparator <name>', 'how RDMs are compared (default: spearman)').choices(COMPARATOR_NAMES))
    .option('--json', 'print one JSON document')
    .action(async (path: string, { json = false, ...options }: CeilingArguments) => {
      const { withFileSource } = await import('../../host/files.ts');
      const { ceilingsOfFile } = await import('../../study/ceiling.ts');
      const results = await withFileSource(path, (source) =>
        ceilingsOfFile(source, { ...options, onNotice: (notice) => output.say(`note: ${notice}`) }),
      );
      output.result(json ? JSON.stringify({ results }) : describe(results));
    });
};

function describe(results: readonly CeilingResult[]): string {
  const row = ({ variable, n, nSubjects }: CeilingResult, averaging: string, ceiling: CeilingResult['ceiling']) => [
    ...[variable, String(n), String(nSubjects), averaging],
    ...[ceiling?.lower.rho, ceiling?.upper.rho].map((value) => value?.toFixed(3) ?? '-'),
    ...[ceiling?.lower.r2, ceiling?.upper.r2].map((value) => value?.toFixed(4) ?? '-'),
  ];
  const table = alignedTable([
    ['variable', 'n', 'subjects', 'averaging', 'lower rho', 'upper rho', 'lower r2', 'upper r2'],
    ...results.flatMap((result) => [
      row(result, 'raw', result.ceiling),
      ...(result.normalised === null ? [] : [row(result, 'normalised', result.normalised)]),
    ]),
  ]);
  const { comparator } = results[0];
  const published = comparator === 'spearman' ? "; the challenge's published ceilings are upper r2 of raw means" : '';
  return `${table}

rho: mean over subjects of their similarity (${comparator}). r2: mean of its squares${published}.`;
}
