import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channelWeights } from '../../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { stageShares } from '../../src/encoder/tuning.ts';
import { nodeEnvironment } from '../../src/node.ts';
import { makeRdm } from '../../src/rdm/rdm.ts';
import { scoreRdm } from '../../src/rdm/score.ts';
import { trainingOptions } from '../../src/study/encoder-fit.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { checkStudy } from '../../src/study/settings/study-file.ts';
import { trainingSets } from '../../src/study/training-sets.ts';
import { fitMask } from '../../src/training/fit.ts';
import type { TrainingOptions } from '../../src/training/options.ts';

const folder = process.env['HYPERCOLUMN_DATA']!;
const data = join(folder, 'data', 'algonauts2019');
const TARGETS = [
  { name: 'EVC', file: 'target_fmri.mat', variable: 'EVC_RDMs' },
  { name: 'IT', file: 'target_fmri.mat', variable: 'IT_RDMs' },
  { name: 'MEG early', file: 'meg_early_tavg.npy' },
  { name: 'MEG late', file: 'meg_late_tavg.npy' },
];

const study = checkStudy({
  backbone: {
    architecture: 'resnet50',
    weights: join(folder, 'weights', 'resnet50.safetensors'),
    stages: 5,
    preprocess: 'squash',
  },
  data: ['92', '118'].flatMap((images) =>
    TARGETS.map(({ name, file, variable }) => ({
      name: `${name} ${images}`,
      images: join(data, images, 'images'),
      rdms: join(data, images, file),
      ...(variable !== undefined && { variable }),
    })),
  ),
});
const environment = await nodeEnvironment();
const origin = await openFeatureOrigin(study.backbone, environment);
const sets = await trainingSets(study, origin, environment);
await origin.release();

/** Mean over the four targets, fitted on one image set and tested on the other, both ways, of the mean rho with the 15 subjects. */
async function transfer(options: TrainingOptions): Promise<number> {
  let sum = 0;
  for (const [k, set] of sets.entries()) {
    const other = sets[(k + TARGETS.length) % sets.length];
    const { encoder } = await fitMask([set], options);
    const predicted = predictDissimilarities(other.statistics, channelWeights(encoder));
    sum += scoreRdm(makeRdm(predicted, other.statistics.conditions), other.targets).rho;
  }
  return sum / sets.length;
}

describe('ResNet-50 fitted on one of the 2019 image sets and tested on the other', () => {
  it('reaches .150 in the plain setting', async () => {
    const rate = { mask: 0.01, readout: 0.01 };
    expect(await transfer({ mask: 'channel', scale: 'none', epochs: 15, learningRate: rate })).toBeGreaterThan(0.15);
  });

  it('reaches .185 with channels scaled on the training images', async () => {
    const rate = { mask: 0.003, readout: 0.01 };
    expect(await transfer({ mask: 'channel', scale: 'channel', epochs: 15, learningRate: rate })).toBeGreaterThan(
      0.185,
    );
  });

  it('reaches .195 in the default setting', async () => {
    expect(await transfer(trainingOptions(study))).toBeGreaterThan(0.195);
  });
});

describe('stage tuning of ResNet-50 fitted on both 2019 image sets at once, one mask value a channel', () => {
  /** Shares of the variance of an encoder that was fitted on one target's RDMs of both image sets. */
  async function sharesOf(target: string): Promise<Record<string, number>> {
    const ofTarget = sets.filter(({ name }) => name === `${target} 92` || name === `${target} 118`);
    expect(ofTarget).toHaveLength(2);
    const { encoder } = await fitMask(ofTarget, { ...trainingOptions(study), mask: 'channel' });
    const shares = stageShares(
      encoder,
      ofTarget.map(({ statistics }) => statistics),
    );
    return Object.fromEntries(encoder.stages.map(({ name }, k) => [name, shares[k]]));
  }

  it('spreads EVC over the middle and the last stage, and gives IT mostly the last', async () => {
    const [evc, inferotemporal] = [await sharesOf('EVC'), await sharesOf('IT')];
    expect(evc['layer2']).toBeGreaterThan(0.29);
    expect(evc['layer2']).toBeLessThan(0.35);
    expect(evc['layer4']).toBeGreaterThan(0.39);
    expect(evc['layer4']).toBeLessThan(0.46);
    expect(inferotemporal['layer4']).toBeGreaterThan(0.62);
    expect(inferotemporal['layer4']).toBeLessThan(0.7);
  });
});
