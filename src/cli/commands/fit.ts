import { UsageError } from '../../core/errors.ts';
import type { Environment } from '../../study/environment.ts';
import type { PartialMode } from '../../study/runs/partial-run.ts';
import type { AddCommand } from '../command.ts';
import { commandLine } from '../command-line.ts';
import type { EnvironmentOptions } from '../environment.ts';
import {
  addEnvironmentOptions,
  addStudyArguments,
  readStudy,
  type StudyArguments,
  studyOf,
} from '../study-arguments.ts';

const DEFAULT_PERMUTATIONS = 20;

interface FitOptions extends StudyArguments, EnvironmentOptions {
  readonly out?: string;
  readonly tuning?: string | true;
  readonly resume?: true;
  readonly restart?: true;
  readonly json?: true;
}

/** `hypercolumn fit`: trains an encoder and writes its run. */
export const addFit: AddCommand = (program, output) => {
  addEnvironmentOptions(addStudyArguments(program.command('fit')))
    .summary('train an encoder on the images and RDMs of a study')
    .option('--out <run>', 'folder of the results (default: runs/ and the name of the study file)')
    .option(
      '--tuning [n]',
      `stage tuning beside n fits of label-permuted RDMs (${DEFAULT_PERMUTATIONS}) and 9 of other seeds and splits`,
    )
    .option('--resume', 'go on with the fit that was stopped, which is kept in RUN.partial')
    .option('--restart', 'start again, without what is kept of it')
    .option('--json', 'print the report as one JSON document')
    .action(async (given: string | undefined, all: FitOptions) => {
      const { path, options } = studyOf('fit', given, all);
      const { basename, dirname, extname, join } = await import('node:path');
      const { commandEnvironment, parseCount } = await import('../environment.ts');
      const { onInterruption } = await import('../interruption.ts');
      const { describeRun } = await import('../../report/run-text.ts');
      const { tuningResults } = await import('../../report/tuning-text.ts');
      const { RUN_CONTENTS, reportOf, writeRun } = await import('../../study/runs/run-folder.ts');
      const { plainSets } = await import('../../study/runs/scored-files.ts');
      const { openPartialRun } = await import('../../study/runs/partial-run.ts');
      const { runStudy } = await import('../../study/run.ts');

      const nPermutations =
        options.tuning === undefined
          ? 0
          : options.tuning === true
            ? DEFAULT_PERMUTATIONS
            : parseCount('--tuning', options.tuning);
      const out = options.out ?? join('runs', basename(path, extname(path)));
      const study = await readStudy(path, options);
      const environment = await commandEnvironment(options, output);
      await checkMeantRun(out, environment);
      if (options.resume && options.out === undefined) await checkMeantRun(dirname(path), environment);
      await environment.checkReplaceable(out, RUN_CONTENTS);
      const partial = await openPartialRun(out, study, partialMode(options), environment);
      onInterruption(() => {
        const kept = partial.kept();
        if (kept)
          return `what was learnt is kept in ${partial.folder}, ${kept}; the same command with --resume goes on`;
        return partial.earlierIsThere() ? `the fit that was stopped before is still in ${partial.folder}` : undefined;
      });
      const run = await runStudy(study, environment, { nPermutations, stability: nPermutations > 0, partial });
      await writeRun(out, run, environment, { command: commandLine() });
      await partial.remove();
      onInterruption(() => undefined);
      if (nPermutations > 0) {
        const { writeTuningFigure } = await import('../../report/figures/write-figures.ts');
        const title = `${run.sets.map(({ name }) => name).join(', ')}, ${run.features.name}`;
        output.say(`Figure: ${await writeTuningFigure(out, run.tuning, environment, { title })}`);
      }
      output.result(
        options.json
          ? JSON.stringify({
              run: out,
              ...reportOf(run),
              ...tuningResults(run.tuning),
              scores: plainSets(run.scoring.scored),
            })
          : describeRun(run),
      );
      output.say(
        `The run is in ${out}; see it with: hypercolumn report ${out}; predict new images with: hypercolumn predict ${out} --images DIR --out rdm.npz`,
      );
    });
};

/** @throws UsageError where the folder is where the fit of a run is kept, which is named */
async function checkMeantRun(folder: string, environment: Environment): Promise<void> {
  const { stoppedRunIn } = await import('../../study/runs/stopped-fit.ts');
  const run = await stoppedRunIn(folder, environment);
  if (run === undefined) return;
  throw new UsageError(
    `fit: ${folder} is where the stopped fit of the run ${run} is kept; name that run, with --out ${run} --resume`,
  );
}

function partialMode({ resume, restart }: Pick<FitOptions, 'resume' | 'restart'>): PartialMode {
  if (resume && restart) throw new UsageError('fit: --resume goes on and --restart starts again, so name one of them');
  return resume ? 'resume' : restart ? 'restart' : 'refuse';
}
