/** What a report adds to a run's folder. */
export const REPORT_FILES = {
  /** The page. */
  page: 'report.html',
  /** Folder of every figure's .svg, .png and .csv. */
  figures: 'figures',
} as const;
