import type { AddCommand } from '../command.ts';

interface ReportArguments {
  readonly out?: string;
  readonly figures?: string;
  readonly regions?: string;
  readonly json?: true;
}

/** `hypercolumn report`: a page of a run, or of several beside each other. */
export const addReport: AddCommand = (program, output) => {
  program
    .command('report')
    .summary('write a page that shows a run, or compares several, and every figure as a file')
    .description(
      'Write one page of HTML that needs nothing but itself: of a run its scores with ceilings, predicted and measured RDMs to look into, stage ' +
        'tuning, maps of the images and how it was made; of several runs how they compare. Every figure is written as .svg, .png and .csv too.',
    )
    .argument('<run...>', 'folders that fit wrote')
    .option('--out <file>', 'the page (default: report.html in the run; comparison.html here for several)')
    .option('--figures <dir>', 'where the figures go (default: figures in the run; nowhere for several)')
    .option('--regions <file>', 'what hypercolumn regions --out wrote, to be shown with several runs')
    .option('--json', 'print one JSON document')
    .action(async (runs: string[], { json, ...options }: ReportArguments) => {
      const { join } = await import('node:path');
      const host = await import('../../host/index.ts');
      const { writeReport } = await import('../../report/report.ts');
      const onNotice = (notice: string) => output.say(`note: ${notice}`);
      const written = await writeReport(
        runs,
        {
          ...{ joinPath: join, openSource: host.openFileSource, writeFile: host.writeFileAtomically },
          ...{ isThere: host.isThere, checkWritable: host.checkWritable },
          ...{ encodeJpeg: host.encodeJpeg, renderPng: host.renderPng, runTasks: host.workerThreads() },
          listImages: (folder) => host.listImages(folder, { onNotice }),
          onProgress: output.onProgress,
          onNotice,
        },
        options,
      );
      for (const line of written.missing) output.say(`missing: ${line}`);
      const size =
        written.bytes < 1e5 ? `${Math.ceil(written.bytes / 1e3)} kB` : `${(written.bytes / 1e6).toFixed(1)} MB`;
      const figures = written.figures.length === 0 ? '' : ` and ${written.figures.length} files of figures`;
      output.say(`Wrote ${written.page} (${size})${figures}.`);
      if (json) output.result(JSON.stringify(written));
    });
};
