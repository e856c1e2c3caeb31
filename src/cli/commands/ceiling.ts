import { alignedTable } from '../../report/table.ts';
import type { CeilingResult } from '../../study/ceiling.ts';
import { READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

/** `hypercolumn ceiling TARGET [--variable NAME] [--json]` */
export const addCeiling: AddCommand = (program, output) => {
  program
    .command('ceiling')
    .summary("noise ceilings of subjects' RDMs")
    .description(
      "Noise ceilings of subjects' RDMs: each subject's Spearman correlation with the mean of the others (lower) and of all (upper).",
    )
    .argument('<target>', `file of subjects' RDMs: ${READABLE_FILES}`)
    .option('--variable <name>', 'one of its arrays (default: all that are RDMs)')
    .option('--json', 'print one JSON document')
    .action(async (path: string, { variable, json = false }: { variable?: string; json?: boolean }) => {
      const { withFileSource } = await import('../../host/files.ts');
      const { ceilingsOfFile } = await import('../../study/ceiling.ts');
      const results = await withFileSource(path, (source) =>
        ceilingsOfFile(source, {
          ...(variable !== undefined && { variable }),
          onNotice: (notice) => output.say(`note: ${notice}`),
        }),
      );
      output.result(json ? JSON.stringify({ results }) : describe(results));
    });
};

function describe(results: readonly CeilingResult[]): string {
  const header = ['variable', 'n', 'subjects', 'lower rho', 'upper rho', 'lower r2', 'upper r2'];
  const rows = results.map(({ variable, n, nSubjects, ceiling }) => [
    variable,
    String(n),
    String(nSubjects),
    ...[ceiling?.lower.rho, ceiling?.upper.rho].map((value) => value?.toFixed(3) ?? '-'),
    ...[ceiling?.lower.r2, ceiling?.upper.r2].map((value) => value?.toFixed(4) ?? '-'),
  ]);
  return `${alignedTable([header, ...rows])}

rho: mean over subjects of Spearman's rho. r2: mean of its squares; the challenge's published ceilings are upper r2.`;
}
