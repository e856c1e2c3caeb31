import { UsageError } from '../../core/errors.ts';
import type { ReportData } from '../runs/report-data.ts';
import type { ScoredSet } from '../scoring/scored-set.ts';
import type { Exported } from './choices.ts';

/** An RDM on its way out. */
export interface ExportedRdm {
  /** `fit`, the rival's name, or of whom it is the mean. */
  readonly name: string;
  readonly kind: 'predicted' | 'rival' | 'measured';
  /** nPairs, condensed. */
  readonly values: Float64Array;
}

/** A set of images that a fit was scored on, and what of it is asked for. */
export interface ExportedSet {
  /** The set's name, with its role where two have that name. */
  readonly label: string;
  readonly set: ScoredSet;
  readonly what: Exported;
  /** None where only the scores are. */
  readonly rdms: readonly ExportedRdm[];
  /** Names of the stages whose parts are in `set.stageParts`; none where those are not known or not asked for. */
  readonly stages: readonly string[];
}

/** What of a run is to leave it. */
export interface ExportSelection {
  readonly what?: Exported;
  /** Name of a set of images; all by default. */
  readonly set?: string;
}

const KINDS: Readonly<Record<Exported, readonly ExportedRdm['kind'][]>> = {
  all: ['predicted', 'measured', 'rival'],
  predicted: ['predicted'],
  measured: ['measured'],
  rivals: ['rival'],
  scores: [],
};

/**
 * What is asked for of a run.
 * @throws UsageError where the run tells no scores, has no such set, or no rivals where only these are asked for
 */
export function exportedSets(
  { run, scored, missing, tuning }: ReportData,
  { what = 'all', set: wanted }: ExportSelection,
): ExportedSet[] {
  if (scored.length === 0) {
    const why = missing.length > 0 ? ` (${missing.join('; ')})` : '';
    throw new UsageError(`${run}: expected RDMs that a fit was scored on, got none${why}; fit again`);
  }
  const sets = scored.filter(({ name }) => wanted === undefined || name === wanted);
  if (sets.length === 0) {
    const there = [...new Set(scored.map(({ name }) => name))].join(', ');
    throw new UsageError(`--set ${wanted}: expected one of the sets that ${run} was scored on, ${there}`);
  }
  if (what === 'rivals' && sets.every(({ rivals }) => rivals.length === 0)) {
    throw new UsageError(`${run}: expected rivals beside the fit, got none; fit with scoring.rivals: all`);
  }
  return sets.map((set) => {
    const isDouble = sets.some((other) => other !== set && other.name === set.name);
    const nStages = set.stageParts === null ? 0 : set.stageParts.length / set.predicted.length;
    return {
      label: isDouble ? `${set.name} (${set.role})` : set.name,
      set,
      what,
      rdms: rdmsOf(set).filter(({ kind }) => KINDS[what].includes(kind)),
      stages: what === 'all' || what === 'predicted' ? stageNames(nStages, tuning) : [],
    };
  });
}

function rdmsOf({ predicted, measured, rivals, nSubjects }: ScoredSet): ExportedRdm[] {
  const ofWhom = nSubjects === 1 ? 'the subject' : `mean of ${nSubjects} subjects`;
  return [
    { name: 'fit', kind: 'predicted', values: predicted },
    { name: ofWhom, kind: 'measured', values: measured.mean },
    ...rivals.map(({ name, values }) => ({ name, kind: 'rival' as const, values })),
  ];
}

function stageNames(nStages: number, tuning: ReportData['tuning']): string[] {
  const named = tuning?.stages.map(({ stage }) => stage) ?? [];
  return Array.from({ length: nStages }, (_, k) => (named.length === nStages ? named[k] : `stage ${k + 1}`));
}
