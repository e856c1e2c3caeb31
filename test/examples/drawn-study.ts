import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  drawStimuli,
  imageFeatures,
  openBackbone,
  pairStatistics,
  type SimulatedStudy,
  saveRdmStack,
  simulateStudy,
  subsetStack,
} from 'hypercolumn';
import { encodePng, nodeEnvironment } from 'hypercolumn/node';

/** Writes a few small drawn images and simulated subjects' RDMs of them in the layout of the demo's folder. */
export async function writeDrawnStudy(folder: string): Promise<SimulatedStudy> {
  const environment = await nodeEnvironment({ cache: join(folder, 'cache') });
  const stimuli = drawStimuli({ nImages: 30, size: 48 });
  const backbone = await openBackbone({ architecture: 'gabor', size: 64 }, environment);
  const statistics = await pairStatistics(await imageFeatures(backbone, stimuli, { fit: 'squash' }));
  await backbone.release();
  const noise = { measurement: 0.5, individual: 0 };
  const study = simulateStudy(statistics, { mask: [0.2, 0.2, 1, 0.3, 0.2], nSubjects: 5, noise });
  for (const [part, rows] of [
    ['training', study.trainingImages],
    ['test', study.testImages],
  ] as const) {
    mkdirSync(join(folder, part, 'images'), { recursive: true });
    for (const row of rows) {
      writeFileSync(join(folder, part, 'images', stimuli[row].name), await encodePng(await stimuli[row].decode()));
    }
    await saveRdmStack(join(folder, part, 'rdms.npz'), 'simulated', subsetStack(study.targets, rows), environment);
  }
  return study;
}
