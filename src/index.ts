// The public API: re-exports only. What needs Node's files lives under `hypercolumn/host`, the engine under `hypercolumn/engine/node`.
export * from './core/condensed.ts';
export * from './core/errors.ts';
export type { OnNotice, OnProgress, Progress } from './core/progress.ts';
export { type Random, restoreRandom, seededRandom } from './core/random.ts';
export { averageRanks } from './core/ranks.ts';
export { assertSameConditions, type NamedRows } from './rdm/alignment.ts';
export {
  BENCHMARKS,
  type Benchmark,
  type BenchmarkName,
  type ChallengeVariable,
  publishedCeiling,
  TRACKS,
} from './rdm/benchmarks.ts';
export { type Agreement, type CeilingAveraging, type NoiseCeiling, noiseCeiling } from './rdm/ceiling.ts';
export { COMPARATORS, type Comparator, type ComparatorName, compare } from './rdm/comparators.ts';
export { DISTANCE_METRICS, type DistanceMetric, type RdmOfOptions, rdmOf } from './rdm/distances.ts';
export * from './rdm/rdm.ts';
export { percentOfCeiling, type Score, scoreRdm, type TrackScore, trackScore } from './rdm/score.ts';
