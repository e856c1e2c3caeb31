import type { Random } from '../core/random.ts';
import { type RdmStack, rdmValuesAt } from '../rdm/rdm.ts';

/** Where in a window of time points values are drawn from: Gaussian, both numbers as fractions of the window. */
export interface TimeWindow {
  readonly centre: number;
  /** Standard deviation. */
  readonly width: number;
}

/**
 * Probability of each time point: the Gaussian density at (k + 0.5) / nTimes, normalised to sum 1.
 * @returns nTimes weights; however narrow the window, the points nearest to its centre share all
 */
export function timeWeights(nTimes: number, { centre, width }: TimeWindow): Float64Array {
  const distances = Float64Array.from({ length: nTimes }, (_, k) => ((k + 0.5) / nTimes - centre) ** 2);
  const least = distances.reduce((a, b) => Math.min(a, b)); // taken off, so that not all densities can round to 0
  const densities = distances.map((distance) => Math.exp(-(distance - least) / 2 / width / width));
  const sum = densities.reduce((a, b) => a + b);
  return densities.map((density) => density / sum);
}

/** Fills `out` from `first` on with all subjects' values of a pair, each of a time point drawn for it. */
export type DrawValues = (pair: number, random: Random, out: Float64Array, first: number) => void;

/** Draws values of a stack whose times are weighed by a window. */
export function timeDraws(stack: RdmStack, window: TimeWindow): DrawValues {
  const { nSubjects, nTimes } = stack;
  const bounds = timeWeights(nTimes, window);
  for (let k = 1; k < nTimes; k++) bounds[k] += bounds[k - 1];
  const rdms = Array.from({ length: nSubjects }, (_, subject) =>
    Array.from({ length: nTimes }, (_, time) => rdmValuesAt(stack, subject, time)),
  );
  return (pair, random, out, first) => {
    for (let subject = 0; subject < nSubjects; subject++) {
      const at = random.uniform();
      let time = 0;
      while (time < nTimes - 1 && at >= bounds[time]) time++;
      out[first + subject] = rdms[subject][time][pair];
    }
  };
}
