import { condensedLength } from '../../src/core/condensed.ts';
import type { Random } from '../../src/core/random.ts';
import { makeRdm, makeRdmStack, type Rdm, type RdmStack } from '../../src/rdm/rdm.ts';

/** Stimuli, each a row of features; what subjects share, and models know more or less of. */
export type Features = readonly (readonly number[])[];

/** New stimuli of the kind: standard normal features. */
export function drawFeatures(n: number, dimensions: number, random: Random): Features {
  return Array.from({ length: n }, () => Array.from({ length: dimensions }, () => random.normal()));
}

/** Each stimulus's features beside others, these multiplied by `factor`. */
export function beside(features: Features, others: Features, factor = 1): Features {
  return features.map((row, i) => [...row, ...others[i].map((value) => factor * value)]);
}

/** Condensed Euclidean distances. */
export function distances(features: Features): Float64Array {
  const n = features.length;
  const values = new Float64Array(condensedLength(n));
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      values[pair] = Math.sqrt(features[i].reduce((sum, value, k) => sum + (value - features[j][k]) ** 2, 0));
    }
  }
  return values;
}

/** A model's RDM: of its features alone. */
export function modelOf(features: Features): Rdm {
  return makeRdm(distances(features));
}

/** What tells subjects' RDMs from the one of the features they share. */
export interface SubjectDraw {
  readonly nSubjects: number;
  /** Features of each subject's own beside the shared ones. */
  readonly ownFeatures: number;
  /** Measurement noise of each dissimilarity, in standard deviations of the RDM's. */
  readonly noise: number;
}

/** New subjects who look at the stimuli. */
export function drawSubjects(
  shared: Features,
  { nSubjects, ownFeatures, noise }: SubjectDraw,
  random: Random,
): RdmStack {
  const nPairs = condensedLength(shared.length);
  const values = new Float64Array(nSubjects * nPairs);
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = distances(beside(shared, drawFeatures(shared.length, ownFeatures, random)));
    const mean = own.reduce((sum, value) => sum + value, 0) / nPairs;
    const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / nPairs);
    values.set(
      own.map((value) => value + noise * sd * random.normal()),
      subject * nPairs,
    );
  }
  return makeRdmStack(values, { nSubjects });
}

/** The mean of subjects' RDMs: what a lower noise ceiling takes for a model. */
export function meanOfSubjects({ values, nSubjects }: RdmStack): Rdm {
  const nPairs = values.length / nSubjects;
  const mean = new Float64Array(nPairs);
  for (let k = 0; k < values.length; k++) mean[k % nPairs] += values[k] / nSubjects;
  return makeRdm(mean);
}
