import { condensedLength } from '../../src/core/condensed.ts';
import { seededRandom } from '../../src/core/random.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import type { PairStatistics } from '../../src/features/pair-statistics.ts';
import type { TrainingSet } from '../../src/training/options.ts';
import { plainStatistics } from './golden.ts';

export const STAGES = [
  { name: 'early', channels: 4, height: 2, width: 2 },
  { name: 'late', channels: 6, height: 1, width: 1 },
];

/** Statistics of images with random features, some of them 0 as after a rectifier. */
export function drawnStatistics(nImages: number, seed = 0, prefix = 'image'): PairStatistics {
  const random = seededRandom(seed);
  const features = STAGES.map(({ channels, height, width }) =>
    Float64Array.from({ length: nImages * channels * height * width }, () => Math.max(0, random.normal() + 0.5)),
  );
  return plainStatistics(
    STAGES,
    features,
    Array.from({ length: nImages }, (_, k) => `${prefix}${k}.jpg`),
  );
}

/** The channels that the drawn subjects see: the late stage counts far more than the early one. */
export const TRUE_WEIGHTS = Float64Array.of(0.2, 0.1, 0.3, 0.2, 2, 1, 3, 2, 1, 2);

/** A data set whose subjects see TRUE_WEIGHTS' dissimilarities, each with noise of its own. */
export function drawnSet(
  statistics: PairStatistics,
  { name = 'EVC', imageSet = 'set', nSubjects = 4, noise = 0.1, seed = 1, slope = 1, offset = 0 } = {},
): TrainingSet {
  const random = seededRandom(seed);
  const truth = predictDissimilarities(statistics, TRUE_WEIGHTS);
  const values = Float64Array.from(
    { length: nSubjects * truth.length },
    (_, k) => slope * (truth[k % truth.length] + noise * random.normal()) + offset,
  );
  const targets = {
    nConditions: statistics.conditions.length,
    conditions: statistics.conditions,
    nSubjects,
    nTimes: 1,
    values,
  };
  return { name, imageSet, statistics, targets };
}

/** A data set whose dissimilarities are all the same number. */
export function constantSet(statistics: PairStatistics, value: number): TrainingSet {
  const set = drawnSet(statistics, { nSubjects: 1 });
  const values = new Float64Array(condensedLength(statistics.conditions.length)).fill(value);
  return { ...set, targets: { ...set.targets, values } };
}
