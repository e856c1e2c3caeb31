import { beforeAll, describe, expect, it } from 'vitest';
import { runInTurn } from '../../../src/core/parallel.ts';
import { runStudy } from '../../../src/study/run.ts';
import { type ShareFitInput, shareFit } from '../../../src/study/tuning/share-fit.ts';
import type { RunTuning } from '../../../src/study/tuning.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../environment.ts';
import { smallModel } from '../small-model.ts';

const N = 11;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3), other: subjectRdms(N, 3, 7) });
});

const data = [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }];
const study = (settings: object = {}) =>
  studies.study({
    backbone: { architecture: 'features:features.npz' },
    data,
    ...settings,
    training: { epochs: 3, ...(settings as { training?: object }).training },
  });

/** The stability of a study's tuning, and what each further fit was given. */
async function stabilityOf(settings: object = {}) {
  const inputs: ShareFitInput[] = [];
  const environment = {
    ...studies.environment,
    runTasks: ((task, given, onDone) => {
      if (task.module.href === shareFit.module.href) inputs.push(...(given as unknown as ShareFitInput[]));
      return runInTurn(task, given, onDone);
    }) as typeof runInTurn,
  };
  const run = await runStudy(study(settings), environment, { stability: true });
  return { inputs, stability: run.tuning.stability as NonNullable<RunTuning['stability']>, run };
}

describe('fits of other seeds', () => {
  it('have the shares that a study of that seed has', async () => {
    const { stability } = await stabilityOf({ training: { seed: 3 } });
    expect(stability.seeds.map(({ name }) => name)).toEqual(['seed 4', 'seed 5', 'seed 6', 'seed 7']);
    const alone = await runStudy(study({ training: { seed: 5 } }), studies.environment);
    expect(stability.seeds[1].shares).toEqual(alone.tuning.stages.map(({ share }) => share));
    expect(stability.seeds[0].shares).not.toEqual(stability.seeds[1].shares);
  });

  it("hold out the same images as the study's own, whose further seeds are not fitted again", async () => {
    const training = { seed: 1, seeds: 3, holdout: { by: 'image', fraction: 0.3 } };
    const { stability, inputs } = await stabilityOf({ training });
    expect(stability.seeds.map(({ name }) => name)).toEqual(['seed 2', 'seed 3', 'seed 4', 'seed 5']);
    const fitted = inputs.filter(({ sets }) => sets[0].trainingImages === undefined);
    expect(fitted.map(({ options }) => [options.seed, options.holdout?.seed])).toEqual([
      [4, 1],
      [5, 1],
    ]);
  });

  it('go on from 0 after the largest seed', async () => {
    const { stability } = await stabilityOf({ training: { seed: 0xffffffff } });
    expect(stability.seeds.map(({ name }) => name)).toEqual(['seed 0', 'seed 1', 'seed 2', 'seed 3']);
  });
});

describe('fits of other splits', () => {
  it('each leave out another fifth of the images, the same of all sets that show them, and keep the seed', async () => {
    const both = [...data, { images: 'images', rdms: 'rdms.npz', variable: 'other' }];
    const { stability, inputs } = await stabilityOf({ data: both });
    expect(stability.splits.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5].map((k) => `split ${k} of 5`));
    const splits = inputs.filter(({ sets }) => sets[0].trainingImages !== undefined);
    const leftOut = splits.map(({ sets: [first, second], options }) => {
      expect(second.trainingImages).toEqual(first.trainingImages);
      expect(options.seed).toBe(0);
      return [...Array(N).keys()].filter((row) => !first.trainingImages!.includes(row));
    });
    expect(leftOut.map(({ length }) => length)).toEqual([3, 2, 2, 2, 2]);
    expect(leftOut.flat().sort((a, b) => a - b)).toEqual([...Array(N).keys()]);
    for (const { shares } of stability.splits) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(new Set(stability.splits.map(({ shares }) => shares[0])).size).toBe(5);
  });

  it('are left out, and this is said, where a fit cannot be made of the rest', async () => {
    // Of 11 images 9 are held out, so that 2 remain; of the 8 or 9 of a split 7 or 8 are.
    const { stability } = await stabilityOf({ training: { holdout: { by: 'image', fraction: 0.85 } } });
    expect(stability.seeds).toHaveLength(4);
    expect(stability.splits).toEqual([]);
    expect(studies.notices.at(-1)).toMatch(
      /^tuning: the fit of split 5 of 5 is left out \(data set EVC: expected at least one pair of images to train on, got none of its 9 images/,
    );
  });

  it('are left out, and this is said, of fewer than 10 images', async () => {
    const names = await studies.drawImages('few', 9);
    await studies.writeArrays('few.npz', featureArrays(names));
    await studies.writeArrays('few-rdms.npz', { EVC: subjectRdms(9, 3) });
    const { stability } = await stabilityOf({
      backbone: { architecture: 'features:few.npz' },
      data: [{ images: 'few', rdms: 'few-rdms.npz', variable: 'EVC' }],
    });
    expect([stability.seeds.length, stability.splits]).toEqual([4, []]);
    expect(studies.notices.at(-1)).toBe(
      'tuning: fits that leave out a fifth of the images take 10 images or more in each data set, so there are none',
    );
  });
});

it('further fits are not made where they are not asked for, nor where each would ask the network anew', async () => {
  expect((await runStudy(study(), studies.environment, { nPermutations: 2 })).tuning.stability).toBeNull();
  await studies.environment.writeFile(studies.path('small.onnx'), (sink) => sink.write(0, smallModel()));
  const { run } = await stabilityOf({
    backbone: { architecture: 'onnx:small.onnx', stages: ['layer0', 'layer1'] },
    training: { epochs: 1, crop: 'random' },
  });
  expect(run.tuning.stability).toBeNull();
  expect(studies.notices).toContain(
    'tuning: fits of other seeds and splits are left out, since each would ask the network anew',
  );
});
