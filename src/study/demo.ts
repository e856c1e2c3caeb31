import { channelWeights, untrainedEncoder } from '../encoder/channel-weights.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { predictDissimilarities } from '../encoder/predict.ts';
import { engineChannelProducts } from '../features/channel-products.ts';
import { pairStatistics } from '../features/pair-statistics.ts';
import { type NoiseCeiling, noiseCeiling } from '../rdm/ceiling.ts';
import { makeRdm, subsetRdm, subsetStack } from '../rdm/rdm.ts';
import { scoreRdm } from '../rdm/score.ts';
import { type SimulatedStudy, simulateStudy } from '../simulation/simulated-study.ts';
import { drawStimuli } from '../simulation/stimuli.ts';
import { type Environment, writeText } from './environment.ts';
import { openFeatureOrigin } from './features.ts';
import { predictRdms } from './predict.ts';
import { saveRdmStack, saveRdms } from './rdms/save-rdms.ts';
import { runStudy, type StudyRun } from './run.ts';
import { writeRun } from './runs/run-folder.ts';
import { resolvePaths } from './settings/paths.ts';
import { parseStudy } from './settings/study-file.ts';

/** Where the demo puts what; all in its folder, and its page in that of the run. */
export const DEMO_FILES = {
  note: 'SIMULATION.txt',
  study: 'study.yaml',
  trainingImages: 'training/images',
  trainingRdms: 'training/rdms.npz',
  testImages: 'test/images',
  testRdms: 'test/rdms.npz',
  labels: 'labels.csv',
  run: 'run',
  predicted: 'predicted.npz',
} as const;

/** What the demo's folder may hold; it is known by its note, since a user's own project may well have the other names. */
const DEMO_CONTENTS = [...new Set(Object.values(DEMO_FILES).map((file) => file.replace(/\/.*$/, '')))];

const NOTE = `Made by hypercolumn demo, which replaces this folder when it runs again.
The images are drawn and the RDMs are simulated: of subjects that never lived.
`;

/** Everything that fixes the demo's simulation. */
export interface DemoOptions {
  readonly nImages?: number;
  readonly nSubjects?: number;
  readonly nPermutations?: number;
  readonly seed?: number;
}

/** What came of the demo, with the truth beside it. */
export interface DemoResult {
  readonly folder: string;
  readonly nTrainingImages: number;
  readonly nTestImages: number;
  readonly nSubjects: number;
  readonly noise: SimulatedStudy['noise'];
  readonly run: StudyRun;
  /** Each stage's share of the embedding's variance in the encoder that the subjects were made with. */
  readonly trueShares: readonly number[];
  /** Mean signed Spearman rho with the simulated subjects on the test images. */
  readonly rho: { readonly fitted: number; readonly untrained: number; readonly truth: number };
  readonly ceiling: NoiseCeiling;
}

/** The true mask: one value a stage of the Gabor bank. */
const TRUE_MASK = [0.2, 0.2, 1, 0.3, 0.2];

/** The study file of the demo, as a user would write it. */
const STUDY = `# A simulated study: the RDMs are of subjects that never lived.
backbone: { architecture: gabor, preprocess: squash }
encoder:  { mask: channel }
data:   # to learn from
  - { images: ${DEMO_FILES.trainingImages}, rdms: ${DEMO_FILES.trainingRdms}, variable: simulated, name: simulated subjects, labels: ${DEMO_FILES.labels} }
test:   # never learnt from: the fit is scored on it
  - { images: ${DEMO_FILES.testImages}, rdms: ${DEMO_FILES.testRdms}, variable: simulated, name: simulated subjects, labels: ${DEMO_FILES.labels} }
training: { epochs: 60, learningRate: 0.01 }   # few pairs, so more and larger steps than the defaults
`;

/**
 * The main job on data that need no download: draws stimuli, simulates subjects with a known truth, writes both as files, and then does what
 * a user would do with those files: fit, predict the images that were left out, score.
 * @param folder where the files go; an earlier demo is replaced
 */
