import { averageRanks } from '../../core/ranks.ts';

/** Dissimilarities as places in their own order: 0 the smallest, 1 the largest, ties in the middle of their places; NaN where there is none. */
export function rankFractions(values: Float64Array): Float64Array {
  const finite = values.filter(Number.isFinite);
  const ranks = averageRanks(finite);
  const last = finite.length - 1;
  let next = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    const rank = ranks[next++] - 1;
    return last === 0 ? 0.5 : rank / last;
  });
}

/** The value at each of some places in the order. */
export function valuesAtFractions(values: Float64Array, fractions: readonly number[]): number[] {
  const sorted = values.filter(Number.isFinite).sort();
  return fractions.map((fraction) => sorted[Math.round(fraction * (sorted.length - 1))] ?? Number.NaN);
}
