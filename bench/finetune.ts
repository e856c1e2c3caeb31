// Fine-tuning on the transfer benchmark: fitted on one image set and tested on the other, mean signed Spearman rho with the 15 subjects.
// Run: HYPERCOLUMN_DATA=DIR npm run bench:finetune -- [--rows "MEG early 92,EVC 118"] [--seeds 0,1] [--inside 0] SETTING ...
// With --inside FOLD nothing is tested on the other set: that fifth of the fitted set's own images is left out of the fit, and the pairs of a
// left-out image with any other are scored. By this the settings were chosen. Appends a line of JSON for each fit to --log FILE.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { predictStream } from '../src/encoder/predict-stream.ts';
import { nodeEnvironment } from '../src/node.ts';
import { makeRdm } from '../src/rdm/rdm.ts';
import { scoreRdm } from '../src/rdm/score.ts';
import { alignedTable, formatNumber } from '../src/report/table.ts';
import { openFeatureOrigin } from '../src/study/features.ts';
import { withFitInput } from '../src/study/fit-input.ts';
import { fitSeeds } from '../src/study/seed-fits.ts';
import { readStudyImages } from '../src/study/study-images.ts';
import { algonautsStudy, IMAGE_SETS, type ImageSet, TARGETS } from './algonauts.ts';
import { neighbours, rhoOfPairsWith } from './left-out.ts';

type Settings = { readonly encoder?: object; readonly training?: object };

const all = (backbone: number, training: object = {}): Settings => ({
  encoder: { train: 'all' },
  training: { epochs: 5, learningRate: { mask: 0.003, readout: 0.01, backbone }, ...training },
});
const from = (trainFrom: string, { encoder, training }: Settings): Settings => ({
  encoder: { ...encoder, trainFrom },
  ...(training !== undefined && { training }),
});

/** Half as many images meet the network for as many pairs as with cliques of 12. */
const LARGE_CLIQUES = { cliqueSize: 24 };

/** What is compared; `mask` is what a study without settings gets. */
const SETTINGS: Record<string, Settings> = {
  mask: {},
  'layer4, 1e-6': from('layer4', all(1e-6)),
  'layer4, 1e-5': from('layer4', all(1e-5)),
  'layer4, 1e-5, cliques of 24': from('layer4', all(1e-5, LARGE_CLIQUES)),
  'layer4, 1e-4': from('layer4', all(1e-4)),
  'all, 1e-5': all(1e-5, LARGE_CLIQUES),
  'all, 1e-4': all(1e-4, LARGE_CLIQUES),
  'all, 1e-5, crops': all(1e-5, { ...LARGE_CLIQUES, crop: 'random' }),
};

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: TARGETS.flatMap(({ name }) => IMAGE_SETS.map((set) => `${name} ${set}`)).join() },
    seeds: { type: 'string', default: '0' },
    inside: { type: 'string' },
    log: { type: 'string' },
  },
});
const environment = await nodeEnvironment({
  onProgress: ({ phase, done, total, detail }) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${phase} ${done}/${total} ${detail ?? ''}\u001b[K`);
  },
});
const names = positionals.length === 0 ? Object.keys(SETTINGS) : positionals;
const table: string[][] = [['fitted on', ...names]];
for (const row of given.rows.split(',')) {
  const target = TARGETS.find(({ name }) => row.startsWith(name))!;
  const images = row.slice(target.name.length + 1) as ImageSet;
  const cells: string[] = [];
  for (const name of names) {
    const rhos: number[] = [];
    for (const seed of given.seeds.split(',').map(Number)) rhos.push(await rhoOf(target, images, name, seed));
    const mean = rhos.reduce((sum, rho) => sum + rho, 0) / rhos.length;
    const spread = rhos.length > 1 ? ` (${formatNumber(Math.min(...rhos))} to ${formatNumber(Math.max(...rhos))})` : '';
    cells.push(formatNumber(mean) + spread);
  }
  table.push([row, ...cells]);
}
console.log(alignedTable(table));

/** A fit's rho: on the other image set, or with --inside on pairs of images that were held out. */
async function rhoOf(target: (typeof TARGETS)[number], images: ImageSet, name: string, seed: number): Promise<number> {
  const { encoder = {}, training = {} } = SETTINGS[name];
  const study = algonautsStudy([{ images, target }], { encoder, training: { ...training, seed } });
  const start = performance.now();
  const [rho, metrics] = await withFitInput(study, environment, async (input) => {
    if (given.inside !== undefined) {
      const [set] = input.sets;
      const n = set.targets.nConditions;
      const leftOut = neighbours(5)(n, Number(given.inside));
      const trainingImages = Array.from({ length: n }, (_, k) => k).filter((k) => !leftOut.includes(k));
      const [fit] = await fitSeeds({ ...input, sets: [{ ...set, trainingImages }] }, environment);
      return [rhoOfPairsWith(leftOut, fit.predicted[0], set.targets), fit.metrics] as const;
    }
    const [fit] = await fitSeeds(input, environment);
    const other = IMAGE_SETS.find((set) => set !== images)!;
    const [{ stimuli, targets }] = await readStudyImages(algonautsStudy([{ images: other, target }]).data, environment);
    const origin = await openFeatureOrigin(study.backbone, environment, { ...study.training, tuned: fit.tuned });
    try {
      const stream = await origin.streamOf(stimuli);
      const { dissimilarities } = await predictStream(stream, fit.encoder, environment);
      return [scoreRdm(makeRdm(dissimilarities, targets.conditions), targets).rho, fit.metrics] as const;
    } finally {
      await origin.release();
    }
  });
  const line = { row: `${target.name} ${images}`, name, seed, inside: given.inside ?? null, rho };
  const seconds = Math.round((performance.now() - start) / 1000);
  console.error(`${line.row}, ${name}, seed ${seed}: rho ${formatNumber(rho)}, ${seconds} s`);
  if (given.log !== undefined) appendFileSync(given.log, `${JSON.stringify({ ...line, seconds, metrics })}\n`);
  return rho;
}
