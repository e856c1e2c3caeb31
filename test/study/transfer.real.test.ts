import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channelWeights } from '../../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { nodeEnvironment } from '../../src/node.ts';
import { makeRdm } from '../../src/rdm/rdm.ts';
import { scoreRdm } from '../../src/rdm/score.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { checkStudy } from '../../src/study/study-file.ts';
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
});
