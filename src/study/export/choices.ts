/** What of a run may leave it: RDMs of one kind, all of them with everything that belongs to them, or the scores alone. */
export const EXPORTED = ['all', 'predicted', 'measured', 'rivals', 'scores'] as const;

/** One of them. */
export type Exported = (typeof EXPORTED)[number];

/** Formats that a run's results can be written in, with the endings that mean them. */
export const EXPORT_ENDINGS = {
  rsatoolbox: ['h5', 'hdf5'],
  mat: ['mat'],
  npz: ['npz'],
  csv: ['csv'],
  json: ['json'],
} as const;

/** A format's name. */
export type ExportFormat = keyof typeof EXPORT_ENDINGS;

/** Names of the formats. */
export const EXPORT_FORMATS = Object.keys(EXPORT_ENDINGS) as ExportFormat[];

/** Their endings, as lists in texts have them. */
export const EXPORT_FILES = Object.values(EXPORT_ENDINGS)
  .flat()
  .map((ending) => `.${ending}`)
  .join(', ');
