import { ascendingOrder } from './order.ts';

/**
 * Ranks from 1, ties sharing the mean of their ranks.
 * A NaN makes every rank NaN, as in scipy's `nan_policy="propagate"`.
 * @source scipy.stats.rankdata(method="average")
 */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const plain = Float64Array.from(values);
  const ranks = new Float64Array(n);
  if (plain.some(Number.isNaN)) return ranks.fill(Number.NaN);
  const order = ascendingOrder(plain);
  for (let first = 0; first < n; ) {
    let last = first;
    while (last + 1 < n && plain[order[last + 1]] === plain[order[first]]) last++;
    for (let k = first; k <= last; k++) ranks[order[k]] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}
