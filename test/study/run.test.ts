import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { channelWeights } from '../../src/encoder/channel-weights.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import type { Engine } from '../../src/engine/session.ts';
import { makeRdm, subsetRdm, subsetStack } from '../../src/rdm/rdm.ts';
import { scoreRdm } from '../../src/rdm/score.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { runStudy } from '../../src/study/run.ts';
import { trainingSets } from '../../src/study/training-sets.ts';
import { featureArrays, type StudySettings, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 12;
const BACKBONE = { architecture: 'features:features.npz' };
const EVC = { images: 'images', rdms: 'rdms.npz', variable: 'EVC' };
const MEG = { images: 'images', rdms: 'rdms.npz', variable: 'MEG' };
const FAST = { epochs: 5, learningRate: 0.01 };
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', {
    EVC: subjectRdms(N, 4),
    MEG: subjectRdms(N, 3, 5),
    alone: subjectRdms(N, 1, 7),
  });
});

const fitted = (settings: Partial<StudySettings> = {}, nPermutations = 0) =>
  runStudy(studies.study({ backbone: BACKBONE, data: [EVC], training: FAST, ...settings }), studies.environment, {
    nPermutations,
  });

describe('runStudy', () => {
  it('learns: the loss falls over epochs, and the mask leaves its start', async () => {
    const { encoder, metrics, keptEpoch } = await fitted();
    expect(metrics.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(keptEpoch).toBe(5);
    expect(metrics[4].trainingLoss).toBeLessThan(metrics[0].trainingLoss);
    expect(encoder.mask.some((value) => Math.abs(value - 1) > 0.01)).toBe(true);
  });

  it('gives the same numbers for the same seed, and others for another', async () => {
    const [first, again] = [await fitted(), await fitted()];
    expect(again).toEqual(first);
    const other = await fitted({ training: { ...FAST, seed: 1 } });
    expect(other.encoder.mask).not.toEqual(first.encoder.mask);
  });

  it('fits several data sets at once: each has its score and its readout, the mask is shared', async () => {
    const { sets, encoder } = await fitted({ data: [EVC, MEG] });
    expect(sets.map(({ name, nImages, nSubjects }) => ({ name, nImages, nSubjects }))).toEqual([
      { name: 'EVC', nImages: N, nSubjects: 4 },
      { name: 'MEG', nImages: N, nSubjects: 3 },
    ]);
    expect(encoder.readouts.map(({ name }) => name)).toEqual(['EVC', 'MEG']);
    const alone = await fitted();
    expect(encoder.mask).not.toEqual(alone.encoder.mask);
  });

  it('learns one mask value a stage or one a channel, as the study says', async () => {
    expect((await fitted({ encoder: { mask: 'stage' } })).encoder.mask).toHaveLength(3);
    expect((await fitted({ encoder: { mask: 'channel' } })).encoder.mask).toHaveLength(18);
  });

  it('says how well it does on the images learnt from, as scoring the encoder on them does', async () => {
    const { sets, encoder } = await fitted();
    const [{ statistics, targets }] = await setsOf([EVC]);
    const predicted = makeRdm(predictDissimilarities(statistics, channelWeights(encoder)), targets.conditions);
    expect(sets[0].training).toMatchObject({ nImages: N, ...scoreRdm(predicted, targets) });
    expect(sets[0].heldOut).toBeNull();
    expect(sets[0].training.ceiling!.lower.rho).toBeLessThan(sets[0].training.ceiling!.upper.rho);
  });

  it('keeps images held out apart: they are scored on their own, and the best epoch on them is kept', async () => {
    const holdout = { by: 'image', fraction: 0.4 };
    const { sets, metrics, keptEpoch, encoder } = await fitted({ training: { ...FAST, holdout } });
    const { training, heldOut } = sets[0];
    expect([training.nImages, heldOut!.nImages]).toEqual([7, 5]);
    expect(heldOut!.rho).not.toBe(training.rho);
    const validation = metrics.map(({ validationLoss }) => validationLoss!);
    expect(validation.every(({ newNew, newOld, pair }) => newNew !== null && newOld !== null && pair === null)).toBe(
      true,
    );
    const weighted = validation.map(({ newNew, newOld }) => (10 * newNew! + 35 * newOld!) / 45);
    expect(keptEpoch).toBe(weighted.indexOf(Math.min(...weighted)) + 1);
    // The five images of which this encoder's score is the one that was reported.
    const [{ statistics, targets }] = await setsOf([EVC]);
    const predicted = makeRdm(predictDissimilarities(statistics, channelWeights(encoder)), targets.conditions);
    const scores = choose(N, 5).map((rows) => scoreRdm(subsetRdm(predicted, rows), subsetStack(targets, rows)).rho);
    expect(scores).toContain(heldOut!.rho);
  });

  it('keeps pairs held out apart, which are pairs of images learnt from', async () => {
    const holdout = { by: 'pair', fraction: 0.2 };
    const { sets, metrics } = await fitted({ training: { ...FAST, holdout } });
    expect(metrics[0].validationLoss).toEqual({ newNew: null, newOld: null, pair: expect.any(Number) });
    expect(sets[0].heldOut).toBeNull();
  });

  it('holds out the same images for all seeds, so that the mean of their predictions is scored on what no fit has seen', async () => {
    const holdout = { by: 'image', fraction: 0.4 };
    const { sets, fits } = await fitted({ training: { ...FAST, batch: 4, holdout, seeds: 2 } });
    expect(sets[0].heldOut!.nImages).toBe(5);
    const alone = await fitted({ training: { ...FAST, batch: 4, holdout } });
    expect(fits[0].encoder).toEqual(alone.encoder);
    expect(fits[1].encoder).not.toEqual(alone.encoder);
  });

  it('fits a single subject, which has no noise ceiling', async () => {
    const { sets } = await fitted({ data: [{ images: 'images', rdms: 'rdms.npz', variable: 'alone' }] });
    expect(sets[0]).toMatchObject({ nSubjects: 1, training: { ceiling: null, rho: expect.any(Number) } });
  });

  it('fits on the Gabor bank too, and names engine, features and version', async () => {
    const run = await fitted({ backbone: { architecture: 'gabor', preprocess: 'squash' } });
    expect(run.encoder.stages.map(({ name }) => name)).toEqual(['layer0', 'layer1', 'layer2', 'layer3', 'layer4']);
    expect(run.features.name).toBe('gabor');
    expect(run.engine).toMatch(/^onnxruntime-node \d/);
    expect(run.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('with random crops trains on other windows each epoch, the same ones for the same seed, and says what that costs', async () => {
    const gabor = { backbone: { architecture: 'gabor', preprocess: 'squash' } };
    const cropped = { ...gabor, training: { ...FAST, epochs: 2, crop: 'random' } };
    studies.notices.length = 0;
    const [first, again] = [await fitted(cropped), await fitted(cropped)];
    expect(again).toEqual(first);
    expect(studies.notices.filter((notice) => notice.startsWith('training.crop: random'))).toEqual([
      expect.stringMatching(
        /anew each epoch, which takes [\d.]+ s here, [\d.]+ s for 2 epochs; with crop: none it sees them once$/,
      ),
      expect.any(String),
    ]);
    const other = await fitted({ ...cropped, training: { ...cropped.training, seed: 1 } });
    expect(other.encoder.scale).toEqual(first.encoder.scale); // of the centres, which no seed moves
    expect(other.encoder.mask).not.toEqual(first.encoder.mask);
    const [centres, one, two] = await shownBy(cropped);
    for (const [image, pixels] of one.entries()) {
      expect(pixels).not.toBe(centres[image]);
      expect(pixels).not.toBe(two[image]);
    }
    expect(await shownBy(cropped)).toEqual([centres, one, two]);
    const still = await fitted({ ...gabor, training: { ...FAST, epochs: 2 } });
    expect(still.features.key).not.toBe(first.features.key); // squash leaves windows no room
  });

  it('gives back the file of features whatever happens', async () => {
    let nOpen = 0;
    const { environment } = studies;
    const counting = {
      ...environment,
      async openSource(path: string) {
        const source = await environment.openSource(path);
        nOpen++;
        return { ...source, close: () => source.close().finally(() => nOpen--) };
      },
    };
    await runStudy(studies.study({ backbone: BACKBONE, data: [EVC], training: FAST }), counting);
    const failing = studies.study({ backbone: BACKBONE, data: [{ ...EVC, variable: 'none' }] });
    await expect(runStudy(failing, counting)).rejects.toThrow('there is no variable none');
    expect(nOpen).toBe(0);
  });
});

/** Digests of the pixels that the network looks at, image by image, each time it looks at all of them. */
async function shownBy(settings: Partial<StudySettings>): Promise<string[][]> {
  const environment = { ...studies.environment, cache: undefined };
  const shown: string[] = [];
  const load: Engine['load'] = async (...model) => {
    const session = await environment.engine.load(...model);
    const run: typeof session.run = (feeds, fetches) => {
      const { pixels } = feeds;
      for (let image = 0; image < (pixels?.shape[0] ?? 0); image++) {
        const size = pixels.data.length / pixels.shape[0];
        const one = pixels.data.subarray(image * size, (image + 1) * size);
        shown.push(createHash('sha256').update(one).digest('hex'));
      }
      return session.run(feeds, fetches);
    };
    return { ...session, run };
  };
  await runStudy(studies.study({ data: [EVC], ...settings }), {
    ...environment,
    engine: { ...environment.engine, load },
  });
  return Array.from({ length: shown.length / N }, (_, time) => shown.slice(time * N, (time + 1) * N));
}

async function setsOf(data: readonly object[]) {
  const study = studies.study({ backbone: BACKBONE, data });
  const origin = await openFeatureOrigin(study.backbone, studies.environment);
  try {
    return await trainingSets(study, origin, studies.environment);
  } finally {
    await origin.release();
  }
}

/** Every ascending choice of `count` rows out of `n`. */
function choose(n: number, count: number, from = 0): number[][] {
  if (count === 0) return [[]];
  return Array.from({ length: n - from }, (_, k) => from + k).flatMap((first) =>
    choose(n, count - 1, first + 1).map((rest) => [first, ...rest]),
  );
}
