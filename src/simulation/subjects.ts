import { condensedLength } from '../core/condensed.ts';
import { UsageError } from '../core/errors.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { channelWeights } from '../encoder/channel-weights.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { predictDissimilarities } from '../encoder/predict.ts';
import { type ChannelWeights, weightParts } from '../features/channel-weights.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import { makeRdm, makeRdmStack, type Rdm, type RdmStack } from '../rdm/rdm.ts';
import { checkNoise, noiseForCeiling, type SubjectNoise } from './noise.ts';

/** Whom to simulate. */
export interface SubjectOptions {
  readonly nSubjects?: number;
  /** By default what leads to a lower noise ceiling of 0.4. */
  readonly noise?: SubjectNoise;
  readonly seed?: number;
}

/** Simulated subjects' RDMs, with the one they were made from. */
export interface SimulatedSubjects {
  /** One RDM a subject. Noise may take a dissimilarity below 0, as it does with cross-validated distances. */
  readonly targets: RdmStack;
  /** The RDM without any noise. */
  readonly rdm: Rdm;
}

/**
 * How far a subject's own weights lie from the true ones before the difference is brought to its level: small, so that the RDM answers
 * linearly and subjects' own parts average out over many subjects.
 */
const LOG_WEIGHT_SD = 0.1;

/**
 * RDMs of subjects who all see the images through one known encoder, with noise at a stated level.
 *
 * subject = d + individual sd(d) u + measurement sd(d) e: d the encoder's dissimilarities, u the part of the RDM of the encoder with its
 * weights perturbed, log-normally by stage and by channel, that d does not explain, at unit variance, e standard normal.
 * @param statistics of the images
 * @param encoder the truth: its mask and scale; readouts are not applied
 * @throws UsageError where d does not vary, or a level or number cannot be met
 */
export function simulateSubjects(
  statistics: PairStatistics,
  encoder: Encoder,
  { nSubjects = 15, noise = noiseForCeiling(0.4), seed = 0 }: SubjectOptions = {},
): SimulatedSubjects {
  if (!Number.isInteger(nSubjects) || nSubjects < 1) {
    throw new UsageError(`nSubjects: expected a whole number from 1, got ${nSubjects}`);
  }
  checkNoise(noise);
  const { conditions } = statistics;
  const weights = channelWeights(encoder);
  const truth = predictDissimilarities(statistics, weights);
  const signal = deviations(truth);
  const sd = rootMeanSquare(signal);
  if (!(sd > 0))
    throw new UsageError('simulated subjects: the true RDM does not vary; take 3 or more different images');

  const nPairs = condensedLength(conditions.length);
  const values = new Float64Array(nSubjects * nPairs);
  const random = seededRandom(seed);
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = random.derive(`subject ${subject + 1}`);
    const difference =
      noise.individual > 0
        ? individualPart(predictDissimilarities(statistics, perturbed(weights, encoder, own)), signal)
        : null;
    for (let pair = 0; pair < nPairs; pair++) {
      values[subject * nPairs + pair] =
        truth[pair] + sd * (noise.individual * (difference?.[pair] ?? 0) + noise.measurement * own.normal());
    }
  }
  return { targets: makeRdmStack(values, { nSubjects, conditions }), rdm: makeRdm(truth, conditions) };
}

function perturbed(weights: ChannelWeights, { stages }: Encoder, random: Random): ChannelWeights {
  const { pattern, mean } = weightParts(weights);
  const factors = new Float64Array(pattern.length);
  for (const { firstChannel, stage } of layOutStages(stages).places) {
    const ofStage = random.normal();
    for (let c = firstChannel; c < firstChannel + stage.channels; c++)
      factors[c] = Math.exp(LOG_WEIGHT_SD * (ofStage + random.normal()));
  }
  const own = (part: Float64Array) => part.map((weight, c) => weight * factors[c]);
  return weights instanceof Float64Array ? own(weights) : { pattern: own(pattern), mean: own(mean) };
}

/** What an RDM holds beside its mean and its regression on the signal, at unit variance. */
function individualPart(values: Float64Array, signal: Float64Array): Float64Array {
  const own = deviations(values);
  const slope = dot(own, signal) / dot(signal, signal);
  const rest = own.map((value, pair) => value - slope * signal[pair]);
  const size = rootMeanSquare(rest);
  if (!(size > 0)) {
    throw new UsageError(
      'simulated subjects: the images leave no room for individual differences; set noise.individual to 0',
    );
  }
  return rest.map((value) => value / size);
}

function deviations(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(dot(values, values) / values.length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
