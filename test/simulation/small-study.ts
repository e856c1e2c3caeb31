import { seededRandom } from '../../src/core/random.ts';
import { type PairStatistics, pairStatistics } from '../../src/features/pair-statistics.ts';

export const STAGES = [
  { name: 'fine', channels: 6, height: 4, width: 4 },
  { name: 'middle', channels: 6, height: 3, width: 3 },
  { name: 'coarse', channels: 6, height: 2, width: 2 },
];

/** Features in which each stage says something of its own; for each image and stage channels x height x width. */
export function drawFeatures(nImages: number, seed = 0): Float32Array[][] {
  const random = seededRandom(seed);
  return Array.from({ length: nImages }, () =>
    STAGES.map(({ channels, height, width }) =>
      Float32Array.from({ length: channels * height * width }, () => Math.abs(random.normal())),
    ),
  );
}

export function statisticsOf(features: Float32Array[][]): Promise<PairStatistics> {
  const conditions = features.map((_, k) => `image_${k + 1}.png`);
  const read = async function* () {
    yield* features;
  };
  return pairStatistics({ conditions, stages: STAGES, key: 'small', read }, { precision: 'float64' });
}
