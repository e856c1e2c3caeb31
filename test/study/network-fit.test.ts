import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import { embeddingWeights } from '../../src/encoder/channel-weights.ts';
import { centreCropFeatures } from '../../src/features/crop-features.ts';
import { cropSource } from '../../src/features/crops.ts';
import { embeddingRdm } from '../../src/features/embedding.ts';
import { toFloat64 } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { openCache } from '../../src/host/index.ts';
import { crossvalidate } from '../../src/study/crossvalidate.ts';
import { predictRdms } from '../../src/study/predict.ts';
import { runStudy } from '../../src/study/run.ts';
import { readRun, writeRun } from '../../src/study/runs/run-folder.ts';
import { scoreImages } from '../../src/study/set-summary.ts';
import { readStudyImages } from '../../src/study/study-images.ts';
import { between } from '../golden/seeded.ts';
import { type StudySettings, subjectRdms, type TestStudies, testStudies } from './environment.ts';
import { SMALL_WEIGHTS, smallModel } from './small-model.ts';

const N = 10;
const DATA = [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }];
const FAST = { epochs: 4, cliqueSize: 5, learningRate: 0.01 };
const ALL = { mask: 'channel', train: 'all' };
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  await studies.drawImages('images', N);
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  await studies.environment.writeFile(studies.path('small.onnx'), (sink) => sink.write(0, smallModel()));
});

const studyOf = ({ encoder = ALL, training = {}, ...settings }: Partial<StudySettings> = {}) =>
  studies.study({
    backbone: { architecture: 'onnx:small.onnx', preprocess: 'squash' },
    data: DATA,
    encoder,
    training: { ...FAST, ...training },
    ...settings,
  });
const fitted = (settings: Partial<StudySettings> = {}, nPermutations = 0) =>
  runStudy(studyOf(settings), studies.environment, { nPermutations });

type Weights = Record<string, Float64Array>;

async function weightsOf({ fits: [{ tuned }] }: Awaited<ReturnType<typeof runStudy>>): Promise<Weights> {
  const file = await openFile(bytesSource('backbone.safetensors', tuned!.bytes));
  const weights: Weights = {};
  for (const { name } of file.entries) {
    const value = await file.read(name);
    if (value.kind === 'numeric') weights[name.split('/')[1]] = toFloat64(value.data); // emitted as /first/0
  }
  return weights;
}

/** What `smallModel` drew. */
const drawn = (name: string, length: number) => Array.from(between(name, [length], -1, 1));

