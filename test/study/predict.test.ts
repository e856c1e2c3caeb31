import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { channelWeights } from '../../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { imageFeatures } from '../../src/features/extraction.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { toFloat64 } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { withFileSource } from '../../src/host/index.ts';
import type { Fit } from '../../src/images/preprocess.ts';
import { squareOf } from '../../src/rdm/rdm.ts';
import { extractToFile } from '../../src/study/extract.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { predictRdms, predictToFile } from '../../src/study/predict.ts';
import { runStudy } from '../../src/study/run.ts';
import { readRun, writeRun } from '../../src/study/runs/run-folder.ts';
import { trainingSets } from '../../src/study/training-sets.ts';
import { convModel, edited } from '../backbones/onnx-models.ts';
import { featureArrays, type StudySettings, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 8;
const FEATURES = { architecture: 'features:features.npz' };
const SMALL_STEPS = { epochs: 3, batch: 4, learningRate: 0.05 };
const EVC = { images: 'images', rdms: 'rdms.npz', variable: 'EVC' };
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  const newNames = await studies.drawImages('new', 6, 1);
  await studies.writeArrays('features.npz', featureArrays([...names]));
  await studies.writeArrays('new.npz', featureArrays(newNames, 4));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3), IT: subjectRdms(N, 3, 5) });
  await fitted('gabor', { data: [EVC] });
  await fitted('evc', { backbone: FEATURES, data: [EVC] });
  await fitted('it', { backbone: FEATURES, data: [{ ...EVC, variable: 'IT' }] });
});

async function fitted(name: string, settings: StudySettings): Promise<void> {
  const study = studies.study({ training: { epochs: 3, learningRate: 0.05 }, ...settings });
  await writeRun(studies.path(name), await runStudy(study, studies.environment), studies.environment);
}

const runs = (...names: string[]) => names.map((name) => studies.path(name));
const predicted = (names: string[], options: Partial<Parameters<typeof predictRdms>[1]> = {}) =>
  predictRdms(runs(...names), { images: studies.path('images'), ...options }, studies.environment);

