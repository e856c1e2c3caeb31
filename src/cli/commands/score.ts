import { Option } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { describeSheet, sheetLegend } from '../../report/score-sheet-text.ts';
import type { SheetReport, SheetsOfFilesOptions } from '../../study/score-sheets.ts';
import {
  AVERAGINGS,
  BENCHMARK_NAMES,
  COMPARATOR_NAMES,
  GENERALISATIONS,
  READABLE_FILES,
} from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

interface ScoreArguments extends Pick<SheetsOfFilesOptions, 'comparator' | 'averaging' | 'over'> {
  readonly target: string;
  readonly variable?: readonly string[];
  readonly benchmark?: string;
  readonly samples?: string;
  readonly permutations?: string;
  readonly seed?: string;
  readonly threads?: string;
  readonly images?: string;
  readonly trainedOn?: readonly string[];
  readonly json?: boolean;
}

/** `hypercolumn score MODEL... --target FILE`: the score sheet of one model, or of several beside each other. */
export const addScore: AddCommand = (program, output) => {
  program
    .command('score')
    .summary("score models' RDMs against subjects' RDMs, with everything a reader needs to believe it")
    .description(
      "Score a model's RDM against subjects' RDMs: the 2019 Algonauts challenge's figure beside what permuted labels give, signed similarity with " +
        'interval and tests, noise ceilings, and plain warnings. A model of one array is scored against each variable of the target, one of several is ' +
        'paired by name. Further models are compared with the first.',
    )
    .argument('<model...>', `files of predicted RDMs: ${READABLE_FILES}`)
    .requiredOption('--target <file>', "file of subjects' RDMs")
    .option('--variable <name...>', "the target's arrays to score (default: all that are RDMs)")
    .option('--benchmark <name>', `take the published noise ceilings of ${BENCHMARK_NAMES.join(', ')}`)
    .addOption(new Option('--comparator <name>', 'how RDMs are compared (default: spearman)').choices(COMPARATOR_NAMES))
    .addOption(
      new Option(
        '--averaging <way>',
        'how the ceiling that models are tested against averages subjects (default: raw)',
      ).choices(AVERAGINGS),
    )
    .addOption(
      new Option(
        '--over <what>',
        'what intervals and tests speak of: new subjects, new stimuli or both (default: both)',
      ).choices(GENERALISATIONS),
    )
    .option('--samples <n>', 'bootstrap samples; 0 leaves out intervals and t tests (default: 1000)')
    .option(
      '--permutations <n>',
      'permutations of labels; 0 leaves out the floor and what is tested by them (default: 1000)',
    )
    .option('--seed <n>', 'of what is drawn (default: 0)')
    .option('--threads <n>', 'threads to compute with (default: all processors)')
    .option('--images <dir>', 'folder of the images scored on, to find some that were learnt from')
    .option('--trained-on <dir...>', 'folders of the images learnt from, or runs; with --images')
    .option('--json', 'print one JSON document')
    .action(async (modelPaths: string[], given: ScoreArguments) => {
      const { withFileSources } = await import('../../host/files.ts');
      const { sheetsOfFiles } = await import('../../study/score-sheets.ts');
      await checkNoRuns(modelPaths);
      const options = { ...(await optionsOf(given)), warnings: await warningsOf(given) };
      const report = await withFileSources([...modelPaths, given.target], ([first, ...others]) =>
        sheetsOfFiles([first, ...others.slice(0, -1)], others.at(-1)!, {
          ...options,
          onProgress: output.onProgress,
          onNotice: (notice) => output.say(`note: ${notice}`),
        }),
      );
      output.result(given.json ? JSON.stringify(report) : describe(report, given.benchmark));
    });
};

async function optionsOf({
  variable,
  benchmark,
  comparator,
  averaging,
  over,
  ...given
}: ScoreArguments): Promise<SheetsOfFilesOptions> {
  const { workerThreads } = await import('../../host/workers.ts');
  const { parseCount, parseSeed } = await import('../environment.ts');
  const { benchmarkNamed } = await import('../../study/score.ts');
  const count = (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseCount(option, text);
  const nSamples = given.samples === undefined ? undefined : parseCountOrNone('--samples', given.samples, 2);
  const nPermutations =
    given.permutations === undefined ? undefined : parseCountOrNone('--permutations', given.permutations, 1);
  return {
    ...(variable !== undefined && { variables: variable }),
    ...(benchmark !== undefined && { benchmark: benchmarkNamed(benchmark) }),
    ...(comparator !== undefined && { comparator }),
    ...(averaging !== undefined && { averaging }),
    ...(over !== undefined && { over }),
    ...(nSamples !== undefined && { nSamples }),
    ...(nPermutations !== undefined && { nPermutations }),
    ...(given.seed !== undefined && { seed: parseSeed(given.seed) }),
    runTasks: workerThreads(count('--threads', given.threads)),
  };
}

async function warningsOf({
  images,
  trainedOn,
}: ScoreArguments): Promise<NonNullable<SheetsOfFilesOptions['warnings']>> {
  if (images === undefined && trainedOn === undefined) return [];
  if (images === undefined || trainedOn === undefined) {
    throw new UsageError(
      `--${images === undefined ? 'trained-on' : 'images'}: expected --images DIR and --trained-on DIR or RUN together, which are compared`,
    );
  }
  const { join } = await import('node:path');
  const { isThere, listImages, openFileSource } = await import('../../host/index.ts');
  const { overlapsOf } = await import('../../study/learnt-images.ts');
  return overlapsOf(images, trainedOn, { joinPath: join, isThere, listImages, openSource: openFileSource });
}

/** A whole number that the user typed, 0 or from `least` on. */
function parseCountOrNone(option: string, text: string, least: number): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isInteger(count) && (count === 0 || count >= least)) return count;
  const expected = least === 1 ? 'a whole number from 0' : `0 or a whole number from ${least}`;
  throw new UsageError(`${option}: expected ${expected}, got ${text}`);
}

/** A run is no RDM, but one command away from it. */
async function checkNoRuns(models: readonly string[]): Promise<void> {
  const { join } = await import('node:path');
  const { isThere } = await import('../../host/index.ts');
  for (const model of models) {
    if (!(await isThere(join(model, 'study.json')))) continue;
    throw new UsageError(
      `${model}: expected a file with an RDM, got the folder of a run; predict one with hypercolumn predict ${model} --images DIR --out rdm.npz and score that`,
    );
  }
}

function describe({ results, track }: SheetReport, benchmark: string | undefined): string {
  const sheets = results.map(({ variable, sheet }) => describeSheet(sheet, { name: variable, legend: false }));
  const percent = track?.percentOfCeiling?.toFixed(2) ?? '-';
  return [
    ...sheets,
    ...(track === null
      ? []
      : [
          `track of ${results[0].sheet.models[0].name}: mean r2 ${track.r2.toFixed(4)}, ${percent} % of the mean ceiling`,
        ]),
    sheetLegend(results[0].sheet, benchmark),
  ].join('\n\n');
}
