import type { Task } from '../core/parallel.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { samplePairs } from '../rdm/pair-sample.ts';
import { type ComparedRdms, nRows, permutedScores, scoreSample } from './compared-rdms.ts';

/** A block of resamples: its draws depend on the seed and its name alone, whoever works on it and when. */
export interface ResampleBlock {
  readonly rdms: ComparedRdms;
  /** bootstrap: conditions drawn with replacement; jackknife: one left out after the other; permutation: models' labels permuted. */
  readonly kind: 'bootstrap' | 'jackknife' | 'permutation';
  readonly seed: number;
  /** Number of the block's first resample, and how many it holds. */
  readonly first: number;
  readonly length: number;
}

/** What a block gives. */
export interface ResampledScores {
  /** length x nRows x nSubjects; of permutations length x nModels x nSubjects. */
  readonly scores: Float64Array;
  /** Samples drawn anew, since a score had no value on them. */
  readonly nRedrawn: number;
}

// A sample without a score is rare unless hardly any has one.
const MOST_REDRAWS = 100;

/** Works a block off. Scores are NaN where no sample could be drawn that has them. */
export function resample(block: ResampleBlock): ResampledScores {
  const { rdms, kind, seed, first, length } = block;
  const random = seededRandom(seed).derive(`${kind}/${first}`);
  if (kind === 'permutation') return { scores: permutedScores(rdms, permutations(block, random)), nRedrawn: 0 };
  const size = nRows(rdms) * rdms.nSubjects;
  const scores = new Float64Array(length * size);
  let nRedrawn = 0;
  for (let k = 0; k < length; k++) {
    if (kind === 'jackknife') {
      const counts = new Uint32Array(rdms.nConditions).fill(1);
      counts[first + k] = 0;
      scores.set(scoreSample(rdms, samplePairs(counts)), k * size);
      continue;
    }
    let drawn = scoreSample(rdms, samplePairs(drawCounts(rdms.nConditions, random)));
    for (let redraw = 0; redraw < MOST_REDRAWS && drawn.some(Number.isNaN); redraw++, nRedrawn++) {
      drawn = scoreSample(rdms, samplePairs(drawCounts(rdms.nConditions, random)));
    }
    scores.set(drawn, k * size);
  }
  return { scores, nRedrawn };
}

/** How often each of n is drawn in n draws with replacement. */
export function drawCounts(n: number, random: Random): Uint32Array {
  const counts = new Uint32Array(n);
  for (let draw = 0; draw < n; draw++) counts[random.integer(0, n - 1)]++;
  return counts;
}

function* permutations({ rdms, length }: ResampleBlock, random: Random): Generator<Uint32Array> {
  for (let k = 0; k < length; k++) yield random.permutation(rdms.nConditions);
}

/** The block as a task for a worker thread, which loads this module and calls its default export. */
export const resampleTask: Task<ResampleBlock, ResampledScores> = { module: new URL(import.meta.url), run: resample };

export default resample;
