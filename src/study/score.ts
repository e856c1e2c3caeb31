import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { Source } from '../formats/source.ts';
import { BENCHMARKS, type BenchmarkName, publishedCeiling, TRACKS } from '../rdm/benchmarks.ts';
import type { NoiseCeiling } from '../rdm/ceiling.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { percentOfCeiling, scoreRdm, type TrackScore, trackScore } from '../rdm/score.ts';
import { assertComparable, ceilingOrNull } from './ceiling.ts';
import type { VariablePair } from './rdms/pairing.ts';
import { type MetRdms, metRdms, openRdmFile, type RdmFile } from './score-input.ts';

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
  const files = { model: await openRdmFile(modelSource), target: await openRdmFile(targetSource) };
  const scored: ScoredVariable[] = [];
  for await (const each of scoreVariables(files.model, files.target, {
    variables,
    benchmark,
    onNotice: once(onNotice),
  })) {
    scored.push(each);
  }
  return { results: scored.map(({ result }) => result), track: trackOf(scored, onNotice) };
}

/** A variable's score beside what it was computed from. */
export interface ScoredVariable {
  readonly result: ScoreResult;
  readonly met: MetRdms;
  /** What 100 % stands for. */
  readonly ceilingInUse: number | null;
}

/** Scores one variable after the other. */
export async function* scoreVariables(
  model: RdmFile,
  target: RdmFile,
  {
    variables,
    benchmark,
    onNotice,
  }: {
    readonly variables: readonly string[];
    readonly benchmark: BenchmarkName | undefined;
    readonly onNotice: OnNotice;
  },
): AsyncGenerator<ScoredVariable> {
  for await (const met of metRdms(model, target, variables, onNotice)) {
    const { pair, rdm, stack } = met;
    assertComparable({ ...rdm, nSubjects: 1, nTimes: 1 }, model.path, pair.model);
    assertComparable(stack, target.path, pair.target);
    const { rho, r2, rhoBySubject } = scoreRdm({ ...rdm, conditions: null }, { ...stack, conditions: null });
    const ceiling = ceilingOrNull(stack, `${target.path}, ${pair.target}`, onNotice);
    const ceilingInUse =
      benchmark === undefined ? (ceiling?.upper.r2 ?? null) : benchmarkCeiling(benchmark, pair, stack, onNotice);
    const result = {
      ...{ variable: pair.target, n: rdm.nConditions, nSubjects: stack.nSubjects },
      ...{ r2, percentOfCeiling: percentOfCeiling(r2, ceilingInUse), rho, rhoBySubject, ceiling },
    };
    yield { result, met, ceilingInUse };
  }
}

/**
 * A benchmark by its name.
 * @throws UsageError for any other name; it lists those there are
 */
export function benchmarkNamed(name: string): BenchmarkName {
  if (Object.hasOwn(BENCHMARKS, name)) return name as BenchmarkName;
  throw new UsageError(`--benchmark: expected one of ${Object.keys(BENCHMARKS).join(', ')}, got ${name}`);
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

/** The score of a challenge track whose variables are both there; null where none is. */
export function trackOf(
  scored: readonly Pick<ScoredVariable, 'result' | 'ceilingInUse'>[],
  onNotice: OnNotice,
): TrackScore | null {
  const complete = Object.entries(TRACKS).flatMap(([track, variables]) => {
    const regions = variables.map((name) => scored.find(({ result }) => result.variable === name));
    return regions.every((region) => region !== undefined) ? [{ track, regions }] : [];
  });
  if (complete.length === 0) return null;
  const [{ track, regions }] = complete;
  if (complete.length > 1) {
    onNotice(`the track score is that of ${track}; for another one, name its variables with --variable`);
  }
  return trackScore(regions.map(({ result: { r2 }, ceilingInUse: ceiling }) => ({ r2, ceiling })));
}

/** Each notice once. */
export function once(onNotice: OnNotice): OnNotice {
  const said = new Set<string>();
  return (notice) => {
    if (said.has(notice)) return;
    said.add(notice);
    onNotice(notice);
  };
}
