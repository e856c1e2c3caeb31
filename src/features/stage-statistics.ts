import type { PairStatistics } from './pair-statistics.ts';
import { layOutStages, type StagePlace } from './stage-layout.ts';

/**
 * The statistics as if the network had one stage alone: predictions from them are Pearson's correlation over that stage's features, which
 * weights of 0 for all others would not give.
 * @param stage position of the stage among `statistics.stages`
 */
export function statisticsOfStage(statistics: PairStatistics, stage: number): PairStatistics {
  const { conditions, stages, products, energies, sums } = statistics;
  const { places, nChannels } = layOutStages(stages);
  const place = places[stage];
  return {
    conditions,
    stages: [place.stage],
    products: columnsOf(products, nChannels, place),
    energies: columnsOf(energies, nChannels, place),
    sums: columnsOf(sums, nChannels, place),
  };
}

function columnsOf<Rows extends Float32Array | Float64Array>(
  rows: Rows,
  nChannels: number,
  { stage, firstChannel }: StagePlace,
): Rows {
  const nRows = rows.length / nChannels;
  const NumberArray = rows.constructor as new (length: number) => Rows;
  const columns = new NumberArray(nRows * stage.channels);
  for (let row = 0; row < nRows; row++) {
    const from = row * nChannels + firstChannel;
    columns.set(rows.subarray(from, from + stage.channels), row * stage.channels);
  }
  return columns;
}
