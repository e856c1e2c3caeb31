import { FormatError, UsageError } from '../core/errors.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { encoderFromTensors, encoderToTensors } from '../encoder/tensors.ts';
import { openFile } from '../formats/open.ts';
import { saveArrays } from '../formats/save.ts';
import { type Environment, readText, withSource, writeText } from './environment.ts';
import type { StudyRun } from './run.ts';
import { checkStudy, type Study } from './study-file.ts';

/** Files of a run folder. */
export const RUN_FILES = {
  /** The study with every setting filled in and every path absolute. */
  study: 'study.json',
  encoder: 'encoder.safetensors',
  /** One line an epoch. */
  metrics: 'metrics.jsonl',
  /** Stage tuning beside label-permuted fits. */
  tuning: 'tuning.json',
  /** What a report shows: scores, settings, versions. */
  report: 'report.json',
} as const;

/** The tuning as a figure, which a report adds to the folder where there are permuted fits. */
export const TUNING_FIGURE = 'tuning.svg';

/** What a run's folder may hold. A folder is known by its encoder: study.json may be a user's own study, in a folder of much else. */
export const RUN_CONTENTS: readonly string[] = [
  RUN_FILES.encoder,
  ...Object.values(RUN_FILES).filter((file) => file !== RUN_FILES.encoder),
  TUNING_FIGURE,
];

const VERSION = 1;

/** Writes a run's folder whole or not at all; a run that stood there is replaced. */
export async function writeRun(folder: string, run: StudyRun, environment: Environment): Promise<void> {
  await environment.replaceFolder(folder, RUN_CONTENTS, async (fresh) => {
    const write = (file: string, text: string) => writeText(environment, environment.joinPath(fresh, file), text);
    const { tensors, metadata } = encoderToTensors(run.encoder);
    await environment.writeFile(environment.joinPath(fresh, RUN_FILES.encoder), (sink) =>
      saveArrays(sink, 'safetensors', tensors, { metadata: { ...metadata, features: run.features.key } }),
    );
    await write(RUN_FILES.metrics, run.metrics.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await write(RUN_FILES.tuning, document({ stages: run.tuning }));
    await write(RUN_FILES.report, document(reportOf(run)));
    await write(RUN_FILES.study, document(run.study));
  });
}

/** What a report shows of a run beside its tuning: scores, network, versions. */
export function reportOf({ engine, features, keptEpoch, sets, version }: StudyRun) {
  return { version: VERSION, hypercolumn: version, engine, features, keptEpoch, sets };
}

/** What prediction needs of a run. */
export interface FittedRun {
  readonly study: Study;
  readonly encoder: Encoder;
  /** Key of the features it was fitted on. */
  readonly featuresKey: string;
}

/**
 * Reads a run's study and encoder.
 * @throws UsageError where the folder is no run, FormatError where one of its files is not what `fit` wrote
 */
export async function readRun(folder: string, environment: Environment): Promise<FittedRun> {
  const studyPath = environment.joinPath(folder, RUN_FILES.study);
  const text = await readText(environment, studyPath).catch((error: unknown) => {
    throw new UsageError(
      `${folder}: expected the folder of a run with ${RUN_FILES.study}; make one with hypercolumn fit`,
      {
        cause: error,
      },
    );
  });
  const encoderPath = environment.joinPath(folder, RUN_FILES.encoder);
  return withSource(environment, encoderPath, async (source) => {
    const file = await openFile(source);
    const featuresKey = file.metadata['features'];
    if (featuresKey === undefined) {
      throw new FormatError(
        encoderPath,
        'expected an encoder written by hypercolumn fit, got a file without its metadata',
      );
    }
    return {
      study: checkStudy(parseJson(text, studyPath), studyPath),
      encoder: await encoderFromTensors(file, encoderPath),
      featuresKey,
    };
  });
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `expected JSON; run hypercolumn fit again (${(error as Error).message})`);
  }
}
