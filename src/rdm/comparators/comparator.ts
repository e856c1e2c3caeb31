import { ascendingOrder } from '../../core/order.ts';
import type { PairSample } from '../pair-sample.ts';

/** What a comparator makes of an RDM; the comparator alone knows what the numbers mean. */
export type Prepared = Float64Array | Int32Array;

/** How similar two RDMs are, as a number that is larger for more similar ones. */
export interface Comparator {
  /** Least and largest value. */
  readonly range: readonly [number, number];
  /** Which changes of an RDM's values leave the similarity as it is: any increasing one, a v + b, or only a v, with a above 0. */
  readonly invariance: 'increasing' | 'affine' | 'scale';
  /** Which RDMs are as similar to themselves as can be: not those with ties where ties count as disagreement (Kendall's tau a). */
  readonly identity: 'always' | 'without ties';
  /** What an RDM whose values are all the same is compared to: nothing (NaN), or a number as any other. */
  readonly constant: 'NaN' | 'number';
  /** Whether values are compared whatever pairs they belong to, or as pairs that share conditions, which takes n (n - 1) / 2 of them. */
  readonly compares: 'values' | 'pairs of conditions';
  /** What is worked out once an RDM, however many it is compared with. */
  prepare(values: Float64Array): Prepared;
  /** The same for pairs as often as a sample holds them; `similarity` is then given the sample too. */
  prepareSample(rdm: SortedRdm, sample: PairSample): Prepared;
  /** Similarity of two prepared RDMs. */
  similarity(a: Prepared, b: Prepared, sample?: PairSample): number;
  /** The prepared form of the RDM whose pair k is this one's pair from[k], from[k] a relabelling of conditions. */
  relabel(prepared: Prepared, from: Uint32Array): Prepared;
  /**
   * The prepared form whose similarity with any RDM is the mean of the similarities of these with it; only where similarity is an inner product
   * of what each RDM becomes by itself.
   */
  readonly meanPrepared?: (prepared: readonly Prepared[]) => Prepared;
  /** What subjects' RDMs become before they are averaged, so that none weighs more than another. */
  normalise(values: Float64Array): Float64Array;
}

/** An RDM's values with their order from least to greatest, so that samples of its pairs need no sorting. */
export interface SortedRdm {
  readonly values: Float64Array;
  readonly order: Uint32Array;
  /** The values in that order. */
  readonly ascending: Float64Array;
}

/** An RDM ready for samples of its pairs. The values hold no NaN. */
export function sortRdm(values: Float64Array): SortedRdm {
  const order = ascendingOrder(values);
  return { values, order, ascending: Float64Array.from(order, (pair) => values[pair]) };
}

/** The mean of prepared forms, for comparators that are inner products of them. */
export function meanPrepared(prepared: readonly Prepared[]): Float64Array {
  const mean = new Float64Array(prepared[0].length);
  for (const values of prepared) for (let k = 0; k < mean.length; k++) mean[k] += values[k];
  for (let k = 0; k < mean.length; k++) mean[k] /= prepared.length;
  return mean;
}

/** The order of a sample's pairs by the RDM's values, as places in the sample. */
export function sampleOrder({ order }: SortedRdm, { drawn, place, pairs }: PairSample): Uint32Array {
  // One longer, so that what is not drawn can be written past the end instead of branched around.
  const places = new Uint32Array(pairs.length + 1);
  let m = 0;
  for (let k = 0; k < order.length; k++) {
    const pair = order[k];
    places[m] = place[pair];
    m += drawn[pair];
  }
  return places.subarray(0, pairs.length);
}

/** A sample's values, one a pair that was drawn. */
export function sampleValues({ values }: SortedRdm, { pairs }: PairSample): Float64Array {
  const drawn = new Float64Array(pairs.length);
  for (let k = 0; k < drawn.length; k++) drawn[k] = values[pairs[k]];
  return drawn;
}
