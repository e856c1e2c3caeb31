import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';

interface ReproduceArguments extends EnvironmentOptions {
  readonly data: string;
  readonly out?: string;
  readonly weights?: string;
  readonly quick?: boolean;
  readonly restart?: boolean;
  readonly set: readonly string[];
  readonly json?: true;
}

/** `hypercolumn reproduce`: the paper's Table 1. */
export const addReproduce: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('reproduce'))
    .summary("fit the four configurations of the paper's Table 1 and put ours beside the paper's")
    .requiredOption('--data <dir>', "the challenge's download: the folder that holds Training_Data, or 92 and 118")
    .option('--out <dir>', 'folder of the runs; finished ones are kept (default: reproduction, or reproduction-quick)')
    .option('--weights <file>', "weights of se_resnext50_32x4d, or of resnet50, which is then not the paper's network")
    .option('--quick', 'minutes instead of hours, with settings that are not those of the paper')
    .option('--restart', 'start fits that were stopped again, instead of going on with them')
    .option('--set <a.b=value...>', 'change a setting of all four, such as training.seed=1', [])
    .option('--json', 'print one JSON document')
    .action(async ({ data, weights, quick = false, restart = false, set, json, ...options }: ReproduceArguments) => {
      const { existsSync } = await import('node:fs');
      const { resolve } = await import('node:path');
      const { commandEnvironment } = await import('../environment.ts');
      const { listFolder } = await import('../../host/index.ts');
      const { onInterruption } = await import('../interruption.ts');
      const { describeReproduction } = await import('../../report/reproduce-text.ts');
      const { reproduce } = await import('../../study/reproduce/reproduce.ts');
      const { out = quick ? 'reproduction-quick' : 'reproduction' } = options;
      onInterruption(() =>
        existsSync(out)
          ? `what is finished and what was learnt is kept in ${out}; the same command goes on`
          : undefined,
      );
      const result = await reproduce(
        {
          data: resolve(data),
          weights: weights === undefined ? undefined : resolve(weights),
          overrides: set,
          resolvePath: (path) => resolve(path),
          ...{ out, quick, restart, listFolder },
        },
        await commandEnvironment(options, output),
      );
      output.result(json ? JSON.stringify(result) : describeReproduction(result));
    });
};
