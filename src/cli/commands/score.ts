import { alignedTable } from '../../report/table.ts';
import type { ScoreReport, ScoreResult } from '../../study/score.ts';
import { BENCHMARK_NAMES, READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

interface ScoreArguments {
  readonly target: string;
  readonly variable?: readonly string[];
  readonly benchmark?: string;
  readonly json?: boolean;
}

/** `hypercolumn score MODEL --target FILE [--variable NAME ...] [--benchmark NAME] [--json]` */
export const addScore: AddCommand = (program, output) => {
  program
    .command('score')
    .summary("score a model's RDM against subjects' RDMs")
    .description(
      "Score a model's RDM against subjects' RDMs as the 2019 Algonauts challenge did. A model of one array is scored against each " +
        'variable of the target, one of several is paired by name.',
    )
    .argument('<model>', `file of predicted RDMs: ${READABLE_FILES}`)
    .requiredOption('--target <file>', "file of subjects' RDMs")
    .option('--variable <name...>', "the target's arrays to score (default: all that are RDMs)")
    .option('--benchmark <name>', `take the published noise ceilings of ${BENCHMARK_NAMES.join(', ')}`)
    .option('--json', 'print one JSON document')
    .action(async (modelPath: string, { target: targetPath, variable, benchmark, json = false }: ScoreArguments) => {
      const { withFileSource } = await import('../../host/files.ts');
      const { benchmarkNamed, scoreFiles } = await import('../../study/score.ts');
      const options = {
        ...(variable !== undefined && { variables: variable }),
        ...(benchmark !== undefined && { benchmark: benchmarkNamed(benchmark) }),
        onNotice: (notice: string) => output.say(`note: ${notice}`),
      };
      const report = await withFileSource(modelPath, (model) =>
        withFileSource(targetPath, (target) => scoreFiles(model, target, options)),
      );
      output.result(json ? JSON.stringify(report) : describe(report, benchmark));
    });
};

function describe({ results, track }: ScoreReport, benchmark: string | undefined): string {
  const header = ['variable', 'n', 'subjects', 'rho', 'SE', 'r2', '% of ceiling', 'ceiling lower..upper (rho)'];
  const rows = results.map((result) => [
    result.variable,
    String(result.n),
    String(result.nSubjects),
    signed(result.rho),
    standardError(result),
    result.r2.toFixed(4),
    result.percentOfCeiling?.toFixed(2) ?? '-',
    result.ceiling === null ? '-' : `${result.ceiling.lower.rho.toFixed(3)}..${result.ceiling.upper.rho.toFixed(3)}`,
  ]);
  return [alignedTable([header, ...rows]), ...trackLine(track), '', ...remarks(results, benchmark)].join('\n');
}

function trackLine(track: ScoreReport['track']): string[] {
  if (track === null) return [];
  const percent = track.percentOfCeiling === null ? '-' : track.percentOfCeiling.toFixed(2);
  return ['', `track: mean r2 ${track.r2.toFixed(4)}, ${percent} % of the mean ceiling`];
}

function remarks(results: readonly ScoreResult[], benchmark: string | undefined): string[] {
  const lines = [
    "rho: mean over subjects of Spearman's rho, with its standard error. r2: mean of its squares.",
    benchmark === undefined
      ? "% of ceiling: r2 over the upper noise ceiling (r2) of the target's own subjects."
      : `% of ceiling: r2 over the published noise ceiling of ${benchmark}, an upper one.`,
  ];
  const negative = results.filter(({ rho }) => rho < 0).map(({ variable }) => variable);
  if (negative.length > 0) {
    lines.push(
      `Squares hide the sign: rho is negative for ${negative.join(', ')}, so that r2 and % of ceiling there do not speak for the model.`,
    );
  }
  lines.push(
    'Chance is not 0 %: on the 2019 fMRI sets models with shuffled labels reach 2.6 to 3.5 % of ceiling on average, one in twenty above 4.3 to 5.9 %.',
  );
  return lines;
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}

function standardError({ rho, rhoBySubject }: ScoreResult): string {
  const n = rhoBySubject.length;
  if (n < 2) return '-';
  return Math.sqrt(rhoBySubject.reduce((sum, value) => sum + (value - rho) ** 2, 0) / (n - 1) / n).toFixed(3);
}
