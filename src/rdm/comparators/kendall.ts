import { averageRanks } from '../../core/ranks.ts';
import type { PairSample } from '../pair-sample.ts';
import { type Comparator, type SortedRdm, sampleOrder, sortRdm } from './comparator.ts';

/**
 * Kendall's taus compare values two by two: such a two agrees where both RDMs put them in the same order, disagrees where in opposite ones,
 * and is neither where either has a tie. With S agreements less disagreements among N values,
 * tau a = S / (N (N - 1) / 2), tau b the same without the ties of either in the denominator. Counted in N log N.
 * @source Knight 1966, JASA 61:436-439; a tree of sums (Fenwick 1994) in place of its merge sort
 */
const kendall = {
  range: [-1, 1],
  invariance: 'increasing',
  compares: 'values',
  prepare: (values: Float64Array) => {
    if (values.some(Number.isNaN)) return new Int32Array(0);
    const sorted = sortRdm(values);
    return layOut(sorted.order, (place) => values[place]);
  },
  prepareSample: (rdm: SortedRdm, sample: PairSample) =>
    layOut(sampleOrder(rdm, sample), (place) => rdm.values[sample.pairs[place]]),
  relabel,
  normalise: averageRanks,
} as const;

/** Kendall's tau a, in which ties count as disagreement: the one for models that predict ties. */
export const tauA: Comparator = {
  ...kendall,
  identity: 'without ties',
  constant: 'number',
  similarity: (a: Int32Array, b: Int32Array, sample?: PairSample) => {
    const twos = twosOf(totalWeight(a, sample));
    return twos > 0 ? surplus(a, b, sample) / twos : Number.NaN;
  },
};

/** Kendall's tau b, corrected for ties; as scipy.stats.kendalltau. */
export const tauB: Comparator = {
  ...kendall,
  identity: 'always',
  constant: 'NaN',
  similarity: (a: Int32Array, b: Int32Array, sample?: PairSample) => {
    const twos = twosOf(totalWeight(a, sample));
    const untied = Math.sqrt(twos - tiedTwos(a, sample)) * Math.sqrt(twos - tiedTwos(b, sample));
    return untied > 0 ? Math.min(1, Math.max(-1, surplus(a, b, sample) / untied)) : Number.NaN;
  },
};

/** A prepared RDM: each value's rank from 0 among the different values, then the places of the values from least to greatest. */
function layOut(order: Uint32Array, valueAt: (place: number) => number): Int32Array {
  const n = order.length;
  const prepared = new Int32Array(2 * n);
  let rank = 0;
  for (let k = 0; k < n; k++) {
    if (k > 0 && valueAt(order[k]) !== valueAt(order[k - 1])) rank++;
    prepared[order[k]] = rank;
    prepared[n + k] = order[k];
  }
  return prepared;
}

/** Agreements less disagreements: a's values from least to greatest meet those already passed, which b has below or above them. */
function surplus(a: Int32Array, b: Int32Array, sample: PairSample | undefined): number {
  const n = a.length / 2;
  const nRanks = differentValues(b);
  const weights = weightsInOrder(a, sample);
  // tree[r]: weight passed at b's ranks from r - (lowest bit of r) + 1 to r, counted from 1; at[r]: weight passed at rank r - 1.
  const tree = new Int32Array(nRanks + 1);
  const at = new Int32Array(nRanks + 1);
  let passed = 0;
  let sum = 0;
  for (let first = 0; first < n; ) {
    const rank = a[a[n + first]];
    let after = first;
    for (; after < n && a[a[n + after]] === rank; after++) {
      const own = b[a[n + after]];
      let below = 0;
      for (let r = own; r > 0; r &= r - 1) below = (below + tree[r]) | 0;
      sum += weights[after] * (2 * below + at[own + 1] - passed);
    }
    // Only now, so that values that a ties do not meet.
    for (let k = first; k < after; k++) {
      const weight = weights[k];
      const own = b[a[n + k]] + 1;
      at[own] += weight;
      passed = (passed + weight) | 0;
      for (let r = own; r <= nRanks; r += r & -r) tree[r] = (tree[r] + weight) | 0;
    }
    first = after;
  }
  return sum;
}

/** How often each value is there, from the least to the greatest. */
function weightsInOrder(prepared: Int32Array, sample: PairSample | undefined): Int32Array {
  const n = prepared.length / 2;
  const weights = new Int32Array(n);
  if (sample === undefined) return weights.fill(1);
  for (let k = 0; k < n; k++) weights[k] = sample.weights[prepared[n + k]];
  return weights;
}

function differentValues(prepared: Int32Array): number {
  return prepared.length === 0 ? 0 : prepared[prepared[prepared.length - 1]] + 1;
}

function tiedTwos(prepared: Int32Array, sample: PairSample | undefined): number {
  const n = prepared.length / 2;
  // Without a sample each value is there once.
  if (sample === undefined && differentValues(prepared) === n) return 0;
  const weights = weightsInOrder(prepared, sample);
  let tied = 0;
  for (let k = 0; k < n; ) {
    const rank = prepared[prepared[n + k]];
    let weight = 0;
    for (; k < n && prepared[prepared[n + k]] === rank; k++) weight += weights[k];
    tied += twosOf(weight);
  }
  return tied;
}

function relabel(prepared: Int32Array, from: Uint32Array): Int32Array {
  const n = prepared.length / 2;
  const relabelled = new Int32Array(2 * n);
  const starts = new Uint32Array(differentValues(prepared) + 1);
  for (let k = 0; k < n; k++) {
    relabelled[k] = prepared[from[k]];
    starts[relabelled[k] + 1]++;
  }
  for (let rank = 1; rank < starts.length; rank++) starts[rank] += starts[rank - 1];
  for (let k = 0; k < n; k++) relabelled[n + starts[relabelled[k]]++] = k;
  return relabelled;
}

function totalWeight(prepared: Int32Array, sample: PairSample | undefined): number {
  return sample === undefined || prepared.length === 0 ? prepared.length / 2 : sample.total;
}

function twosOf(n: number): number {
  return (n * (n - 1)) / 2;
}
