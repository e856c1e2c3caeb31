import { UsageError } from '../../core/errors.ts';
import { float64Array, type NumericArray, numericArray, type TextArray } from '../../formats/array.ts';
import { type Hdf5Group, isAscii } from '../../formats/hdf5-write.ts';
import type { ReportData } from '../runs/report-data.ts';
import type { ExportedRdm, ExportedSet } from './exported-sets.ts';

/** The version whose layout this is; files say it of themselves. */
const LAYOUT = '0.3.0';

const MEASURES: Readonly<Record<ExportedRdm['kind'], string>> = {
  predicted: 'correlation',
  measured: 'as measured',
  rival: 'mixed',
};

/**
 * RDMs as the HDF5 file that `rsatoolbox.rdm.load_rdm` opens: one stack, whose `rdm_descriptors` tell `name`, `kind` and `set` of each RDM and
 * whose `pattern_descriptors` name the images.
 * @throws UsageError where the sets are of other images than each other, which one stack cannot be, and where there are no RDMs
 * @source rsatoolbox 0.3.0, RDMs.save
 */
export function rsatoolboxFile(sets: readonly ExportedSet[], data: ReportData): Hdf5Group {
  const [first] = sets;
  const { conditions } = first.set;
  const other = sets.find(({ set }) => !sameTexts(set.conditions, conditions));
  if (other !== undefined) {
    const there = sets.map(({ label }) => label).join(', ');
    throw new UsageError(
      `${data.run}: ${first.label} and ${other.label} are of other images, and rsatoolbox's file holds RDMs of the same; choose one with --set, there is ${there}`,
    );
  }
  const rdms = sets.flatMap((exported) => exported.rdms.map((rdm) => ({ ...rdm, set: exported.label })));
  if (rdms.length === 0) {
    throw new UsageError('--what scores: rsatoolbox reads RDMs from its files, not scores; write .csv or .json');
  }
  const values = new Float64Array(rdms.length * first.set.predicted.length);
  for (const [k, rdm] of rdms.entries()) values.set(rdm.values, k * rdm.values.length);
  const kinds = new Set(rdms.map(({ kind }) => kind));
  return {
    attributes: {
      rsatoolbox_version: LAYOUT,
      dissimilarity_measure: kinds.size === 1 ? MEASURES[rdms[0].kind] : MEASURES.rival,
    },
    datasets: { dissimilarities: float64Array([rdms.length, first.set.predicted.length], values) },
    groups: {
      descriptors: {
        attributes: { run: data.run, ...(data.version !== null && { hypercolumn: data.version }) },
      },
      rdm_descriptors: descriptors(rdms.length, {
        name: rdms.map(({ name }) => name),
        kind: rdms.map(({ kind }) => kind),
        set: rdms.map(({ set }) => set),
      }),
      pattern_descriptors: descriptors(conditions.length, {
        name: conditions,
        ...(first.set.labels !== null && { category: first.set.labels }),
      }),
    },
  };
}

/** rsatoolbox reads text of datasets through ASCII and fails for any other; from attributes it takes it as it is. */
function descriptors(count: number, lists: Readonly<Record<string, readonly string[]>>): Hdf5Group {
  const datasets: Record<string, NumericArray | TextArray> = {
    index: numericArray(
      'int64',
      [count],
      BigInt64Array.from({ length: count }, (_, k) => BigInt(k)),
    ),
  };
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, texts] of Object.entries(lists)) {
    if (texts.every(isAscii)) datasets[name] = { kind: 'text', shape: [count], data: texts };
    else attributes[name] = texts;
  }
  return { attributes, datasets };
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, k) => text === others[k]);
}
