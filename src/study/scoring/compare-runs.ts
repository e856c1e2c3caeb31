import { HypercolumnError, UsageError } from '../../core/errors.ts';
import { type ScoreSheet, type SheetWarning, scoreSheet } from '../../inference/score-sheet.ts';
import { makeRdm, type RdmStack, subsetStack } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import { digestRdms } from '../runs/fit-ground.ts';
import type { ReportData } from '../runs/report-data.ts';
import type { Study } from '../settings/study-file.ts';
import { readStudyImages, setNames } from '../study-images.ts';
import type { ScoredSet } from './scored-set.ts';

/** Several runs on the images that they share. */
export interface RunComparison {
  /** What each run is called; no two alike. */
  readonly names: readonly string[];
  readonly shared: readonly SharedSet[];
  /** One sentence for each set that is not compared. */
  readonly missing: readonly string[];
}

/** A set that several runs were scored on. */
export interface SharedSet {
  /** As the first of these runs has it; the sheet's models are the runs, the first one being what the others are held against. */
  readonly set: ScoredSet;
  /** Places of the runs that have it, in the order of the sheet's models. */
  readonly runs: readonly number[];
  /** Why differences have no tests; null where they have. */
  readonly untested: string | null;
}

/** What it takes of the platform to compare runs. */
export type RunComparer = Pick<Environment, 'openSource' | 'listImages' | 'runTasks' | 'onProgress' | 'onNotice'>;

/**
 * Holds runs against each other on each set of images that at least two of them were scored on: the same name, the same conditions in the same
 * order, the same RDMs. Where these can still be read, differences are tested as in `scoreSheet`; else the runs' own scores stand side by side.
 * @param runs at least two
 * @param environment the platform it runs on
 */
export async function compareRuns(runs: readonly ReportData[], environment: RunComparer): Promise<RunComparison> {
  const names = runNames(runs);
  const groups = new Map<string, { readonly run: number; readonly set: ScoredSet }[]>();
  for (const [run, { scored }] of runs.entries()) {
    for (const set of scored) {
      const key = JSON.stringify([set.name, set.conditions, set.digests.rdms, set.sheet.comparator]);
      const group = groups.get(key) ?? [];
      // A run that shows a set twice, as a test and learnt from, is compared by the first.
      if (!group.some((entry) => entry.run === run)) group.push({ run, set });
      groups.set(key, group);
    }
  }
  const shared: SharedSet[] = [];
  const missing: string[] = [];
  for (const group of groups.values()) {
    if (group.length > 1) {
      shared.push(await compareOn(group, runs, names, environment));
    } else {
      const [{ run, set }] = group;
      missing.push(
        `${set.name} of ${names[run]} is not compared: no other run has the same images, RDMs and comparator under that name`,
      );
    }
  }
  return { names, shared, missing };
}

async function compareOn(
  group: readonly { readonly run: number; readonly set: ScoredSet }[],
  runs: readonly ReportData[],
  names: readonly string[],
  environment: RunComparer,
): Promise<SharedSet> {
  const [{ run: first, set }] = group;
  const called = group.map(({ run }) => names[run]);
  const warnings = warningsOf(group, names);
  const side = {
    set: { ...set, rivals: [], sheet: sideBySide(group, called, warnings) },
    runs: group.map(({ run }) => run),
  };
  let target: RdmStack;
  try {
    target = await readTarget(set, runs[first].study, environment);
  } catch (error) {
    if (!isOfFiles(error)) throw error;
    return { ...side, untested: `the RDMs of ${set.name} cannot be read again (${error.message})` };
  }
  if ((await digestRdms(target)) !== set.digests.rdms) {
    return { ...side, untested: `the RDMs of ${set.name} are no longer those that were scored on` };
  }
  const models = group.map(({ set: { predicted } }, k) => ({
    name: called[k],
    rdm: makeRdm(predicted, target.conditions),
  }));
  const { scoring, training } = runs[first].study;
  const { runTasks, onProgress, onNotice } = environment;
  const sheet = await scoreSheet(models, target, {
    // The sheet's own numbers may be 0 for want of data, which is found anew.
    ...{ nSamples: scoring.samples, nPermutations: scoring.permutations },
    ...{ comparator: set.sheet.comparator, seed: training.seed },
    ...{ runTasks, onProgress, onNotice },
  });
  return {
    ...side,
    set: { ...side.set, sheet: { ...sheet, warnings: [...warnings, ...sheet.warnings] } },
    untested: null,
  };
}

/** What may be wrong with a user's files: that they hold something else, or, as the system says by a code, are not there. */
function isOfFiles(error: unknown): error is Error {
  return error instanceof HypercolumnError || (error instanceof Error && 'code' in error);
}

/** The subjects' RDMs of a set, from the study's files. */
async function readTarget(set: ScoredSet, study: Study, environment: RunComparer): Promise<RdmStack> {
  const entries = set.role === 'test' ? study.test : study.data;
  const entry = entries[setNames(entries).indexOf(set.name)];
  if (entry === undefined) throw new UsageError(`the study names no ${set.name}`);
  const quiet = { ...environment, onNotice: () => {} }; // the fit has said it
  const [{ targets }] = await readStudyImages([entry], quiet);
  const places = new Map(targets.conditions?.map((name, row) => [name, row]));
  const rows = set.conditions.flatMap((name) => places.get(name) ?? []);
  return rows.length === targets.nConditions ? targets : subsetStack(targets, rows);
}

/** The runs' own scores in one sheet, without anything that asks for the subjects' RDMs. */
function sideBySide(
  group: readonly { readonly set: ScoredSet }[],
  names: readonly string[],
  warnings: readonly SheetWarning[],
): ScoreSheet {
  const [{ set }] = group;
  return {
    ...set.sheet,
    models: group.map(({ set: { sheet } }, k) => ({ ...sheet.models[0], name: names[k] })),
    comparisons: [],
    warnings,
  };
}

/** What the runs' sheets warn of their fits; what they say of the subjects is the same in all. */
function warningsOf(
  group: readonly { readonly run: number; readonly set: ScoredSet }[],
  names: readonly string[],
): SheetWarning[] {
  return group.flatMap(({ run, set }) =>
    set.sheet.warnings
      .filter(({ code }) => OF_FITS.includes(code))
      .map(({ code, text }) => ({ code, text: `${names[run]}: ${text}` })),
  );
}

const OF_FITS: readonly SheetWarning['code'][] = ['learnt', 'chose-epoch', 'overlap'];

/** Runs by the last parts of their folders, as many as tell them apart. */
function runNames(runs: readonly ReportData[]): string[] {
  const folders = runs.map(({ run }) => run.split(/[\\/]+/).filter((part) => part !== '' && part !== '.'));
  const longest = Math.max(...folders.map(({ length }) => length));
  for (let parts = 1; parts <= longest; parts++) {
    const names = folders.map((folder) => folder.slice(-parts).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return runs.map(({ run }, k) => `${run} (${k + 1})`);
}
