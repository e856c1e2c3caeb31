import { UsageError } from '../../core/errors.ts';
import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';

interface RegionsArguments extends EnvironmentOptions {
  readonly swaps: string;
  readonly out?: string;
  readonly json?: true;
}

/** `hypercolumn regions`: whether two runs' regions are tuned differently. */
export const addRegions: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('regions'))
    .summary('test whether the regions of two runs are tuned differently to the stages')
    .description(
      'Test whether the regions of two runs are tuned differently to the stages: the RDMs of the two are exchanged in random subsets of the ' +
        'subjects, and both are fitted again. The runs are of the same images and subjects, with the same settings.',
    )
    .argument('<run-a>', 'folder of a run')
    .argument('<run-b>', 'folder of the run it is compared with')
    .option('--swaps <n>', 'exchanges, each of which takes two fits; p cannot come below 1 / (n + 1)', '20')
    .option('--out <file.json>', 'write the result as JSON')
    .option('--json', 'print one JSON document')
    .action(async (runA: string, runB: string, { swaps, out, json, ...options }: RegionsArguments) => {
      const { commandEnvironment, parseCount } = await import('../environment.ts');
      const { describeRegions } = await import('../../report/regions-text.ts');
      const { compareRegions } = await import('../../study/tuning/compare-regions.ts');
      const { writeText } = await import('../../study/environment.ts');
      const nSwaps = parseCount('--swaps', swaps);
      const { resolve } = await import('node:path');
      if (resolve(runA) === resolve(runB))
        throw new UsageError(`${runB}: expected another run than ${runA}, got the same folder`);
      const environment = await commandEnvironment(options, output);
      if (out !== undefined) await environment.checkWritable(out);
      const result = await compareRegions([runA, runB], environment, { nSwaps });
      if (out !== undefined) {
        await writeText(environment, out, `${JSON.stringify(result, null, 2)}\n`);
        output.say(`Wrote ${out}; see it with: hypercolumn report ${runA} ${runB} --regions ${out}`);
      }
      output.result(json ? JSON.stringify(result) : describeRegions(result));
    });
};
