import { predictDissimilarities } from '../../encoder/predict.ts';
import type { PairStatistics } from '../../features/pair-statistics.ts';
import { layOutStages } from '../../features/stage-layout.ts';
import { statisticsOfStage } from '../../features/stage-statistics.ts';
import type { MadeRival, RivalInput } from './rival-input.ts';

/** Dissimilarities of single stages, each computed when it is first asked for. */
export type StageRdms = (statistics: PairStatistics, stage: number) => Float64Array;

/** @throws (when asked) UsageError naming an image whose features are constant */
export function stageRdms(): StageRdms {
  const known = new Map<PairStatistics, Float64Array[]>();
  return (statistics, stage) => {
    const ofThese = known.get(statistics) ?? [];
    known.set(statistics, ofThese);
    ofThese[stage] ??= unweighted(statisticsOfStage(statistics, stage));
    return ofThese[stage];
  };
}

/** One stage of the network alone. */
export async function stageRival({ tests }: RivalInput, stage: number, rdms: StageRdms): Promise<MadeRival> {
  const [{ statistics }] = tests;
  return {
    about: `1 - Pearson correlation of the features of ${statistics.stages[stage].name} alone, unweighted.`,
    predicted: tests.map((test) => rdms(test.statistics, stage)),
  };
}

/** All stages of the network as they are: what the encoder starts from where nothing is scaled. */
export async function unweightedRival({ tests }: RivalInput): Promise<MadeRival> {
  return {
    about: '1 - Pearson correlation of the features of all stages together, unweighted.',
    predicted: tests.map(({ statistics }) => unweighted(statistics)),
  };
}

function unweighted(statistics: PairStatistics): Float64Array {
  return predictDissimilarities(statistics, new Float64Array(layOutStages(statistics.stages).nChannels).fill(1));
}
