import { condensedLength } from '../core/condensed.ts';

/**
 * The pairs of conditions drawn with replacement: each pair of two different conditions as often as its two were drawn together. Pairs of a
 * condition with a copy of itself are left out, since their dissimilarity says nothing.
 */
export interface PairSample {
  readonly nConditions: number;
  /** How often each condition was drawn. */
  readonly counts: ArrayLike<number>;
  /** Condensed positions of the pairs that were drawn, ascending. */
  readonly pairs: Uint32Array;
  /** How often each of `pairs` was drawn. */
  readonly weights: Float64Array;
  /** Their square roots. */
  readonly roots: Float64Array;
  /** The two conditions of each of `pairs`. */
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  /** nPairs: 1 where a pair was drawn, and then its place in `pairs`. */
  readonly drawn: Uint8Array;
  readonly place: Uint32Array;
  /** Sum of the weights. */
  readonly total: number;
}

/**
 * The pairs of a sample of conditions: pair i < j is in it counts[i] counts[j] times.
 * @param counts how often each condition was drawn; all 1 for the conditions as they are
 * @source rsatoolbox leaves out pairs of a pattern with itself likewise
 */
export function samplePairs(counts: ArrayLike<number>): PairSample {
  const n = counts.length;
  const nPairs = condensedLength(n);
  const drawn = new Uint8Array(nPairs);
  const place = new Uint32Array(nPairs);
  const [pairs, rows, columns] = [new Uint32Array(nPairs), new Uint32Array(nPairs), new Uint32Array(nPairs)];
  const weights = new Float64Array(nPairs);
  let total = 0;
  let m = 0;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const weight = counts[i] * counts[j];
      if (weight === 0) continue;
      drawn[pair] = 1;
      place[pair] = m;
      pairs[m] = pair;
      rows[m] = i;
      columns[m] = j;
      weights[m++] = weight;
      total += weight;
    }
  }
  const roots = weights.subarray(0, m).map(Math.sqrt);
  return {
    ...{ nConditions: n, counts, roots, drawn, place, total },
    ...{ pairs: pairs.subarray(0, m), weights: weights.subarray(0, m) },
    ...{ rows: rows.subarray(0, m), columns: columns.subarray(0, m) },
  };
}

/** Each condition once. */
export function everyPair(nConditions: number): PairSample {
  return samplePairs(new Uint8Array(nConditions).fill(1));
}