describe('predictRdms', () => {
  it.each(['gabor', 'evc'])('agrees with the pair statistics of the same images (%s)', async (name) => {
    const { study, fits } = await readRun(studies.path(name), studies.environment);
    const [{ encoder }] = fits;
    const origin = await openFeatureOrigin(study.backbone, studies.environment);
    const [{ statistics }] = await trainingSets(study, origin, studies.environment);
    await origin.release();
    const expected = predictDissimilarities(statistics, channelWeights(encoder));
    const { EVC: rdm } = await predicted([name]);
    expect(rdm.conditions).toEqual(statistics.conditions);
    expect(rdm.values).toHaveLength(expected.length);
    const largest = Math.max(...rdm.values.map((value, pair) => Math.abs(value - expected[pair])));
    expect(largest).toBeLessThan(1e-6); // statistics keep products in float32
  });

  it('predicts images it has never met, in the natural order of their names', async () => {
    const { EVC: rdm } = await predicted(['gabor'], { images: studies.path('new') });
    expect(rdm.conditions).toEqual([
      'face_01.png',
      'house_01.png',
      'landscape_01.png',
      'letter_01.png',
      'object_01.png',
      'plant_01.png',
    ]);
    expect(rdm.values.every((value) => value > 0 && value < 2)).toBe(true);
  });

  it('gives several runs under the variables of their studies, or under the names given', async () => {
    expect(Object.keys(await predicted(['evc', 'it']))).toEqual(['EVC', 'IT']);
    const { a, b } = await predicted(['evc', 'it'], { variables: ['a', 'b'] });
    expect(a.values).not.toEqual(b.values);
    expect((await predicted(['evc'])).EVC.values).toEqual(a.values);
  });

  it('takes __proto__ for a name, and writes its RDM', async () => {
    const rdms = await predicted(['evc', 'it'], { variables: ['__proto__', 'a'] });
    expect(Object.keys(rdms)).toEqual(['__proto__', 'a']);
    for (const ending of ['npy', 'npz']) {
      const out = studies.path(`proto.${ending}`);
      await predictToFile(
        runs('evc'),
        out,
        { images: studies.path('images'), variables: ['__proto__'] },
        studies.environment,
      );
      await withFileSource(out, async (source) => {
        const [{ name, shape }] = (await openFile(source)).entries;
        expect([name, shape]).toEqual([ending === 'npy' ? 'data' : '__proto__', [N, N]]);
      });
    }
  });

  it('predicts the mean over the seeds of a study of what each of them predicts', async () => {
    await fitted('seeds', {
      backbone: FEATURES,
      data: [EVC],
      training: { ...SMALL_STEPS, seed: 4, seeds: 3 },
    });
    const each: Float64Array[] = [];
    for (const seed of [4, 5, 6]) {
      await fitted(`seed ${seed}`, {
        backbone: FEATURES,
        data: [EVC],
        training: { ...SMALL_STEPS, seed },
      });
      each.push((await predicted([`seed ${seed}`])).EVC.values);
    }
    const { values } = (await predicted(['seeds'])).EVC;
    for (const [pair, value] of values.entries()) {
      expect(value).toBeCloseTo((each[0][pair] + each[1][pair] + each[2][pair]) / 3, 14);
    }
    expect(each[0]).not.toEqual(each[1]);
  });

  it('says which of the images the run learnt from, whatever they are called, and nothing of new ones', async () => {
    const { listImages } = studies.environment;
    const renamed = async (folder: string) =>
      folder === studies.path('renamed')
        ? (await listImages(studies.path('images')))
            .slice(2, 7)
            .map((stimulus, k) => ({ ...stimulus, name: `${k}.png` }))
        : listImages(folder);
    const notices: string[] = [];
    const environment = {
      ...studies.environment,
      listImages: renamed,
      onNotice: (notice: string) => void notices.push(notice),
    };
    await predictRdms(runs('gabor'), { images: studies.path('renamed') }, environment);
    expect(notices).toEqual([
      expect.stringMatching(/gabor: 5 of the 5 images are among those learnt from: 0\.png \(there \S+\.png\), 1\.png/),
    ]);
    notices.length = 0;
    await predictRdms(runs('gabor'), { images: studies.path('new') }, environment);
    expect(notices).toEqual([]);
  });

  it('looks at the images once for all seeds of a mask, and says which of them it compares', async () => {
    const study = { data: [EVC], training: { ...SMALL_STEPS, seeds: 3 } };
    await fitted('looks', study);
    const phases: string[] = [];
    let nDecoded = 0;
    const counting = {
      ...studies.environment,
      onProgress: ({ phase }: { phase: string }) => void phases.push(phase),
      listImages: async (folder: string) =>
        (await studies.environment.listImages(folder)).map((stimulus) => ({
          ...stimulus,
          decode() {
            nDecoded++;
            return stimulus.decode();
          },
        })),
    };
    const { EVC: rdm } = await predictRdms(runs('looks'), { images: studies.path('images') }, counting);
    expect(nDecoded).toBe(2 * N); // once for the network, once to know those that were learnt from
    expect(phases).toContain('comparing embeddings, fit 2 of 3');
    const alone: Float64Array[] = [];
    for (const seed of [0, 1, 2]) {
      await fitted(`looks ${seed}`, { ...study, training: { ...SMALL_STEPS, seed } });
      alone.push((await predicted([`looks ${seed}`])).EVC.values);
    }
    expect(rdm.values).toEqual(alone[0].map((_, pair) => alone.reduce((sum, each) => sum + each[pair], 0) / 3));
  });

  it('predicts the centre of the larger image where windows were trained on, and refuses a run whose setting was changed', async () => {
    const training = { epochs: 2, learningRate: 0.05, crop: 'random' };
    await fitted('cropped', { data: [EVC], training });
    const { study, fits } = await readRun(studies.path('cropped'), studies.environment);
    const { preprocess: _, ...spec } = study.backbone;
    const network = await openBackbone(spec, studies.environment);
    const stimuli = await studies.environment.listImages(studies.path('images'));
    const dissimilaritiesOf = async (fit: Fit) =>
      predictDissimilarities(
        await pairStatistics(await imageFeatures(network, stimuli, { fit })),
        channelWeights(fits[0].encoder),
      );
    const [centres, whole] = [await dissimilaritiesOf('squash-crop'), await dissimilaritiesOf('squash')];
    await network.release();
    const { values } = (await predicted(['cropped'])).EVC;
    const furthest = (from: Float64Array) => Math.max(...values.map((value, pair) => Math.abs(value - from[pair])));
    expect(furthest(centres)).toBeLessThan(1e-6); // statistics keep products in float32
    expect(furthest(whole)).toBeGreaterThan(1e-3);
    const path = studies.path('cropped/study.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"crop": "random"', '"crop": "none"'));
    await expect(predicted(['cropped'])).rejects.toThrow(
      /the weights or stages of gabor are not those it was fitted with/,
    );
  });

  it('calls the RDM rdm where the study names no variable', async () => {
    await studies.writeArrays('one.npz', { whatever: subjectRdms(N, 2) });
    await fitted('unnamed', { backbone: FEATURES, data: [{ images: 'images', rdms: 'one.npz' }] });
    expect(Object.keys(await predicted(['unnamed']))).toEqual(['rdm']);
  });

  it('calls the RDM rdm where the study joins several variables, and by the one that all of its data share', async () => {
    await studies.writeArrays('more.npz', { EVC: subjectRdms(N, 2), IT: subjectRdms(N, 2, 7) });
    const joint = (rdms: string, variable: string) => ({ images: 'images', rdms, variable });
    await fitted('joint', { backbone: FEATURES, data: [EVC, joint('more.npz', 'IT')] });
    await fitted('shared', { backbone: FEATURES, data: [EVC, joint('more.npz', 'EVC')] });
    expect(Object.keys(await predicted(['joint', 'shared']))).toEqual(['rdm', 'EVC']);
  });

  it('refuses activations of new images that another network or preprocessing made', async () => {
    const { environment } = studies;
    const extract = (name: string, images: string, preprocess: 'crop' | 'squash') =>
      extractToFile(
        studies.path(name),
        { images: studies.path(images), backbone: { architecture: 'gabor', preprocess, seed: 0 } },
        environment,
      );
    await extract('seen.safetensors', 'images', 'crop');
    await extract('new.safetensors', 'new', 'crop');
    await extract('squashed.safetensors', 'new', 'squash');
    await fitted('extracted', { backbone: { architecture: 'features:seen.safetensors' }, data: [EVC] });
    const from = (file: string) =>
      predicted(['extracted'], { images: studies.path('new'), features: studies.path(file) });
    expect((await from('new.safetensors')).EVC.nConditions).toBe(6);
    const refused = from('squashed.safetensors');
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /extracted: features:.*squashed\.safetensors is not of the network, preprocessing and stages that it was fitted with; extract the new images as those of the fit, or fit again$/,
    );
  });

  it('finds the activations of new images in the file it is given, for runs on features:FILE', async () => {
    const { EVC: rdm } = await predicted(['evc'], { images: studies.path('new'), features: studies.path('new.npz') });
    expect(rdm.nConditions).toBe(6);
    const own = predicted(['evc'], { images: studies.path('new') });
    const { EVC: ofTheFit } = await own; // the same names stand in the fit's own file, with other activations
    expect(ofTheFit.values).not.toEqual(rdm.values);
  });

  it.each<[string, string[], object, new (...args: never[]) => Error, RegExp]>([
    [
      'two runs that would be called alike',
      ['evc', 'gabor'],
      {},
      UsageError,
      /^predict: two runs would both be called EVC; name them with --variable A B$/,
    ],
    ['two names alike', ['evc', 'it'], { variables: ['a', 'a'] }, UsageError, /both be called a/],
    [
      'fewer names than runs',
      ['evc', 'it'],
      { variables: ['a'] },
      UsageError,
      /^--variable: expected a name for each of 2 runs, got 1$/,
    ],
    [
      'a file of activations for a network that looks at images itself',
      ['gabor'],
      { features: 'x.npz' },
      UsageError,
      /^--features: the run was fitted with gabor/,
    ],
    [
      'images that the file of activations does not hold',
      ['evc'],
      { images: 'more' },
      UsageError,
      /it has no features of /,
    ],
    [
      'activations of other stages',
      ['evc'],
      { features: 'wide.npz' },
      ShapeError,
      /evc: it was fitted on the stages fine 6 x 4 x 4, middle 6 x 3 x 3, coarse 6 x 2 x 2, got coarse 6 x 2 x 2, fine/,
    ],
    ['a folder without images', ['evc'], { images: 'empty' }, UsageError, /expected image files/],
  ])('refuses %s', async (_, names, options, kind, message) => {
    await studies.drawImages('more', 20, 2);
    await studies.writeText('empty/readme.txt', 'no images');
    const {
      fine,
      middle,
      coarse,
      names: rows,
    } = featureArrays((await studies.environment.listImages(studies.path('images'))).map(({ name }) => name));
    await studies.writeArrays('wide.npz', { coarse, fine, middle, names: rows });
    const inFolder = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [key, typeof value === 'string' ? studies.path(value) : value]),
    );
    const failing = predicted(names, inFolder);
    await expect(failing).rejects.toThrow(kind);
    await expect(failing).rejects.toThrow(message);
  });
});

