// The main job: learn from images and subjects' RDMs, predict the RDM of images that were not learnt from, score that beside rivals, and show it.
// The folder is one as `hypercolumn demo` makes: training/ and test/, each with images/ and rdms.npz.
import { checkStudy, runStudy, writeReport, writeRun } from 'hypercolumn';
import { nodeEnvironment } from 'hypercolumn/node';

const folder = process.argv[2] ?? 'hypercolumn-demo';
const environment = await nodeEnvironment({ onNotice: console.error });
const dataSet = (part: string) => ({ images: `${folder}/${part}/images`, rdms: `${folder}/${part}/rdms.npz` });
const study = checkStudy({
  backbone: { architecture: 'gabor', preprocess: 'squash' },
  data: [dataSet('training')],
  test: [dataSet('test')],
  training: { epochs: 60, learningRate: 0.01 },
});
const run = await runStudy(study, environment);
await writeRun(`${folder}/run`, run, environment);
export const { page } = await writeReport([`${folder}/run`], environment);
export const [{ sheet }] = run.scoring.scored;
for (const { name, rho, estimate } of sheet.models) {
  console.log(
    `${name}: rho ${rho.toFixed(3)}, 95 % interval ${estimate?.interval.map((bound) => bound.toFixed(3)).join(' to ')}`,
  );
}
console.log(`see ${page}`);
