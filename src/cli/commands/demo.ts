import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';
import type { AddCommand } from './index.ts';

interface DemoArguments extends EnvironmentOptions {
  readonly out: string;
  readonly json?: true;
}

export const addDemo: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('demo'))
    .summary('the main job on simulated data, offline')
    .option('--out <dir>', 'folder of the files it makes', 'hypercolumn-demo')
    .option('--json', 'print one JSON document')
    .action(async ({ out, json, ...options }: DemoArguments) => {
      const { commandEnvironment } = await import('../environment.ts');
      const { demoResults, describeDemo } = await import('../../report/demo-text.ts');
      const { runDemo } = await import('../../study/demo.ts');
      output.say(
        'A simulation: drawn images, and subjects that never lived, made from a known mask over a Gabor bank.',
      );
      const result = await runDemo(out, await commandEnvironment(options, output));
      output.result(json ? JSON.stringify(demoResults(result)) : describeDemo(result));
    });
};
