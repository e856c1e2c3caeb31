// The transfer benchmark: each target fitted on one image set and tested on the other, both ways. Mean signed Spearman rho with the 15
// subjects; MEG on time-averaged RDMs. Run: HYPERCOLUMN_DATA=DIR npm run bench:transfer [-- SETTING ...]
import { channelWeights, untrainedEncoder } from '../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../src/encoder/predict.ts';
import type { ChannelWeights } from '../src/features/channel-weights.ts';
import { statisticsOfStage } from '../src/features/stage-statistics.ts';
import { nodeEnvironment } from '../src/node.ts';
import { noiseCeiling } from '../src/rdm/ceiling.ts';
import { makeRdm } from '../src/rdm/rdm.ts';
import { scoreRdm } from '../src/rdm/score.ts';
import { alignedTable, formatNumber } from '../src/report/table.ts';
import { trainingOptions } from '../src/study/encoder-fit.ts';
import { openFeatureOrigin } from '../src/study/features.ts';
import { trainingSets } from '../src/study/training-sets.ts';
import { fitMask } from '../src/training/fit.ts';
import type { TrainingOptions, TrainingSet } from '../src/training/options.ts';
import { algonautsStudy, IMAGE_SETS, TARGETS } from './algonauts.ts';

const SEEDS = [0, 1, 2];

/** What is compared; `default` is what a study without settings gets. */
const SETTINGS: Record<string, object> = {
  default: {},
  'split, not scaled': { encoder: { mask: 'split', scale: 'none' }, training: { epochs: 15, learningRate: 0.01 } },
  plain: { encoder: { mask: 'channel', scale: 'none' }, training: { epochs: 15, learningRate: 0.01 } },
  scaled: {
    encoder: { mask: 'channel', scale: 'channel' },
    training: { epochs: 15, learningRate: { mask: 0.003, readout: 0.01 } },
  },
};

const environment = await nodeEnvironment();
const study = algonautsStudy(IMAGE_SETS.flatMap((images) => TARGETS.map((target) => ({ images, target }))));
const origin = await openFeatureOrigin(study.backbone, environment);
const sets = await trainingSets(study, origin, environment);
await origin.release();
const setOf = (target: string, images: string) => sets.find(({ name }) => name === `${target} ${images}`)!;

const rows = TARGETS.flatMap(({ name }) =>
  IMAGE_SETS.map((from) => ({ name, from, to: from === '92' ? '118' : '92' }) as const),
);
const score = (test: TrainingSet, weights: ChannelWeights) =>
  scoreRdm(makeRdm(predictDissimilarities(test.statistics, weights), test.statistics.conditions), test.targets).rho;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const asked = process.argv.slice(2);
const columns: { name: string; rho: number[] }[] = [];
for (const [name, settings] of Object.entries(SETTINGS).filter(
  ([each]) => asked.length === 0 || asked.includes(each),
)) {
  const bySeed: number[][] = [];
  for (const seed of SEEDS) {
    const options: TrainingOptions = {
      ...trainingOptions(algonautsStudy([{ images: '92', target: TARGETS[0] }], settings)),
      seed,
    };
    const rho: number[] = [];
    for (const row of rows) {
      const { encoder } = await fitMask([setOf(row.name, row.from)], options);
      rho.push(score(setOf(row.name, row.to), channelWeights(encoder)));
    }
    bySeed.push(rho);
  }
  console.error(`${name}: mean of 8 by seed ${bySeed.map((rho) => mean(rho).toFixed(4)).join(', ')}`);
  columns.push({ name, rho: rows.map((_, k) => mean(bySeed.map((rho) => rho[k]))) });
}

const [{ statistics }] = sets;
columns.push({
  name: 'all stages, unweighted',
  rho: rows.map(({ name, to }) =>
    score(setOf(name, to), channelWeights(untrainedEncoder(statistics.stages, 'channel'))),
  ),
});
const singles = statistics.stages.map((stage, k) => ({
  name: stage.name,
  rho: rows.map(({ name, to }) => {
    const set = setOf(name, to);
    const test = { ...set, statistics: statisticsOfStage(set.statistics, k) };
    return score(test, channelWeights(untrainedEncoder(test.statistics.stages, 'channel')));
  }),
}));
const best = singles.reduce((a, b) => (mean(b.rho) > mean(a.rho) ? b : a));
columns.push({ name: `best single stage in hindsight (${best.name})`, rho: best.rho });

const ceilings = rows.map(({ name, to }) => noiseCeiling(setOf(name, to).targets));
console.log(
  alignedTable([
    ['fitted -> tested', ...columns.map(({ name }) => name), 'ceiling lower', 'upper'],
    ...rows.map(({ name, from, to }, k) => [
      `${name} ${from} -> ${to}`,
      ...columns.map(({ rho }) => formatNumber(rho[k])),
      formatNumber(ceilings[k].lower.rho),
      formatNumber(ceilings[k].upper.rho),
    ]),
    [
      'mean of 8',
      ...columns.map(({ rho }) => formatNumber(mean(rho))),
      formatNumber(mean(ceilings.map(({ lower }) => lower.rho))),
      formatNumber(mean(ceilings.map(({ upper }) => upper.rho))),
    ],
  ]),
);
