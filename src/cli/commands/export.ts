import { Option } from 'commander';
import {
  EXPORT_FILES,
  EXPORT_FORMATS,
  EXPORTED,
  type Exported,
  type ExportFormat,
} from '../../study/export/choices.ts';
import type { AddCommand } from '../command.ts';

interface ExportArguments {
  readonly out: string;
  readonly what: Exported;
  readonly set?: string;
  readonly to?: ExportFormat;
}

/** `hypercolumn export RUN --out FILE`: a run's RDMs and scores for other programs. */
export const addExport: AddCommand = (program, output) => {
  program
    .command('export')
    .summary("write a run's RDMs and scores for other programs")
    .description(
      'Write the RDMs that a run predicted, those that were measured, its rivals and its scores for other programs: rsatoolbox, MATLAB, Python, R.',
    )
    .argument('<run>', 'folder that fit wrote')
    .requiredOption('--out <file>', EXPORT_FILES)
    .addOption(new Option('--what <part>', 'what of the run').choices(EXPORTED).default('all'))
    .option('--set <name>', 'one of the sets of images that it was scored on (default: all)')
    .addOption(new Option('--to <format>', "the format (default: by the file's ending)").choices(EXPORT_FORMATS))
    .action(async (run: string, { out, what, set, to }: ExportArguments) => {
      const { join } = await import('node:path');
      const { openFileSource, writeFileAtomically } = await import('../../host/files.ts');
      const { isThere } = await import('../../host/folder.ts');
      const { checkWritable } = await import('../../host/writable.ts');
      const { exportRun } = await import('../../study/export/export-run.ts');
      const files = { openSource: openFileSource, joinPath: join, isThere, checkWritable };
      const options = { what, ...(set !== undefined && { set }), ...(to !== undefined && { to }) };
      const written = await exportRun(run, out, options, { ...files, writeFile: writeFileAtomically });
      output.say(`Wrote ${written} to ${out}.`);
    });
};
