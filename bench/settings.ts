// How the default settings were chosen: cross-validation by image inside each of the two image sets, never across them, so that the transfer
// benchmark stays unseen. Mean over folds of the signed Spearman rho, three ways:
// - shuffled: folds of random images, scored on pairs of left-out images. Left-out images are like those that were learnt from.
// - blocks: folds of neighbours in the set's order, which goes by category, scored on pairs of a left-out image with any other. What is left
//   out is unlike what was learnt from, as a new image set is.
// - halves: learnt from the first or second half in the set's order, for as many steps as the whole set gives, and scored on pairs of the other
//   half's images: the closest to another image set that one set allows.
// Run: HYPERCOLUMN_DATA=DIR npm run bench:settings -- shuffled|blocks|halves [NAME ...]
import { seededRandom } from '../src/core/random.ts';
import { channelWeights } from '../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../src/encoder/predict.ts';
import { nodeEnvironment } from '../src/node.ts';
import { alignedTable, formatNumber } from '../src/report/table.ts';
import { trainingOptions } from '../src/study/encoder-fit.ts';
import { openFeatureOrigin } from '../src/study/features.ts';
import { scoreImages } from '../src/study/set-summary.ts';
import { trainingSets } from '../src/study/training-sets.ts';
import { fitMask } from '../src/training/fit.ts';
import type { TrainingSet } from '../src/training/options.ts';
import { algonautsStudy, IMAGE_SETS, TARGETS } from './algonauts.ts';
import { neighbours, rhoOfPairsWith } from './left-out.ts';

const rates = (mask: number) => ({ learningRate: { mask, readout: 0.01 } });

/** What is compared; each differs from what the paper's plain setting or the best so far has in one thing or two. */
const CANDIDATES: Record<string, { encoder?: object; training?: object }> = {
  plain: { encoder: { mask: 'channel', scale: 'none' }, training: { epochs: 15, learningRate: 0.01 } },
  scaled: { encoder: { mask: 'channel' }, training: { epochs: 15, ...rates(0.003) } },
  'scaled, rate .006': { encoder: { mask: 'channel' }, training: { epochs: 15, ...rates(0.006) } },
  split: { encoder: { mask: 'split' }, training: { epochs: 15, ...rates(0.003) } },
  'split, rate .006': { encoder: { mask: 'split' }, training: { epochs: 15, ...rates(0.006) } },
  'split, rate .01': { encoder: { mask: 'split' }, training: { epochs: 15, ...rates(0.01) } },
  'split, 30 epochs': { encoder: { mask: 'split' }, training: { epochs: 30, ...rates(0.003) } },
  'split, rate .006, mse': { encoder: { mask: 'split' }, training: { epochs: 15, loss: 'mse', ...rates(0.006) } },
  'split, rate .006, no reliability weights': {
    encoder: { mask: 'split' },
    training: { epochs: 15, reliability: 'none', ...rates(0.006) },
  },
  'split, not scaled': { encoder: { mask: 'split', scale: 'none' }, training: { epochs: 15, learningRate: 0.01 } },
};

const environment = await nodeEnvironment();
const entries = IMAGE_SETS.flatMap((images) => TARGETS.map((target) => ({ images, target })));
const study = algonautsStudy(entries);
const origin = await openFeatureOrigin(study.backbone, environment);
const sets = await trainingSets(study, origin, environment);
await origin.release();

/** How images are left out, and which pairs the fold is scored on. */
interface Scheme {
  readonly nFolds: number;
  /** Makes up for the pairs that are missing, so that a fit takes as many steps as one of the whole set. */
  readonly epochsFactor: number;
  leaveOut(n: number, fold: number): number[];
  score(...of: Scored): number;
}

const onNewPairs = (...[predicted, { targets }, leftOut]: Scored) => scoreImages(predicted, targets, leftOut).rho;

const SCHEMES: Record<string, Scheme> = {
  shuffled: {
    nFolds: 5,
    epochsFactor: 1,
    leaveOut: (n, fold) => [...seededRandom(0).derive('folds').permutation(n)].filter((_, k) => k % 5 === fold),
    score: onNewPairs,
  },
  blocks: {
    nFolds: 5,
    epochsFactor: 1,
    leaveOut: neighbours(5),
    score: (predicted, { targets }, leftOut) => rhoOfPairsWith(leftOut, predicted, targets),
  },
  halves: { nFolds: 2, epochsFactor: 4, leaveOut: neighbours(2), score: onNewPairs },
};
type Scored = [predicted: Float64Array, set: TrainingSet, leftOut: readonly number[]];

const [schemeName = 'blocks', ...asked] = process.argv.slice(2);
const scheme = SCHEMES[schemeName];
const rows: string[][] = [];
for (const [name, settings] of Object.entries(CANDIDATES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const asSet = trainingOptions(algonautsStudy([entries[0]], settings));
  const options = { ...asSet, epochs: asSet.epochs! * scheme.epochsFactor };
  const rho: number[] = [];
  for (const set of sets) {
    const n = set.targets.nConditions;
    let sum = 0;
    for (let fold = 0; fold < scheme.nFolds; fold++) {
      const leftOut = scheme.leaveOut(n, fold);
      const trainingImages = Array.from({ length: n }, (_, k) => k).filter((k) => !leftOut.includes(k));
      const { encoder } = await fitMask([{ ...set, trainingImages }], options);
      sum += scheme.score(predictDissimilarities(set.statistics, channelWeights(encoder)), set, leftOut);
    }
    rho.push(sum / scheme.nFolds);
  }
  rows.push([
    name,
    ...[...rho, rho.reduce((sum, value) => sum + value, 0) / rho.length].map((value) => formatNumber(value)),
  ]);
  console.error(rows.at(-1)!.join('  '));
}
console.log(alignedTable([['setting', ...sets.map((set) => set.name), 'mean of 8'], ...rows]));
