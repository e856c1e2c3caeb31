import { z } from 'zod';
import { UsageError } from '../../core/errors.ts';
import { type Environment, readText, writeText } from '../environment.ts';
import type { StudyRun } from '../run.ts';
import { seedSpread } from '../seed-spread.ts';
import { checkStudy, type Study } from '../settings/study-file.ts';
import { encoderFile, FIT_FILES, type FitFiles, readFit, writeFit } from './fit-files.ts';
import { FIGURE_FILES, REPORT_FILES } from './report-files.ts';
import { SCORED_FILES, writeScored } from './scored-files.ts';
import { checkNotStopped } from './stopped-fit.ts';
import { checked } from './stored-json.ts';

/** Files of a run folder. */
export const RUN_FILES = {
  /** The study with every setting filled in and every path absolute. */
  study: 'study.json',
  /** Further seeds' are `encoder.2.safetensors` and so on; beside each, where the network was trained, `backbone.safetensors`. */
  encoder: encoderFile(0),
  /** One line an epoch. */
  metrics: 'metrics.jsonl',
  /** Stage tuning beside label-permuted fits. */
  tuning: 'tuning.json',
  /** What a report shows: scores, settings, versions. */
  report: 'report.json',
  /** How the fit and its rivals do on images, and the arrays behind that. */
  scores: SCORED_FILES.sheets,
  scored: SCORED_FILES.arrays,
  /** The command line that made the folder: the one file that is another where the same study is fitted into another folder. */
  command: 'command.txt',
} as const;

/** The tuning as a figure, which a report adds to the folder where there are permuted fits. */
export const TUNING_FIGURE = 'tuning.svg';

/** What a run's folder may hold. A folder is known by its encoder: study.json may be a user's own study, in a folder of much else. */
export const RUN_CONTENTS: readonly string[] = [
  ...new Set([
    ...FIT_FILES,
    ...Object.values(RUN_FILES),
    TUNING_FIGURE,
    ...Object.values(REPORT_FILES),
    ...FIGURE_FILES,
  ]),
];

const VERSION = 1;

/** What a run's folder tells beside the run. */
export interface WriteRunOptions {
  /** The command line that made it. */
  readonly command?: string;
}

/** Writes a run's folder whole or not at all; a run that stood there is replaced. */
export async function writeRun(
  folder: string,
  run: StudyRun,
  environment: Environment,
  { command }: WriteRunOptions = {},
): Promise<void> {
  await environment.replaceFolder(folder, RUN_CONTENTS, async (fresh) => {
    const write = (file: string, text: string) => writeText(environment, environment.joinPath(fresh, file), text);
    for (const [k, { encoder, features, tuned }] of run.fits.entries()) {
      await writeFit(fresh, k, { encoder, featuresKey: features.key, tuned }, environment);
    }
    await write(RUN_FILES.metrics, metricsLines(run));
    await write(RUN_FILES.tuning, document(run.tuning));
    await write(RUN_FILES.report, document(reportOf(run)));
    if (command !== undefined) await write(RUN_FILES.command, `${command}\n`);
    await writeScored(fresh, run.scoring, environment);
    await write(RUN_FILES.study, document(run.study));
  });
}

/** What a report shows of a run beside its tuning: scores, network, versions. */
export function reportOf({ engine, features, fits, ground, keptEpoch, sets, version }: StudyRun) {
  const spread = fits.length > 1 ? seedSpread(fits) : undefined;
  return {
    ...{ version: VERSION, hypercolumn: version, engine, features, ground, keptEpoch },
    sets: spread === undefined ? sets : sets.map((set, k) => ({ ...set, rhoOverSeeds: spread[k] })),
    fits: fits.map((fit) => ({
      ...{ seed: fit.seed, features: fit.features, tuned: fit.tuned !== undefined },
      ...{ epochs: fit.metrics.length, keptEpoch: fit.keptEpoch, sets: fit.sets },
    })),
  };
}

/** A line an epoch; with several fits one after the other, each line with its fit's seed. */
function metricsLines({ fits }: StudyRun): string {
  return fits
    .flatMap(({ seed, metrics }) => metrics.map((line) => (fits.length === 1 ? line : { seed, ...line })))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** What prediction needs of a run. */
export interface FittedRun {
  readonly study: Study;
  /** One a seed. */
  readonly fits: readonly FitFiles[];
}

/**
 * Reads a run's study and encoders.
 * @throws UsageError where the folder is no run or its fit was stopped, FormatError where one of its files is not what `fit` wrote
 */
export async function readRun(folder: string, environment: Environment): Promise<FittedRun> {
  const study = await readRunStudy(folder, environment);
  const fits: FitFiles[] = [];
  for (let k = 0; k < study.training.seeds; k++) {
    fits.push(await readFit(folder, k, study.encoder.train === 'all', environment));
  }
  return { study, fits };
}

/**
 * Reads a run's study, without which nothing is known of it.
 * @throws UsageError where the folder is no run or its fit was stopped, FormatError where its study.json is not what `fit` wrote
 */
export async function readRunStudy(
  folder: string,
  environment: Pick<Environment, 'openSource' | 'joinPath' | 'isThere'>,
): Promise<Study> {
  await checkNotStopped(folder, RUN_FILES.study, environment);
  const path = environment.joinPath(folder, RUN_FILES.study);
  const text = await readText(environment, path).catch((error: unknown) => {
    throw new UsageError(
      `${folder}: expected the folder of a run with ${RUN_FILES.study}; make one with hypercolumn fit`,
      { cause: error },
    );
  });
  return checkStudy(checked(text, path, z.unknown()), path);
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
