/**
 * p values adjusted so that rejecting those at most alpha keeps the expected share of false ones among the rejected (the false discovery
 * rate) at most alpha: with p in ascending order, the least over l >= k of m p_l / l.
 * @source Benjamini and Hochberg 1995, JRSS B 57:289-300; scipy.stats.false_discovery_control
 */
export function falseDiscoveryRates(p: readonly number[]): number[] {
  const m = p.length;
  const order = [...p.keys()].sort((a, b) => p[a] - p[b]);
  const adjusted = new Array<number>(m);
  let least = 1;
  for (let k = m - 1; k >= 0; k--) {
    least = Math.min(least, (m * p[order[k]]) / (k + 1));
    adjusted[order[k]] = least;
  }
  return adjusted;
}

/** p values adjusted so that rejecting those at most alpha makes any false rejection at most alpha likely: min(1, m p). */
export function bonferroni(p: readonly number[]): number[] {
  return p.map((value) => Math.min(1, p.length * value));
}
