/**
 * Ranks from 1, ties sharing the mean of their ranks.
 * A NaN makes every rank NaN, as in scipy's `nan_policy="propagate"`.
 * @source scipy.stats.rankdata(method="average")
 */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = new Uint32Array(n);
  const sorted = Float64Array.from(values as ArrayLike<number>);
  for (let k = 0; k < n; k++) {
    if (Number.isNaN(sorted[k])) return new Float64Array(n).fill(Number.NaN);
    order[k] = k;
  }
  order.sort((a, b) => sorted[a] - sorted[b]);
  const ranks = new Float64Array(n);
  for (let first = 0; first < n; ) {
    let last = first;
    while (last + 1 < n && sorted[order[last + 1]] === sorted[order[first]]) last++;
    for (let k = first; k <= last; k++) ranks[order[k]] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}