describe('predict knows the network of the fit by its contents', () => {
  const NET = { architecture: 'onnx:net.onnx', stages: ['maps'] };

  it('so the same model under another date predicts the same, and other weights are refused', async () => {
    const weights = convModel();
    writeFileSync(studies.path('net.onnx'), weights);
    await fitted('onnx', { backbone: NET, data: [EVC] });
    const before = await predicted(['onnx']);
    copyFileSync(studies.path('net.onnx'), studies.path('copy.onnx'));
    writeFileSync(studies.path('net.onnx'), weights);
    expect(await predicted(['onnx'])).toEqual(before);

    const other = edited(weights, (graph) => {
      const { rawData } = graph.initializer.find((tensor) => tensor.rawData.length > 100)!;
      rawData[1] ^= 0x40;
    });
    writeFileSync(studies.path('net.onnx'), other);
    const failing = predicted(['onnx']);
    await expect(failing).rejects.toThrow(UsageError);
    await expect(failing).rejects.toThrow(
      /onnx: the weights or stages of .* are not those it was fitted with; bring the same file back or fit again$/,
    );
  });
});

describe('predictToFile', () => {
  const write = (name: string, of: string[]) =>
    predictToFile(runs(...of), studies.path(name), { images: studies.path('images') }, studies.environment);

  it.each(['mat', 'npz'])('writes a square matrix a run, and the images as names, to .%s', async (ending) => {
    const rdms = await write(`two.${ending}`, ['evc', 'it']);
    await withFileSource(studies.path(`two.${ending}`), async (source) => {
      const file = await openFile(source);
      expect(file.entries.map(({ name }) => name)).toEqual(['EVC', 'IT', 'names']);
      for (const name of ['EVC', 'IT']) {
        const value = await file.read(name);
        if (value.kind !== 'numeric') throw new Error(`expected numbers, got ${value.kind}`);
        expect(value.shape).toEqual([N, N]);
        expect(toFloat64(value.data)).toEqual(squareOf(rdms[name]));
      }
    });
  });

  it('refuses several runs in a file of one array, and endings it does not write, before the network runs', async () => {
    await expect(write('two.npy', ['gabor', 'none'])).rejects.toThrow(
      /two\.npy: \.npy holds one array, got 2 RDMs; write \.mat or \.npz instead$/,
    );
    await expect(write('rdm.txt', ['none'])).rejects.toThrow(
      /rdm\.txt: expected a name that ends in \.mat, \.npz, \.npy, \.csv$/,
    );
  });
});
