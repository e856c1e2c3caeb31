import type { Random } from '../../../src/core/random.ts';
import { predictDissimilarities } from '../../../src/encoder/predict.ts';
import type { PairStatistics } from '../../../src/features/pair-statistics.ts';
import { makeRdmStack } from '../../../src/rdm/rdm.ts';
import type { RegionPair } from '../../../src/study/tuning/swapped-fit.ts';
import { plainStatistics } from '../../training/golden.ts';

const STAGES = ['early', 'middle', 'late'].map((name) => ({ name, channels: 3, height: 1, width: 1 }));
const CHANNELS = STAGES.reduce((sum, { channels }) => sum + channels, 0);

/** What each stage's channels count for in a region: the first set is of early stages, the second of late ones. */
export const EARLY = weightsOf([1, 0.6, 0.3]);
export const LATE = weightsOf([0.3, 0.6, 1]);

/** How two regions of the same subjects come about. */
export interface RegionDraw {
  readonly nImages?: number;
  readonly nSubjects?: number;
  /** Weights of channels that each region sees the images by. */
  readonly weights?: readonly [Float64Array, Float64Array];
  /** Noise of each region, beside what a subject's regions share, in standard deviations of the true RDM. */
  readonly noise?: readonly [number, number];
  /** What is a subject's own, the same in both regions. */
  readonly individual?: number;
}

/** New images, and RDMs of both regions in the same subjects, who share each region's signal. */
export function drawRegions(
  random: Random,
  { nImages = 12, nSubjects = 8, weights = [EARLY, EARLY], noise = [1.5, 1.5], individual = 0.5 }: RegionDraw = {},
): RegionPair {
  const statistics = drawStatistics(nImages, random);
  const truths = weights.map((each) => predictDissimilarities(statistics, each));
  const nPairs = truths[0].length;
  const values = truths.map(() => new Float64Array(nSubjects * nPairs));
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = Float64Array.from({ length: nPairs }, () => individual * random.normal());
    for (const [region, truth] of truths.entries()) {
      const sd = deviation(truth);
      for (let pair = 0; pair < nPairs; pair++) {
        values[region][subject * nPairs + pair] = truth[pair] + sd * (own[pair] + noise[region] * random.normal());
      }
    }
  }
  const [a, b] = values.map((of) => ({
    ...{ name: 'region', imageSet: 'images', statistics },
    targets: makeRdmStack(of, { nSubjects, conditions: statistics.conditions }),
  }));
  return { a, b };
}

function drawStatistics(nImages: number, random: Random): PairStatistics {
  const features = STAGES.map(({ channels }) =>
    Float64Array.from({ length: nImages * channels }, () => random.normal()),
  );
  const names = Array.from({ length: nImages }, (_, k) => `image ${k}`);
  return plainStatistics(STAGES, features, names);
}

function weightsOf(stages: readonly number[]): Float64Array {
  return Float64Array.from({ length: CHANNELS }, (_, k) => stages[Math.floor(k / (CHANNELS / STAGES.length))]);
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
