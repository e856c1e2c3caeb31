import type { ReportData } from '../runs/report-data.ts';
import type { ExportedSet } from './exported-sets.ts';

/** Everything that is asked for as plain JSON; what is not known, and a number that is none, is null. */
export function jsonFile(sets: readonly ExportedSet[], { run, version, network, hashes, missing }: ReportData): string {
  const document = {
    format: 'hypercolumn-export-1',
    ...{ run, hypercolumn: version, network, hashes, missing },
    pairs: 'values are those of pairs i < j of the images, row by row of the upper triangle',
    sets: sets.map(({ set, what, rdms, stages }) => {
      const { name, role, source, digests, conditions, labels, nSubjects, nTimes, measured, sheet } = set;
      const nPairs = set.predicted.length;
      return {
        ...{ name, role, source, digests, images: conditions, categories: labels, nSubjects, nTimes },
        rdms: rdms.map((rdm) => ({
          ...{ name: rdm.name, kind: rdm.kind, values: Array.from(rdm.values) },
          ...(rdm.kind === 'measured' && { sd: measured.sd === null ? null : Array.from(measured.sd) }),
        })),
        stageParts: stages.map((stage, s) => ({
          stage,
          values: Array.from(set.stageParts!.subarray(s * nPairs, (s + 1) * nPairs)),
        })),
        ...((what === 'all' || what === 'scores') && { scores: sheet }),
      };
    }),
  };
  return `${JSON.stringify(document)}\n`;
}