describe('a study that trains the whole network', () => {
  it('learns: the loss falls, and every weight leaves its start', async () => {
    const run = await fitted({ training: { epochs: 10 } });
    expect(run.metrics.at(-1)!.trainingLoss).toBeLessThan(run.metrics[0].trainingLoss);
    expect(run.features.name).toBe('onnx:small.onnx (fine-tuned)');
    const weights = await weightsOf(run);
    expect(Object.keys(weights).sort()).toEqual(Object.values(SMALL_WEIGHTS).flat().sort());
    const scale = { first: 0.4, 'first bias': 0.1, second: 0.4, 'second bias': 0.1 };
    for (const [name, values] of Object.entries(weights)) {
      const start = drawn(name, values.length).map((value) => value * scale[name as keyof typeof scale]);
      expect(
        values.some((value, k) => Math.abs(value - start[k]) > 1e-3),
        name,
      ).toBe(true);
    }
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const [first, again] = [await fitted(), await fitted()];
    expect(again).toEqual(first);
    const other = await fitted({ training: { seed: 1 } });
    expect(other.fits[0].tuned!.bytes).not.toEqual(first.fits[0].tuned!.bytes);
  });

  it('leaves what is below trainFrom as it was', async () => {
    const whole = await weightsOf(await fitted());
    const upper = await weightsOf(await fitted({ encoder: { ...ALL, trainFrom: 'layer1' } }));
    for (const name of SMALL_WEIGHTS.layer1) expect(upper[name]).not.toEqual(whole[name]);
    const original = await weightsOf(await fitted({ training: { epochs: 1, learningRate: 1e-12 } }));
    for (const name of SMALL_WEIGHTS.layer0) {
      expect(upper[name]).toEqual(original[name]);
      expect(whole[name]).not.toEqual(original[name]);
    }
  });

  it('starts from the mask that maskEpochs of the mask alone lead to', async () => {
    const mask = { epochs: 7, batch: 10, learningRate: 0.02 };
    const alone = await fitted({ encoder: { mask: 'channel' }, training: mask });
    const frozen = { epochs: 1, maskEpochs: 7, batch: 10 };
    const started = await fitted({
      training: { ...frozen, learningRate: { mask: 0.02, readout: 0.02, backbone: 1e-12 }, schedule: { warmup: 1 } },
    });
    const way = furthest(new Float64Array(14).fill(1), alone.encoder.mask);
    expect(furthest(started.encoder.mask, alone.encoder.mask)).toBeLessThan(way / 3); // one epoch at its first, small rates
    const fromOnes = await fitted({ training: { ...frozen, maskEpochs: 0, learningRate: 1e-12 } });
    expect(furthest(fromOnes.encoder.mask, new Float64Array(14).fill(1))).toBeLessThan(1e-6);
  });

  it('is predicted with the tuned weights out of its run folder, as its scores say', async () => {
    const run = await fitted();
    const folder = studies.path('tuned');
    await writeRun(folder, run, studies.environment);
    expect(readdirSync(folder)).toContain('backbone.safetensors');
    const { fits } = await readRun(folder, studies.environment);
    expect(fits[0].tuned!.bytes).toEqual(run.fits[0].tuned!.bytes);
    const { EVC } = await predictRdms([folder], { images: studies.path('images') }, studies.environment);
    expect(await rhoOf(EVC.values, run)).toBeCloseTo(run.sets[0].training.rho, 6);
    const untouched = await fitted({ encoder: { mask: 'channel' } });
    expect(untouched.sets[0].training.rho).not.toBe(run.sets[0].training.rho);
  });

  it('draws a window of each image each time it meets it, and looks at the centres in the end', async () => {
    const backbone = { architecture: 'onnx:small.onnx', preprocess: 'crop' };
    const cropped = { backbone, training: { crop: 'random' } };
    const [first, again] = [await fitted(cropped), await fitted(cropped)];
    expect(again).toEqual(first);
    const still = await fitted({ backbone }); // of the centres, as the cropped fit's evaluation is
    expect(first.metrics[0].trainingLoss).not.toBe(still.metrics[0].trainingLoss);

    const folder = studies.path('cropped');
    await writeRun(folder, first, studies.environment);
    const { EVC } = await predictRdms([folder], { images: studies.path('images') }, studies.environment);
    expect(furthest(EVC.values, await centresThroughTuned(`${folder}/backbone.safetensors`, first))).toBeLessThan(1e-9);
    expect(await rhoOf(EVC.values, first)).toBeCloseTo(first.sets[0].training.rho, 6);
  });

  it('keeps nothing in the cache of what its own weights make of the images', async () => {
    const kept = (encoder: object) => {
      const folder = studies.path(`cache of ${JSON.stringify(encoder)}`);
      const { environment } = studies;
      const keeping = { ...environment, keepFeatures: true, cache: openCache(folder) };
      return runStudy(studyOf({ encoder }), keeping).then(() => readdirSync(folder, { recursive: true }).length);
    };
    const ofMask = await kept({ mask: 'channel' });
    expect(ofMask).toBeGreaterThan(1);
    expect(await kept(ALL)).toBe(ofMask);
  });

  it('takes several seeds, of which each has its own network', async () => {
    const run = await fitted({ training: { seeds: 2 } });
    expect(run.fits[0].features.key).not.toBe(run.fits[1].features.key);
    const folder = studies.path('two');
    await writeRun(folder, run, studies.environment);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['backbone.safetensors', 'backbone.2.safetensors']));
    const { EVC } = await predictRdms([folder], { images: studies.path('images') }, studies.environment);
    expect(await rhoOf(EVC.values, run)).toBeCloseTo(run.sets[0].training.rho, 6);
    for (const fit of run.fits) expect(fit.sets[0].training.rho).not.toBeCloseTo(run.sets[0].training.rho, 6);
  });

  it('is cross-validated as any other', async () => {
    const { folds } = await crossvalidate(studyOf({ training: { epochs: 1 } }), { nFolds: 2 }, studies.environment);
    expect(folds.map(({ fold, nImages }) => [fold, nImages])).toEqual([
      [1, 5],
      [2, 5],
    ]);
    expect(folds.every(({ rho }) => Number.isFinite(rho))).toBe(true);
  });

  it('is tuned beside permuted fits that train the network too, one after the other, which is said before', async () => {
    studies.notices.length = 0;
    const { tuning } = await fitted({}, 2);
    expect(tuning.stages[0].permutedShares).toHaveLength(2);
    expect(tuning.stages[0].permutedShares[0]).not.toBe(tuning.stages[0].permutedShares[1]);
    expect(studies.notices[0]).toBe(
      'tuning: each of the 2 fits of label-permuted RDMs asks the network anew and takes as long as the fit itself, one after the other',
    );
    expect(studies.notices.at(-1)).toMatch(/^tuning: 2 fits take about [\d.]+ s$/);
    expect((await fitted({}, 2)).tuning).toEqual(tuning);
  });
});

describe('a mask of features', () => {
  it.each(['mask', 'all'])('has a value for each feature, and predicts by them (train: %s)', async (train) => {
    const run = await fitted({ encoder: { mask: 'feature', train }, training: { epochs: 6 } });
    expect(run.encoder.mask).toHaveLength(6 * 49 + 8 * 9);
    expect(run.metrics.at(-1)!.trainingLoss).toBeLessThan(run.metrics[0].trainingLoss);
    expect(run.fits[0].tuned === undefined).toBe(train === 'mask');
    const folder = studies.path(`feature ${train}`);
    await writeRun(folder, run, studies.environment);
    const { EVC } = await predictRdms([folder], { images: studies.path('images') }, studies.environment);
    expect(await rhoOf(EVC.values, run)).toBeCloseTo(run.sets[0].training.rho, 6);
    expect(run.tuning.stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});

/** How well all pairs are predicted, as the fit's own summary has it. */
async function rhoOf(values: Float64Array, { study }: Awaited<ReturnType<typeof runStudy>>): Promise<number> {
  const [{ targets }] = await readStudyImages(study.data, studies.environment);
  const all = Array.from({ length: N }, (_, image) => image);
  return scoreImages(values, targets, all).rho;
}

/** Dissimilarities of the images' centres by the run's encoder on a file of weights. */
async function centresThroughTuned(
  weights: string,
  { encoder }: Awaited<ReturnType<typeof runStudy>>,
): Promise<Float64Array> {
  const spec = { architecture: `onnx:${studies.path('small.onnx')}`, weights, seed: 0 };
  const network = await openBackbone(spec, studies.environment);
  try {
    const stimuli = await studies.environment.listImages(studies.path('images'));
    const source = cropSource(stimuli, { fit: 'crop', input: network.input });
    return await embeddingRdm(await centreCropFeatures(network, source), embeddingWeights(encoder));
  } finally {
    await network.release();
  }
}

function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Math.max(...Array.from(got, (value, k) => Math.abs(value - expected[k])));
}
