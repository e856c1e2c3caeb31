import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { OpenedFile } from '../formats/array.ts';
import { openFile } from '../formats/open.ts';
import type { Source } from '../formats/source.ts';
import { assertSameConditions } from '../rdm/alignment.ts';
import { BENCHMARKS, type BenchmarkName, publishedCeiling, TRACKS } from '../rdm/benchmarks.ts';
import type { NoiseCeiling } from '../rdm/ceiling.ts';
import { makeRdm, type Rdm, type RdmStack } from '../rdm/rdm.ts';
import { percentOfCeiling, scoreRdm, type TrackScore, trackScore } from '../rdm/score.ts';
import { assertComparable, ceilingOrNull } from './ceiling.ts';
import { pairVariables, type VariablePair } from './rdms/pairing.ts';
import { rdmVariables, readRdmStack } from './rdms/targets.ts';

interface NamedFile {
  readonly file: OpenedFile;
  readonly path: string;
}

/** A variable's score, as `score --json` prints it. */
export interface ScoreResult {
  readonly variable: string;
  readonly n: number;
  readonly nSubjects: number;
  readonly r2: number;
  /** 100 r2 / the published ceiling, or without a benchmark / the target's own upper one; null where there is none. */
  readonly percentOfCeiling: number | null;
  readonly rho: number;
  readonly rhoBySubject: readonly number[];
  /** The target's own; null for a single subject. */
  readonly ceiling: NoiseCeiling | null;
}

/** What `score --json` prints. */
export interface ScoreReport {
  readonly results: readonly ScoreResult[];
  /** null unless both variables of a modality are there. */
  readonly track: TrackScore | null;
}

/** What to score and against which ceilings. */
export interface ScoreFilesOptions {
  /** The target's variables; all of them by default. */
  readonly variables?: readonly string[];
  /** Take published ceilings instead of the target's own. */
  readonly benchmark?: BenchmarkName;
  readonly onNotice?: OnNotice;
}

/**
 * Scores the RDMs of one file against the subjects' RDMs of another, as the 2019 challenge did.
 * @throws UsageError where variables do not meet; ShapeError where conditions do not; FormatError where RDMs cannot be read or compared
 */
export async function scoreFiles(
  modelSource: Source,
  targetSource: Source,
  { variables = [], benchmark, onNotice = () => {} }: ScoreFilesOptions = {},
): Promise<ScoreReport> {
  const model = { file: await openFile(modelSource), path: modelSource.name };
  const target = { file: await openFile(targetSource), path: targetSource.name };
  const pairs = pairVariables(
    { path: model.path, variables: rdmVariables(model.file, model.path) },
    { path: target.path, variables: rdmVariables(target.file, target.path) },
    variables,
    onNotice,
  );
  const sayOnce = once(onNotice);
  const results: ScoreResult[] = [];
  const ceilings = new Map<string, number | null>();
  for (const pair of pairs) {
    const stack = await readRdmStack(target.file, { path: target.path, variable: pair.target, onNotice: sayOnce });
    const rdm = await readModel(model, pair.model, stack, sayOnce);
    assertComparable(stack, target.path, pair.target);
    meet(rdm, stack, pair, model, target, sayOnce);
    const { rho, r2, rhoBySubject } = scoreRdm({ ...rdm, conditions: null }, { ...stack, conditions: null });
    const ceiling = ceilingOrNull(stack, `${target.path}, ${pair.target}`, sayOnce);
    const inUse =
      benchmark === undefined ? (ceiling?.upper.r2 ?? null) : benchmarkCeiling(benchmark, pair, stack, sayOnce);
    ceilings.set(pair.target, inUse);
    results.push({
      ...{ variable: pair.target, n: rdm.nConditions, nSubjects: stack.nSubjects },
      ...{ r2, percentOfCeiling: percentOfCeiling(r2, inUse), rho, rhoBySubject, ceiling },
    });
  }
  return { results, track: trackOf(results, ceilings, onNotice) };
}

