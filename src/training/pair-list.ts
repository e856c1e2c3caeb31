/** Pairs of images of several data sets, numbered through; position k of each list belongs to pair number k. */
export interface PairList {
  readonly length: number;
  /** The data set. */
  readonly set: Uint32Array;
  /** Condensed position in the set's RDM. */
  readonly pair: Uint32Array;
  readonly i: Uint32Array;
  readonly j: Uint32Array;
}

/**
 * Condensed positions of pairs as a list that numbers them through.
 * @param nConditions images of each data set
 * @param lists one after another, in each the data sets' positions in ascending order
 */
export function pairList(nConditions: readonly number[], lists: readonly (readonly (readonly number[])[])[]): PairList {
  const length = lists.flat().reduce((sum, pairs) => sum + pairs.length, 0);
  const list = {
    length,
    set: new Uint32Array(length),
    pair: new Uint32Array(length),
    i: new Uint32Array(length),
    j: new Uint32Array(length),
  };
  let k = 0;
  for (const bySet of lists) {
    for (const [s, pairs] of bySet.entries()) {
      const n = nConditions[s];
      let [i, rowEnd] = [0, n - 1]; // pairs come in ascending order
      for (const pair of pairs) {
        while (pair >= rowEnd) rowEnd += n - 1 - ++i;
        list.set[k] = s;
        list.pair[k] = pair;
        list.i[k] = i;
        list.j[k++] = n - (rowEnd - pair);
      }
    }
  }
  return list;
}
