import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeEnvironment } from '../../../src/node.ts';
import { trainingOptions } from '../../../src/study/encoder-fit.ts';
import { openFeatureOrigin } from '../../../src/study/features.ts';
import { checkStudy } from '../../../src/study/settings/study-file.ts';
import { trainingSets } from '../../../src/study/training-sets.ts';
import { testRegions } from '../../../src/study/tuning/regions.ts';

const folder = process.env['HYPERCOLUMN_DATA']!;
const data = join(folder, 'data', 'algonauts2019');
const SETS = ['92', '118'];

it('EVC has more of layer2 and IT more of layer4, by more than when the two are exchanged in some subjects', async () => {
  const study = checkStudy({
    backbone: {
      architecture: 'resnet50',
      weights: join(folder, 'weights', 'resnet50.safetensors'),
      stages: 5,
      preprocess: 'squash',
    },
    encoder: { mask: 'channel' },
    data: ['EVC', 'IT'].flatMap((region) =>
      SETS.map((images) => ({
        name: `${region} ${images}`,
        images: join(data, images, 'images'),
        rdms: join(data, images, 'target_fmri.mat'),
        variable: `${region}_RDMs`,
      })),
    ),
  });
  const environment = await nodeEnvironment();
  const origin = await openFeatureOrigin(study.backbone, environment);
  const sets = await trainingSets(study, origin, environment);
  await origin.release();
  const pairs = SETS.map((_, k) => ({ a: sets[k], b: sets[SETS.length + k] }));
  const { runTasks } = environment;
  const { stages, overall } = await testRegions(pairs, { options: trainingOptions(study), nSwaps: 3, runTasks });
  const [, , layer2, , layer4] = stages;
  expect(layer2.difference).toBeGreaterThan(0.2);
  expect(layer2.difference).toBeLessThan(0.27);
  expect(layer4.difference).toBeGreaterThan(-0.28);
  expect(layer4.difference).toBeLessThan(-0.2);
  for (const { p } of [layer2, layer4, overall]) expect(p).toBe(1 / 4);
});