/**
 * A benchmark by its name.
 * @throws UsageError for any other name; it lists those there are
 */
export function benchmarkNamed(name: string): BenchmarkName {
  if (Object.hasOwn(BENCHMARKS, name)) return name as BenchmarkName;
  throw new UsageError(`--benchmark: expected one of ${Object.keys(BENCHMARKS).join(', ')}, got ${name}`);
}

async function readModel(
  { file, path }: NamedFile,
  variable: string,
  target: RdmStack,
  onNotice: OnNotice,
): Promise<Rdm> {
  const stack = await readRdmStack(file, { path, variable, onNotice });
  const nRdms = stack.nSubjects * stack.nTimes;
  if (nRdms !== 1) {
    const way =
      target.nSubjects * target.nTimes === 1
        ? `the target holds one RDM and the model ${nRdms}: did you swap them?`
        : 'average or save one of them';
    throw new UsageError(`${path}, ${variable}: expected one RDM as the model, got ${nRdms}; ${way}`);
  }
  assertComparable(stack, path, variable);
  return makeRdm(stack.values, stack.conditions);
}

function meet(
  rdm: Rdm,
  stack: RdmStack,
  pair: VariablePair,
  model: NamedFile,
  target: NamedFile,
  onNotice: OnNotice,
): void {
  // The variables are left out where the files meet by size, so that it is said once for all of them.
  const named = rdm.conditions !== null && stack.conditions !== null && rdm.nConditions === stack.nConditions;
  const sized = rdm.nConditions === stack.nConditions && !named;
  assertSameConditions(
    { ...rdm, what: sized ? model.path : `${model.path}, ${pair.model}` },
    { ...stack, what: sized ? target.path : `${target.path}, ${pair.target}` },
    onNotice,
  );
}

function benchmarkCeiling(
  name: BenchmarkName,
  { model, target }: VariablePair,
  { nConditions, nSubjects, nTimes }: RdmStack,
  onNotice: OnNotice,
): number | null {
  const benchmark = BENCHMARKS[name];
  if (nConditions !== benchmark.nConditions) {
    throw new UsageError(
      `--benchmark ${name}: expected RDMs of ${benchmark.nConditions} conditions, got ${nConditions}`,
    );
  }
  const published = publishedCeiling(benchmark, target) ?? publishedCeiling(benchmark, model);
  if (published === null) {
    const known = Object.keys(benchmark.ceilings).join(', ');
    onNotice(`--benchmark ${name}: no ceiling is published for ${target}, only for ${known}`);
    return null;
  }
  if (nSubjects !== benchmark.nSubjects) {
    onNotice(
      `--benchmark ${name}: the published ceilings are of ${benchmark.nSubjects} subjects, ${target} has ${nSubjects}`,
    );
  }
  if (nTimes === 1 && (TRACKS.meg as readonly string[]).includes(target)) {
    onNotice(
      `--benchmark ${name}: the published MEG ceilings are of time-resolved RDMs, those of ${target} have one time point`,
    );
  }
  return published;
}

function trackOf(
  results: readonly ScoreResult[],
  ceilings: ReadonlyMap<string, number | null>,
  onNotice: OnNotice,
): TrackScore | null {
  const complete = Object.entries(TRACKS).flatMap(([track, variables]) => {
    const regions = variables.map((name) => results.find(({ variable }) => variable === name));
    return regions.every((region) => region !== undefined) ? [{ track, regions }] : [];
  });
  if (complete.length === 0) return null;
  const [{ track, regions }] = complete;
  if (complete.length > 1) {
    onNotice(`the track score is that of ${track}; for another one, name its variables with --variable`);
  }
  return trackScore(regions.map(({ r2, variable }) => ({ r2, ceiling: ceilings.get(variable) ?? null })));
}

function once(onNotice: OnNotice): OnNotice {
  const said = new Set<string>();
  return (notice) => {
    if (said.has(notice)) return;
    said.add(notice);
    onNotice(notice);
  };
}
