import type { FoldUnit } from '../../study/crossvalidate.ts';
import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import {
  addEnvironmentOptions,
  addStudyArguments,
  readStudy,
  type StudyArguments,
  studyOf,
} from '../study-arguments.ts';

interface CrossvalidateOptions extends StudyArguments, EnvironmentOptions {
  readonly folds: string;
  readonly by: FoldUnit;
  readonly rivals?: true;
  readonly json?: true;
}

/** `hypercolumn crossvalidate`: scores on what each fit left out. */
export const addCrossvalidate: AddCommand = (program, output) => {
  addEnvironmentOptions(addStudyArguments(program.command('crossvalidate')))
    .summary('fit k times, each time scored on what was left out')
    .requiredOption('--folds <k>', 'number of folds')
    .addOption(
      program.createOption('--by <unit>', 'what is left out together').choices(['image', 'subject']).default('image'),
    )
    .option('--rivals', "the study's rivals too, on the same folds")
    .option('--json', 'print one JSON document')
    .action(async (given: string | undefined, all: CrossvalidateOptions) => {
      const { path, options } = studyOf('crossvalidate', given, all);
      const { commandEnvironment, parseCount } = await import('../environment.ts');
      const { describeCrossvalidation } = await import('../../report/crossvalidation-text.ts');
      const { crossvalidate } = await import('../../study/crossvalidate.ts');
      const nFolds = parseCount('--folds', options.folds);
      const study = await readStudy(path, options);
      const environment = await commandEnvironment(options, output);
      const result = await crossvalidate(
        study,
        { nFolds, by: options.by, rivals: options.rivals ?? false },
        environment,
      );
      output.result(options.json ? JSON.stringify(result) : describeCrossvalidation(result));
    });
};
