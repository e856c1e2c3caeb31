import type { RunTasks } from '../core/parallel.ts';
import type { OnProgress } from '../core/progress.ts';
import type { ComparedRdms } from './compared-rdms.ts';
import { type ResampleBlock, resampleTask } from './resample-block.ts';

const BLOCK = 50;

/** Scores on resamples, each kind in the order of its draws; nSamples 0 leaves out the jackknife too. */
export interface Resampled {
  /** nSamples x nRows x nSubjects. */
  readonly bootstrap: Float64Array;
  /** nConditions x nRows x nSubjects. */
  readonly jackknife: Float64Array;
  /** nPermutations x nModels x nSubjects. */
  readonly permuted: Float64Array;
  readonly nRedrawn: number;
}

/** Blocks of equal work in the order of their draws. */
export function blocksOf(total: number): { readonly first: number; readonly length: number }[] {
  return Array.from({ length: Math.ceil(total / BLOCK) }, (_, k) => {
    const first = k * BLOCK;
    return { first, length: Math.min(BLOCK, total - first) };
  });
}

/** Draws and scores all resamples, in blocks that tasks work off. */
export async function resampleAll(
  rdms: ComparedRdms,
  { nSamples, nPermutations, seed }: { nSamples: number; nPermutations: number; seed: number },
  { runTasks, onProgress }: { runTasks: RunTasks; onProgress: OnProgress },
): Promise<Resampled> {
  const totals = { bootstrap: nSamples, jackknife: nSamples === 0 ? 0 : rdms.nConditions, permutation: nPermutations };
  const blocks = (Object.keys(totals) as ResampleBlock['kind'][]).flatMap((kind) =>
    blocksOf(totals[kind]).map((block): ResampleBlock => ({ rdms, kind, seed, ...block })),
  );
  const phase = 'resampling';
  const results = await runTasks(resampleTask, blocks, (done) => onProgress({ phase, done, total: blocks.length }));
  const scoresOf = (kind: ResampleBlock['kind']) =>
    concatenated(results.filter((_, k) => blocks[k].kind === kind).map(({ scores }) => scores));
  return {
    bootstrap: scoresOf('bootstrap'),
    jackknife: scoresOf('jackknife'),
    permuted: scoresOf('permutation'),
    nRedrawn: results.reduce((sum, { nRedrawn }) => sum + nRedrawn, 0),
  };
}

/** A model's scores with each subject in each round of a table of rounds x nModels x nSubjects: views, not copies. */
export function roundsOf(table: Float64Array, model: number, nModels: number, nSubjects: number): Float64Array[] {
  const size = nModels * nSubjects;
  return Array.from({ length: table.length / size }, (_, round) => {
    const start = round * size + model * nSubjects;
    return table.subarray(start, start + nSubjects);
  });
}

function concatenated(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
