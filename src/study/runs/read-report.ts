import type { z } from 'zod';
import { FormatError, HypercolumnError, messageOf, UsageError } from '../../core/errors.ts';
import { type Environment, readText } from '../environment.ts';
import type { Study } from '../settings/study-file.ts';
import type { ReportData } from './report-data.ts';
import { RUN_FILES, readRunStudy } from './run-folder.ts';
import { readScored, SCORED_FILES } from './scored-files.ts';
import { checked } from './stored-json.ts';
import { storedMetrics, storedReport, storedTuning } from './stored-schemas.ts';

/** What it takes of the platform to read a run. */
export type RunReader = Pick<Environment, 'openSource' | 'joinPath' | 'isThere'>;

type StoredReport = z.output<typeof storedReport>;

/**
 * What a run's folder tells of a fit. A folder that an older version wrote, that is half written or was edited by hand gives what can still be
 * read; each thing that cannot is named under `missing`.
 * @param folder a run that `fit` wrote
 * @throws UsageError where the folder is no run or its fit was stopped; FormatError where its study.json cannot be read, without which nothing
 *   is known
 */
export async function readReport(folder: string, environment: RunReader): Promise<ReportData> {
  const study = await readRunStudy(folder, environment);
  const pathOf = (file: string) => environment.joinPath(folder, file);
  const missing: string[] = [];
  const orMissing = async <T>(what: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof HypercolumnError)) throw error;
      missing.push(`${what}: ${messageOf(error)}`);
      return null;
    }
  };
  const json = async <Schema extends z.ZodType>(file: string, schema: Schema) =>
    checked(await readText(environment, pathOf(file)), pathOf(file), schema);
  const report = await orMissing('scores on what was learnt from, versions and hashes', () =>
    json(RUN_FILES.report, storedReport),
  );
  const metrics = await orMissing('training curves', async () => {
    const path = pathOf(RUN_FILES.metrics);
    const lines = (await readText(environment, path)).split('\n').filter((line) => line !== '');
    return lines.map((line, k) => checked(line, path, storedMetrics, `line ${k + 1}`));
  });
  const scoring = await orMissing('scores beside rivals, RDMs and images', async () => {
    if (await environment.isThere(pathOf(SCORED_FILES.sheets))) return readScored(folder, environment);
    throw new UsageError(
      `${folder} holds no ${SCORED_FILES.sheets}, as runs of older versions do not; fit again to have it`,
    );
  });
  const tuning = await orMissing('stage tuning', async () => {
    const stored = await json(RUN_FILES.tuning, storedTuning);
    checkSameStages(stored.stages.length, scoring?.scored ?? [], pathOf);
    return stored;
  });
  const command = (await environment.isThere(pathOf(RUN_FILES.command)))
    ? await orMissing('the command line', async () => (await readText(environment, pathOf(RUN_FILES.command))).trim())
    : null;
  return {
    ...{ run: folder, study, missing, command },
    network: report?.ground.network ?? null,
    version: report?.hypercolumn ?? null,
    engine: report?.engine ?? null,
    hashes: [
      ...hashesOf(report),
      ...(scoring?.scored ?? []).filter(({ role }) => role === 'test').flatMap(hashesOfSet),
    ],
    fits: fitsOf(study, report, metrics ?? []),
    summaries: report?.sets ?? [],
    tuning,
    scored: scoring?.scored ?? [],
  };
}

/** What each stage adds to a prediction is told by its place alone, so another number of stages would put wrong names to it. */
function checkSameStages(nStages: number, scored: ReportData['scored'], pathOf: (file: string) => string): void {
  for (const { name, stageParts, predicted } of scored) {
    const nParts = stageParts === null ? nStages : stageParts.length / predicted.length;
    if (nParts === nStages) continue;
    throw new FormatError(
      pathOf(RUN_FILES.tuning),
      `expected the ${nParts} stages that ${SCORED_FILES.arrays} has of ${name}, got ${nStages}; run hypercolumn fit again`,
    );
  }
}

function hashesOf(report: StoredReport | null): ReportData['hashes'] {
  if (report === null) return [];
  const { network, data } = report.ground;
  return [
    { what: `network ${network.name}`, digest: network.key },
    ...data.flatMap(({ name, images, rdms }) => [
      { what: `images and features of ${name}`, digest: images },
      { what: `RDMs of ${name}`, digest: rdms },
    ]),
  ];
}

function hashesOfSet({ name, digests }: ReportData['scored'][number]): ReportData['hashes'][number][] {
  return [
    { what: `images and features of the test ${name}`, digest: digests.images },
    { what: `RDMs of the test ${name}`, digest: digests.rdms },
  ];
}

/** Each fit's epochs; without a report.json those that metrics.jsonl tells apart by seed, the last one taken for the kept one. */
function fitsOf(
  { training }: Study,
  report: StoredReport | null,
  metrics: readonly z.output<typeof storedMetrics>[],
): ReportData['fits'] {
  const seeds = new Set(metrics.map(({ seed }) => seed ?? training.seed));
  return [...seeds].map((seed) => {
    const epochs = metrics.filter((line) => (line.seed ?? training.seed) === seed);
    const keptEpoch = report?.fits.find((fit) => fit.seed === seed)?.keptEpoch ?? epochs.at(-1)!.epoch;
    return { seed, keptEpoch, metrics: epochs };
  });
}
