// The public API: re-exports only. What needs Node's files lives under `hypercolumn/host`, the engine under `hypercolumn/engine/node`.
export * from './core/condensed.ts';
export * from './core/errors.ts';
export type { OnNotice, OnProgress, Progress } from './core/progress.ts';
export { type Random, restoreRandom, seededRandom } from './core/random.ts';
export { averageRanks } from './core/ranks.ts';
