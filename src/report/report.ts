import { condensedLength } from '../core/condensed.ts';
import { UsageError } from '../core/errors.ts';
import { type Environment, writeText } from '../study/environment.ts';
import { readReport } from '../study/runs/read-report.ts';
import type { ReportData } from '../study/runs/report-data.ts';
import { REPORT_FILES } from '../study/runs/report-files.ts';
import { compareRuns, type RunComparer } from '../study/scoring/compare-runs.ts';
import type { RegionComparison } from '../study/tuning/compare-regions.ts';
import { checkRegionsOf, readRegions } from '../study/tuning/read-regions.ts';
import type { Figure } from './figures/figure.ts';
import { writeFigures } from './figures/write-figures.ts';
import { comparisonPage } from './page/comparison-page.ts';
import { drawComparison } from './page/draw-comparison.ts';
import { drawRun, type ShownAmount } from './page/draw-run.ts';
import { figuresOf, type PageRun, runPage } from './page/run-page.ts';

/** A page has fewer bytes than this, whatever it shows. */
export const MOST_PAGE_BYTES = 5_000_000;

/** What a page takes of the platform. */
export type ReportEnvironment = Pick<
  Environment,
  | 'openSource'
  | 'joinPath'
  | 'isThere'
  | 'listImages'
  | 'writeFile'
  | 'checkWritable'
  | 'encodeJpeg'
  | 'renderPng'
  | 'runTasks'
  | 'onProgress'
  | 'onNotice'
>;

/** A report that is not written yet. */
export interface Report {
  /** One page of HTML that needs nothing but itself. */
  readonly page: string;
  /** Its figures as files have them. */
  readonly figures: readonly Figure[];
  /** One sentence for each thing that could not be shown. */
  readonly missing: readonly string[];
}

/** Where a report goes, and what belongs to it. */
export interface WriteReportOptions {
  /** The page's file: `report.html` of the run by default, `comparison.html` for several. */
  readonly out?: string;
  /** Folder of the figures: `figures` of the run by default, none for several. */
  readonly figures?: string;
  /** A file of `hypercolumn regions`, to be shown with the runs' stages. */
  readonly regions?: string;
}

/** What was written. */
export interface WrittenReport {
  readonly page: string;
  readonly bytes: number;
  /** Every figure's .svg, .png and .csv. */
  readonly figures: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Reads runs' folders and writes a page of them: of one run all that it tells, of several how they compare.
 * @throws UsageError where a folder is no run, or the page or its figures cannot be written; FormatError for files that cannot be read
 */
export async function writeReport(
  folders: readonly string[],
  environment: ReportEnvironment,
  { out, figures, regions }: WriteReportOptions = {},
): Promise<WrittenReport> {
  if (folders.length === 0) throw new UsageError('report: expected a run, got none; name the folder that fit wrote');
  const [folder] = folders;
  const single = folders.length === 1;
  if (single && regions !== undefined) {
    throw new UsageError('report --regions: expected the runs of both regions, got one run; name the other one too');
  }
  const page = out ?? (single ? environment.joinPath(folder, REPORT_FILES.page) : 'comparison.html');
  const figureFolder = figures ?? (single ? environment.joinPath(folder, REPORT_FILES.figures) : undefined);
  const runs: ReportData[] = [];
  for (const run of folders) runs.push(await readReport(run, environment));
  const tested = regions === undefined ? null : await readRegions(regions, environment);
  if (tested !== null) checkRegionsOf(tested, runs, regions!);
  await environment.checkWritable(page);
  const report = single ? await reportOfRun(runs[0], environment) : await reportOfRuns(runs, environment, tested);
  await writeText(environment, page, report.page);
  return {
    page,
    bytes: sizeOf(report.page),
    figures: figureFolder === undefined ? [] : await writeFigures(figureFolder, report.figures, environment),
    missing: report.missing,
  };
}

/** What is shown of images and sets, the most first: a page takes the first of these with which it stays small. */
const AMOUNTS: readonly ShownAmount[] = [
  { images: 250, sets: Number.POSITIVE_INFINITY },
  { images: 150, sets: Number.POSITIVE_INFINITY },
  { images: 90, sets: Number.POSITIVE_INFINITY },
  { images: 50, sets: Number.POSITIVE_INFINITY },
  { images: 50, sets: 10 },
  { images: 50, sets: 3 },
  { images: 20, sets: 1 },
];

// Measured of pages: what a pair of images takes with its values, ranks and stages, what a set takes beside its pairs, and all else.
const BYTES_OF_PAIR = 150;
const BYTES_OF_SET = 40_000;
const BYTES_OF_RUN = 250_000;

/** The page of one run, with as many of its images as a page has room for; what is left out is said on it. */
export async function reportOfRun(data: ReportData, environment: Pick<Environment, 'encodeJpeg'>): Promise<Report> {
  const first = AMOUNTS.findIndex((amount) => expectedSize(data, amount) < MOST_PAGE_BYTES);
  let drawn: PageRun | undefined;
  let page = '';
  for (const amount of AMOUNTS.slice(first)) {
    drawn = await drawRun(data, environment, amount);
    page = runPage(drawn);
    if (sizeOf(page) < MOST_PAGE_BYTES) break;
  }
  return { page, figures: figuresOf(drawn!).map(({ file }) => file), missing: data.missing };
}

function expectedSize({ scored }: ReportData, amount: ShownAmount): number {
  return scored
    .slice(0, amount.sets)
    .map(({ conditions }) => BYTES_OF_SET + BYTES_OF_PAIR * condensedLength(Math.min(conditions.length, amount.images)))
    .reduce((sum, size) => sum + size, BYTES_OF_RUN);
}

/** The page of several runs: scores on the images they share, with tests of their differences where the RDMs can be read again. */
export async function reportOfRuns(
  runs: readonly ReportData[],
  environment: RunComparer,
  regions: RegionComparison | null = null,
): Promise<Report> {
  const comparison = await compareRuns(runs, environment);
  const drawn = drawComparison(runs, comparison, regions);
  return {
    page: comparisonPage(drawn),
    figures: [...drawn.scores, ...drawn.tuning].map(({ file }) => file),
    missing: [...comparison.missing, ...runs.flatMap(({ missing }) => missing)],
  };
}

function sizeOf(page: string): number {
  return new TextEncoder().encode(page).length;
}
