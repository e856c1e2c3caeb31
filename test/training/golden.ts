import { readFileSync } from 'node:fs';
import { condensedLength } from '../../src/core/condensed.ts';
import type { Encoder, PairResolution } from '../../src/encoder/encoder.ts';
import type { PairStatistics } from '../../src/features/pair-statistics.ts';
import type { LossName } from '../../src/training/losses.ts';
import type { TrainingSet } from '../../src/training/options.ts';

type Stages = PairStatistics['stages'];

interface Parameters {
  readonly mask: number[];
  readonly alpha: number[];
  readonly b: number[];
}

/** Values computed by torch, numpy and scipy: test/golden/training. */
export interface TrainingGolden {
  readonly stages: Stages;
  readonly images: Record<string, { readonly features: number[][]; readonly n: number }>;
  readonly sets: { name: string; imageSet: string; nSubjects: number; values: number[][]; weights: number[] }[];
  readonly scales: Record<PairResolution, number[]>;
  readonly masks: Record<PairResolution, number[]>;
  readonly alpha: number[];
  readonly b: number[];
  readonly batches: number[][];
  readonly losses: { resolution: PairResolution; loss: LossName; value: number; gradient: Parameters }[];
  readonly adam: { resolution: PairResolution; loss: LossName; rates: number[]; after: Parameters }[];
  readonly dissimilarities: Record<PairResolution, Record<string, number[]>>;
  readonly stageShares: Record<PairResolution, number[]>;
  readonly signedMeanMasks: { mean: number; ci95: [number, number] }[];
  readonly reliability: { alpha: number; beta: number; weights: number[] }[];
  readonly studentT975: { degrees: number; t: number }[];
}

export const golden: TrainingGolden = JSON.parse(
  readFileSync(new URL('../golden/training/expected.json', import.meta.url), 'utf8'),
);

/**
 * Pair statistics by their definition, in float64.
 * @param features for each stage n x channels x height x width
 */
export function plainStatistics(
  stages: Stages,
  features: readonly ArrayLike<number>[],
  conditions: readonly string[],
): PairStatistics {
  const n = conditions.length;
  const nChannels = stages.reduce((sum, stage) => sum + stage.channels, 0);
  const products = new Float64Array(condensedLength(n) * nChannels);
  const energies = new Float64Array(n * nChannels);
  const sums = new Float64Array(n * nChannels);
  let first = 0;
  for (const [s, { channels, height, width }] of stages.entries()) {
    const positions = height * width;
    const mean = (image: number, c: number) =>
      Array.from({ length: positions }, (_, x) => at(image, c, x)).reduce((a, b) => a + b, 0) / positions;
    const at = (image: number, c: number, x: number) => features[s][(image * channels + c) * positions + x];
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < positions; x++) {
        for (let i = 0, pair = 0; i < n; i++) {
          energies[i * nChannels + first + c] += at(i, c, x) ** 2;
          sums[i * nChannels + first + c] += at(i, c, x);
          for (let j = i + 1; j < n; j++, pair++) {
            const [a, b] = [at(i, c, x) - mean(i, c), at(j, c, x) - mean(j, c)];
            products[pair * nChannels + first + c] += a * b;
          }
        }
      }
    }
    first += channels;
  }
  return { conditions, stages, products, energies, sums };
}

/** Statistics of the golden features of an image set. */
export function goldenStatistics(imageSet: string): PairStatistics {
  const { features, n } = golden.images[imageSet];
  return plainStatistics(
    golden.stages,
    features,
    Array.from({ length: n }, (_, k) => `${imageSet}${k}`),
  );
}

/** The golden data sets as a fit takes them. */
export function goldenSets(): TrainingSet[] {
  const statistics = new Map(Object.keys(golden.images).map((name) => [name, goldenStatistics(name)]));
  return golden.sets.map(({ name, imageSet, nSubjects, values }) => {
    const { n } = golden.images[imageSet];
    const bySubject = Array.from({ length: nSubjects }, (_, s) => values.map((pair) => pair[s])).flat();
    const targets = { nConditions: n, conditions: null, nSubjects, nTimes: 1, values: Float64Array.from(bySubject) };
    return { name, imageSet, statistics: statistics.get(imageSet)!, targets };
  });
}

/** The golden encoder of a mask resolution. */
export function encoderOf(maskResolution: PairResolution): Encoder {
  return {
    stages: golden.stages,
    maskResolution,
    mask: Float64Array.from(golden.masks[maskResolution]),
    scale: Float64Array.from(golden.scales[maskResolution]),
    readouts: [],
  };
}
