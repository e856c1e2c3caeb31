import { pairsOf } from '../../core/condensed.ts';
import { formatNumber } from '../../formats/csv-numbers.ts';
import { quotedCell } from '../../formats/csv-write.ts';
import { concerns, type SheetModel } from '../../inference/sheet.ts';
import type { ScoredSet } from '../scoring/scored-set.ts';
import type { ExportedSet } from './exported-sets.ts';

type Cell = string | number | null | undefined;

/**
 * A row a pair of images, a column a value: `predicted`, `measured_mean`, `measured_sd`, `rival_NAME`, `stage_NAME` (what the stage adds to the
 * prediction). A cell is empty where a set does not have the value.
 */
export function pairTable(sets: readonly ExportedSet[]): string {
  const columns = new Map<string, Map<ScoredSet, Float64Array>>();
  const put = (column: string, set: ScoredSet, values: Float64Array) => {
    columns.set(column, (columns.get(column) ?? new Map()).set(set, values));
  };
  for (const { set, rdms, stages } of sets) {
    for (const { name, kind, values } of rdms) {
      put(kind === 'rival' ? `rival_${name}` : kind === 'measured' ? 'measured_mean' : kind, set, values);
      if (kind === 'measured' && set.measured.sd !== null) put('measured_sd', set, set.measured.sd);
    }
    const nPairs = set.predicted.length;
    for (const [s, stage] of stages.entries()) {
      put(`stage_${stage}`, set, set.stageParts!.subarray(s * nPairs, (s + 1) * nPairs));
    }
  }
  const rows: Cell[][] = [['set', 'role', 'image_a', 'image_b', ...columns.keys()]];
  for (const { set, label } of sets) {
    let pair = 0;
    for (const [i, j] of pairsOf(set.conditions.length)) {
      const values = Array.from(columns.values(), (bySet) => bySet.get(set)?.[pair]);
      rows.push([label, set.role, set.conditions[i], set.conditions[j], ...values]);
      pair++;
    }
  }
  return asCsv(rows);
}

/** Of one model on one set; columns after these are the subjects' own rho. */
const SCORES: Readonly<Record<string, (model: SheetModel, exported: ExportedSet) => Cell>> = {
  set: (_, { label }) => label,
  role: (_, { set }) => set.role,
  model: ({ name }) => name,
  n_images: (_, { set }) => set.conditions.length,
  n_subjects: (_, { set }) => set.nSubjects,
  comparator: (_, { set }) => set.sheet.comparator,
  rho: ({ rho }) => rho,
  rho_se: ({ estimate }) => estimate?.standardError,
  rho_ci_low: ({ estimate }) => estimate?.interval[0],
  rho_ci_high: ({ estimate }) => estimate?.interval[1],
  p_above_zero: ({ aboveZero }) => aboveZero?.p,
  p_permutation: ({ permutation }) => permutation?.p,
  permuted_mean: ({ permutation }) => permutation?.mean,
  permuted_percentile95: ({ permutation }) => permutation?.percentile95,
  r2: ({ official }) => official.r2,
  percent_of_ceiling: ({ official }) => official.percentOfCeiling,
  ceiling_lower_rho: (_, { set }) => set.sheet.ceilings?.raw.lower.rho,
  ceiling_upper_rho: (_, { set }) => set.sheet.ceilings?.raw.upper.rho,
  ceiling_upper_r2: (_, { set }) => set.sheet.ceilings?.raw.upper.r2,
  warnings: ({ name }, { set }) =>
    [...new Set(set.sheet.warnings.filter((warning) => concerns(warning, name)).map(({ code }) => code))].join(' '),
};

/** A row a model and set, with the codes of the warnings about it. A cell is empty where the sheet has no such number. */
export function scoreTable(sets: readonly ExportedSet[]): string {
  const nSubjects = Math.max(...sets.map(({ set }) => set.nSubjects));
  const subjects = Array.from({ length: nSubjects }, (_, s) => s);
  const rows: Cell[][] = [[...Object.keys(SCORES), ...subjects.map((s) => `rho_subject_${s + 1}`)]];
  for (const exported of sets) {
    for (const model of exported.set.sheet.models) {
      const cells = Object.values(SCORES).map((cellOf) => cellOf(model, exported));
      rows.push([...cells, ...subjects.map((s) => model.rhoBySubject[s])]);
    }
  }
  return asCsv(rows);
}

function asCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '' || Number.isNaN(cell)) return '';
  return typeof cell === 'number' ? formatNumber(cell) : quotedCell(cell);
}
