import type { PairSample } from '../pair-sample.ts';
import type { SortedRdm } from './comparator.ts';

/** Deviations from the mean, scaled to unit length; NaN throughout where the values hold NaN or infinity, or are all the same. */
export function unitDeviations(values: Float64Array): Float64Array {
  return unitLength(deviations(values, null), null);
}

/** Values scaled to unit length; NaN throughout where they hold NaN or infinity, or are all 0. */
export function unitValues(values: Float64Array): Float64Array {
  return unitLength(values, null);
}

/** sqrt(w) (v - mean) at unit length, the mean weighted by w: their products are correlations of the values repeated w times. */
export function sampleUnitDeviations(values: Float64Array, { weights, roots }: PairSample): Float64Array {
  return unitLength(deviations(values, weights), roots);
}

/** sqrt(w) v at unit length. */
export function sampleUnitValues(values: Float64Array, { roots }: PairSample): Float64Array {
  return unitLength(values, roots);
}

/** Deviations from the weighted mean, of values over the largest of them; NaN throughout where they hold NaN or infinity, or are the same. */
export function deviations(values: Float64Array, weights: Float64Array | null): Float64Array {
  const n = values.length;
  const result = new Float64Array(n);
  // Divided by the largest first, so that squares neither overflow nor vanish; centred twice, because the first mean is rounded.
  const largest = largestOf(values);
  let constant = true;
  for (let k = 1; k < n && constant; k++) constant = values[k] === values[0];
  if (constant || !Number.isFinite(largest)) return result.fill(Number.NaN);
  for (let k = 0; k < n; k++) result[k] = values[k] / largest;
  centre(result, weights);
  centre(result, weights);
  return result;
}

function centre(values: Float64Array, weights: Float64Array | null): void {
  let sum = 0;
  let total = 0;
  if (weights === null) {
    for (let k = 0; k < values.length; k++) sum += values[k];
    total = values.length;
  } else {
    for (let k = 0; k < values.length; k++) {
      sum += weights[k] * values[k];
      total += weights[k];
    }
  }
  const mean = sum / total;
  for (let k = 0; k < values.length; k++) values[k] -= mean;
}

function unitLength(values: Float64Array, roots: Float64Array | null): Float64Array {
  const n = values.length;
  const largest = largestOf(values);
  const scaled = new Float64Array(n);
  if (!(largest > 0 && Number.isFinite(largest))) return scaled.fill(Number.NaN);
  let squares = 0;
  for (let k = 0; k < n; k++) {
    const value = (values[k] / largest) * (roots === null ? 1 : roots[k]);
    scaled[k] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  for (let k = 0; k < n; k++) scaled[k] /= length;
  return scaled;
}

/** Largest absolute value; NaN where there is one. */
function largestOf(values: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    // Not Math.max alone: the comparison is what is fast.
    if (!(size <= largest)) {
      if (Number.isNaN(size)) return Number.NaN;
      largest = size;
    }
  }
  return largest;
}

/** Ranks among a sample's pairs less their mean, and the sum of their squares over pairs as often as they were drawn. */
export interface SampleRanks {
  readonly deviations: Float64Array;
  readonly squares: number;
}

/**
 * Ranks among the sample's pairs, each as often as it was drawn, less their mean; ties, copies among them, share the mean of their ranks.
 */
export function sampleRankDeviations({ order, ascending }: SortedRdm, sample: PairSample): SampleRanks {
  const { pairs, weights, total, drawn, place } = sample;
  const n = pairs.length;
  // One longer, so that what is not drawn can be written past the end instead of branched around.
  const places = new Uint32Array(n + 1);
  const values = new Float64Array(n + 1);
  let m = 0;
  for (let k = 0; k < order.length; k++) {
    const pair = order[k];
    places[m] = place[pair];
    values[m] = ascending[k];
    m += drawn[pair];
  }
  const deviations = new Float64Array(n);
  let below = -(total + 1) / 2;
  let squares = 0;
  for (let first = 0; first < n; ) {
    const value = values[first];
    let weight = weights[places[first]];
    let after = first + 1;
    for (; after < n && values[after] === value; after++) weight += weights[places[after]];
    const rank = below + (weight + 1) / 2;
    for (let k = first; k < after; k++) deviations[places[k]] = rank;
    squares += weight * rank * rank;
    below += weight;
    first = after;
  }
  return { deviations, squares };
}
