// Before a study: could it find what it looks for? Subjects are simulated who see these images through a known mask over the stages of a
// network, with the noise of earlier data; then the fit is asked for that mask, and for more than chance on images it has not seen.
import {
  engineChannelProducts,
  type FitEncoder,
  fitMask,
  imageFeatures,
  noiseForCeiling,
  openBackbone,
  pairStatistics,
  recoverShares,
  simulatedPower,
  simulateStudy,
} from 'hypercolumn';
import { listImages, nodeEnvironment } from 'hypercolumn/node';

const [folder = 'hypercolumn-demo/training/images', nRepeats = '20'] = process.argv.slice(2);
const environment = await nodeEnvironment();
const backbone = await openBackbone({ architecture: 'gabor' }, environment);
const { products, release } = await engineChannelProducts(environment.engine);
const statistics = await pairStatistics(await imageFeatures(backbone, await listImages(folder)), { products });
await Promise.all([release(), backbone.release()]);

const noise = noiseForCeiling(0.4, { nSubjects: 15 }); // a lower noise ceiling of rho = 0.4
const simulate = (seed: number) =>
  simulateStudy(statistics, { mask: [0.2, 0.2, 1, 0.3, 0.2], nSubjects: 15, noise, seed });
const fit: FitEncoder = async ({ statistics, targets, trainingImages, seed }) => {
  const set = { name: 'simulated', imageSet: 'simulated', statistics, targets, trainingImages };
  return (await fitMask([set], { epochs: 60, learningRate: { mask: 0.01, readout: 0.01 }, seed })).encoder;
};
export const recovery = await recoverShares(simulate(0), fit, { nPermutations: 19 });
export const { power } = await simulatedPower(simulate, fit, { nRepeats: Number(nRepeats), nPermutations: 19 });
for (const { stage, trueShare, share } of recovery.stages) console.log(stage, trueShare.toFixed(2), share.toFixed(2));
console.log(`power at alpha 0.05: ${power}`);
