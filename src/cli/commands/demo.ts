import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';

interface DemoArguments extends EnvironmentOptions {
  readonly out: string;
  readonly json?: true;
}

/** `hypercolumn demo`: the main job on simulated data. */
export const addDemo: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('demo'))
    .summary('the main job on simulated data, offline')
    .option('--out <dir>', 'folder of the files it makes', 'hypercolumn-demo')
    .option('--json', 'print one JSON document')
    .action(async ({ out, json, ...options }: DemoArguments) => {
      const { join, resolve } = await import('node:path');
      const { commandEnvironment } = await import('../environment.ts');
      const { demoResults, describeDemo } = await import('../../report/demo-text.ts');
      const { writeReport } = await import('../../report/report.ts');
      const { DEMO_FILES, runDemo } = await import('../../study/demo.ts');
      output.say(
        'A simulation: drawn images, and subjects that never lived, made from a known mask over a Gabor bank.',
      );
      const environment = await commandEnvironment(options, output);
      const result = await runDemo(resolve(out), environment);
      const { page } = await writeReport([join(out, DEMO_FILES.run)], environment);
      output.result(json ? JSON.stringify(demoResults(result)) : describeDemo({ ...result, folder: out }));
      output.say(`Look at it in a browser: ${page}`);
    });
};
