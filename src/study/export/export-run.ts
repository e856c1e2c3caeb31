import { UsageError } from '../../core/errors.ts';
import { writeHdf5 } from '../../formats/hdf5-write.ts';
import { endingOf } from '../../formats/open.ts';
import { saveArrays } from '../../formats/save.ts';
import type { Sink } from '../../formats/source.ts';
import type { Environment } from '../environment.ts';
import { readReport } from '../runs/read-report.ts';
import type { ReportData } from '../runs/report-data.ts';
import { arrayFile } from './array-file.ts';
import { EXPORT_ENDINGS, EXPORT_FILES, EXPORT_FORMATS, type ExportFormat } from './choices.ts';
import { type ExportedSet, type ExportSelection, exportedSets } from './exported-sets.ts';
import { jsonFile } from './json-file.ts';
import { rsatoolboxFile } from './rsatoolbox-file.ts';
import { pairTable, scoreTable } from './tables.ts';

/** What leaves a run, and how. */
export interface ExportOptions extends ExportSelection {
  /** By the file's ending by default. */
  readonly to?: ExportFormat;
}

type Writer = (sink: Sink, sets: readonly ExportedSet[], data: ReportData) => Promise<void>;

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
  rsatoolbox: (sink, sets, data) => writeHdf5(sink, rsatoolboxFile(sets, data)),
  mat: (sink, sets) => saveArrays(sink, 'mat', arrayFile(sets)),
  npz: (sink, sets) => saveArrays(sink, 'npz', arrayFile(sets)),
  csv: (sink, sets) => writeText(sink, sets[0].what === 'scores' ? scoreTable(sets) : pairTable(sets)),
  json: (sink, sets, data) => writeText(sink, jsonFile(sets, data)),
};

/**
 * The format that a file's ending means.
 * @throws UsageError where it means none
 */
export function exportFormat(path: string): ExportFormat {
  const ending = endingOf(path);
  const format = EXPORT_FORMATS.find((format) => EXPORT_ENDINGS[format].some((each) => each === ending));
  if (format !== undefined) return format;
  throw new UsageError(
    `${path}: expected a name that ends in ${EXPORT_FILES}; name the format with --to (${EXPORT_FORMATS.join(', ')})`,
  );
}

/**
 * Writes what a run predicted, what was measured, its rivals and scores for other programs; the same run gives the same bytes.
 * @param sink takes the bytes
 * @param data the run, as `readReport` gives it
 * @param format the kind of file
 * @param selection what of it
 * @throws UsageError where there is nothing of the kind, or the format has no room for it
 */
export async function writeExport(
  sink: Sink,
  data: ReportData,
  format: ExportFormat,
  selection: ExportSelection = {},
): Promise<void> {
  await WRITERS[format](sink, exportedSets(data, selection), data);
}

/**
 * Reads a run's folder and writes what is asked for of it.
 * @returns what was written, for a person
 * @throws UsageError and FormatError as `readReport`, `exportFormat` and `writeExport` do
 */
export async function exportRun(
  run: string,
  out: string,
  { to, ...selection }: ExportOptions,
  environment: Pick<Environment, 'openSource' | 'joinPath' | 'isThere' | 'checkWritable' | 'writeFile'>,
): Promise<string> {
  const format = to ?? exportFormat(out);
  await environment.checkWritable(out);
  const data = await readReport(run, environment);
  const sets = exportedSets(data, selection);
  await environment.writeFile(out, (sink) => WRITERS[format](sink, sets, data));
  const names = [...new Set(sets.flatMap(({ rdms }) => rdms.map(({ name }) => name)))];
  return `${names.length === 0 ? 'scores' : names.join(', ')} of ${sets.map(({ label }) => label).join(', ')}`;
}

async function writeText(sink: Sink, text: string): Promise<void> {
  await sink.write(0, new TextEncoder().encode(text));
}
