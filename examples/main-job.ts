// The main job: learn from images and subjects' RDMs, predict the RDM of new images, score it. The folder is one as `hypercolumn demo`
// makes: training/ and test/, each with images/ and rdms.npz.
import { checkStudy, openFile, predictRdms, readRdmStack, runStudy, scoreRdm, writeRun } from 'hypercolumn';
import { nodeEnvironment, openFileSource } from 'hypercolumn/node';

const folder = process.argv[2] ?? 'hypercolumn-demo';
const environment = await nodeEnvironment({ onNotice: console.error });
const study = checkStudy({
  backbone: { architecture: 'gabor', preprocess: 'squash' },
  data: [{ images: `${folder}/training/images`, rdms: `${folder}/training/rdms.npz`, variable: 'simulated' }],
  training: { epochs: 60, learningRate: 0.01 },
});
await writeRun(`${folder}/run`, await runStudy(study, environment), environment);
const { simulated } = await predictRdms([`${folder}/run`], { images: `${folder}/test/images` }, environment);
const file = await openFileSource(`${folder}/test/rdms.npz`);
const target = await readRdmStack(await openFile(file), { path: file.name });
export const score = scoreRdm(simulated, target);
console.log(`rho ${score.rho.toFixed(3)} +- ${score.rhoStandardError.toFixed(3)} over ${target.nSubjects} subjects`);
await file.close();