export async function runDemo(
  folder: string,
  environment: Environment,
  { nImages = 72, nSubjects = 15, nPermutations = 20, seed = 0 }: DemoOptions = {},
): Promise<DemoResult> {
  await environment.checkReplaceable(folder, DEMO_CONTENTS);
  const stimuli = drawStimuli({ nImages, seed });
  const simulated = await simulate(stimuli, nSubjects, seed, environment);
  const { trainingImages, testImages, targets, truth, noise, statistics } = simulated;

  await environment.replaceFolder(folder, DEMO_CONTENTS, async (fresh) => {
    const path = (file: string) => environment.joinPath(fresh, file);
    const writePart = async (rows: readonly number[], imageFolder: string, rdms: string) => {
      for (const row of rows) {
        const png = await environment.encodePng(await stimuli[row].decode());
        await environment.writeFile(path(`${imageFolder}/${stimuli[row].name}`), (sink) => sink.write(0, png));
      }
      await saveRdmStack(path(rdms), 'simulated', subsetStack(targets, rows), environment);
    };
    await writePart(trainingImages, DEMO_FILES.trainingImages, DEMO_FILES.trainingRdms);
    await writePart(testImages, DEMO_FILES.testImages, DEMO_FILES.testRdms);
    await writeText(environment, path(DEMO_FILES.labels), labelsOf(stimuli));
    await writeText(environment, path(DEMO_FILES.study), STUDY);
    await writeText(environment, path(DEMO_FILES.note), NOTE);
  });

  const path = (file: string) => environment.joinPath(folder, file);
  const study = resolvePaths(parseStudy(STUDY, path(DEMO_FILES.study)), path);
  const run = await runStudy(study, environment, { nPermutations, stability: nPermutations > 0 });
  await writeRun(path(DEMO_FILES.run), run, environment);
  const predicted = await predictRdms([path(DEMO_FILES.run)], { images: path(DEMO_FILES.testImages) }, environment);
  await saveRdms(path(DEMO_FILES.predicted), predicted, environment);

  const testTargets = subsetStack(targets, testImages);
  const rhoOf = (encoder: Encoder) => {
    const all = makeRdm(predictDissimilarities(statistics, channelWeights(encoder)), statistics.conditions);
    return scoreRdm(subsetRdm(all, testImages), testTargets).rho;
  };
  return {
    folder,
    nTrainingImages: trainingImages.length,
    nTestImages: testImages.length,
    nSubjects,
    noise,
    run,
    trueShares: truth.shares,
    rho: {
      fitted: scoreRdm(Object.values(predicted)[0], testTargets).rho,
      untrained: rhoOf(untrainedEncoder(run.encoder.stages, run.encoder.maskResolution, run.encoder.scale)),
      truth: rhoOf(truth.encoder),
    },
    ceiling: noiseCeiling(testTargets),
  };
}

/** Each drawn image's category, which its name begins with. */
function labelsOf(stimuli: ReturnType<typeof drawStimuli>): string {
  return ['name,category', ...stimuli.map(({ name }) => `${name},${name.replace(/_.*$/, '')}`), ''].join('\n');
}

async function simulate(
  stimuli: ReturnType<typeof drawStimuli>,
  nSubjects: number,
  seed: number,
  environment: Environment,
): Promise<SimulatedStudy> {
  const origin = await openFeatureOrigin({ architecture: 'gabor', preprocess: 'squash', seed: 0 }, environment);
  const { products, release } = await engineChannelProducts(environment.engine);
  try {
    const statistics = await pairStatistics(await origin.streamOf(stimuli), {
      products,
      openScratch: environment.openScratch,
    });
    return simulateStudy(statistics, { mask: TRUE_MASK, nSubjects, seed });
  } finally {
    await release();
    await origin.release();
  }
}
