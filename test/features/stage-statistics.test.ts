import { expect, it } from 'vitest';
import { type PairStatistics, pairStatistics } from '../../src/features/pair-statistics.ts';
import { statisticsOfStage } from '../../src/features/stage-statistics.ts';
import { drawnImages, streamOf } from './streams.ts';

const STAGES = [
  { name: 'a', channels: 3, height: 2, width: 3 },
  { name: 'b', channels: 2, height: 2, width: 2 },
  { name: 'c', channels: 4, height: 1, width: 1 },
];

it.each([
  ['float32', 0],
  ['float32', 1],
  ['float64', 2],
] as const)(
  'statistics of one stage are those of a network that has no other: %s, stage %i',
  async (precision, stage) => {
    const images = drawnImages(STAGES, 4);
    const whole = await pairStatistics(streamOf(STAGES, images), { precision });
    const alone = await pairStatistics(
      streamOf(
        [STAGES[stage]],
        images.map((stages) => [stages[stage]]),
      ),
      { precision },
    );
    const plain = (statistics: PairStatistics) => ({
      ...statistics,
      products: [...statistics.products],
      energies: [...statistics.energies],
      sums: [...statistics.sums],
    });
    expect(plain(statisticsOfStage(whole, stage))).toEqual(plain(alone));
  },
);
