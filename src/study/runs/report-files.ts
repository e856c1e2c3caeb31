/** What a report adds to a run's folder. */
export const REPORT_FILES = {
  /** The page. */
  page: 'report.html',
  /** Folder of every figure's .svg, .png and .csv. */
  figures: 'figures',
} as const;

const FIGURES = ['scores', 'rdms-*', 'map-*', 'wrong-pairs-*', 'tuning', 'signed-mask', 'curves'];

/** Every name that a report may give a file of a run's figures, with the folder; `*` stands for what a set of images is called. */
export const FIGURE_FILES: readonly string[] = FIGURES.flatMap((name) =>
  ['svg', 'png', 'csv'].map((ending) => `${REPORT_FILES.figures}/${name}.${ending}`),
);
