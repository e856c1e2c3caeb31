import { READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

/** `hypercolumn inspect FILE [--json]` */
export const addInspect: AddCommand = (program, output) => {
  program
    .command('inspect')
    .description(`show what a file holds: ${READABLE_FILES}`)
    .argument('<file>')
    .option('--json', 'print one JSON document')
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const [{ withFileSource }, { contentsTable, inspectFile }] = await Promise.all([
        import('../../host/files.ts'),
        import('../../study/inspect.ts'),
      ]);
      const contents = await withFileSource(path, inspectFile);
      const { format, entries } = contents;
      output.result(json ? JSON.stringify({ format, entries }) : contentsTable(contents));
    });
};
