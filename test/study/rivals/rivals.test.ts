import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBackbone } from '../../../src/backbones/registry.ts';
import { condensedIndex, condensedLength } from '../../../src/core/condensed.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { imageFeatures } from '../../../src/features/extraction.ts';
import { pairStatistics } from '../../../src/features/pair-statistics.ts';
import type { RgbImage, Stimulus } from '../../../src/images/image.ts';
import { makeRdmStack } from '../../../src/rdm/rdm.ts';
import { drawStimuli } from '../../../src/simulation/stimuli.ts';
import { RIVAL_NAMES } from '../../../src/study/rivals/rival.ts';
import type { RivalInput, RivalTest } from '../../../src/study/rivals/rival-input.ts';
import { rivalsOf } from '../../../src/study/rivals/rivals.ts';
import type { TrainingSet } from '../../../src/training/options.ts';
import { streamOf } from '../../features/streams.ts';
import { drawFeatures, STAGES } from '../../simulation/small-study.ts';
import { type TestStudies, testStudies } from '../environment.ts';

const FEATURES = { architecture: 'features:f.npz', preprocess: 'squash', seed: 0 } as const;
const N = 12;
const learnt = drawFeatures(N, 1);
const shown = drawFeatures(6, 2);
const stimuli = drawStimuli({ nImages: 6, size: 224 });
let studies: TestStudies;
let base: RivalInput;
let test: RivalTest;

beforeAll(async () => {
  studies = await testStudies();
  const statistics = await pairStatistics(
    streamOf(
      STAGES,
      shown,
      stimuli.map(({ name }) => name),
    ),
    { precision: 'float64' },
  );
  test = { stimuli, statistics, labels: null, images: [0, 1, 2, 3, 4, 5] };
  base = {
    training: [await trainingSet('a', (pair) => stageDistance(learnt, pair, 0))],
    tests: [test],
    backbone: FEATURES,
    which: 'all',
    seed: 0,
  };
});
beforeEach(() => {
  studies.notices.length = 0;
});

const rivals = (change: Partial<RivalInput> = {}) => rivalsOf({ ...base, ...change }, studies.environment);

/** The predictions of the only rival asked for. */
async function predictions(change: Partial<RivalInput>): Promise<readonly (Float64Array | null)[]> {
  const made = await rivals(change);
  expect(made.leftOut).toEqual([]);
  expect(made.rivals).toHaveLength(1);
  return made.rivals[0].predicted;
}

/** A data set of two subjects whose mean RDM is `dissimilarity` of the images of `learnt`. */
async function trainingSet(name: string, dissimilarity: (pair: readonly [number, number]) => number) {
  const statistics =
    base?.training[0].statistics ?? (await pairStatistics(streamOf(STAGES, learnt), { precision: 'float64' }));
  const values = allPairs(N).map(dissimilarity);
  const stack = Float64Array.from([...values.map((value) => value - 0.25), ...values.map((value) => value + 0.25)]);
  const targets = makeRdmStack(stack, { nSubjects: 2, conditions: statistics.conditions });
  return { name, imageSet: 'learnt', statistics, targets } satisfies TrainingSet;
}

function allPairs(n: number): (readonly [number, number])[] {
  return Array.from({ length: n }, (_, i) => i).flatMap((i) =>
    Array.from({ length: n - i - 1 }, (_, k) => [i, i + 1 + k] as const),
  );
}

/** Deviations from the mean over the root of the sum of their squares. */
function unit(values: ArrayLike<number>): Float64Array {
  const wide = Float64Array.from(values);
  const mean = wide.reduce((sum, value) => sum + value, 0) / wide.length;
  const length = Math.sqrt(wide.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return wide.map((value) => (value - mean) / length);
}

/** 1 - Pearson correlation by its definition, of every pair. */
function pearsonDistances(rows: readonly ArrayLike<number>[]): number[] {
  const units = rows.map(unit);
  return allPairs(rows.length).map(([i, j]) => 1 - units[i].reduce((sum, value, k) => sum + value * units[j][k], 0));
}

function pearsonDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearsonDistances([a, b])[0];
}

function stageDistance(images: Float32Array[][], [i, j]: readonly [number, number], stage: number): number {
  return pearsonDistance(images[i][stage], images[j][stage]);
}

function expectClose(found: Float64Array | null, expected: readonly number[], digits = 10): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, pair) => {
    expect(found![pair]).toBeCloseTo(value, digits);
  });
}

describe('rivals that do not learn', () => {
  it('pixels: 1 - Pearson over red, green and blue of all pixels', async () => {
    const images = await Promise.all(stimuli.map((stimulus) => stimulus.decode()));
    const expected = pearsonDistances(images.map(({ data }) => data));
    expectClose((await predictions({ which: ['pixels'] }))[0], expected, 6);
  });

  it('each stage alone, and all of them together: 1 - Pearson over their features', async () => {
    const { rivals: made } = await rivals({ which: ['unweighted', 'stages'] });
    expect(made.map(({ name, kind }) => [name, kind])).toEqual([
      ['fine alone', 'stage'],
      ['middle alone', 'stage'],
      ['coarse alone', 'stage'],
      ['unweighted', 'network'],
    ]);
    const whole = shown.map((stages) => stages.flatMap((values) => [...values]));
    for (const stage of [0, 1, 2]) {
      expectClose(
        made[stage].predicted[0],
        allPairs(6).map((pair) => stageDistance(shown, pair, stage)),
      );
    }
    expectClose(made[3].predicted[0], pearsonDistances(whole));
  });

  it("gabor and untrained: all features of these networks, shown the images as the study's network is", async () => {
    const backbone: RivalInput['backbone'] = {
      architecture: 'resnet50',
      weights: 'weights.pth',
      stages: ['layer0'],
      preprocess: 'squash',
      seed: 3,
    };
    const few = { ...test, stimuli: stimuli.slice(0, 3), images: [0, 1, 2] };
    const { rivals: made } = await rivals({ backbone, tests: [few], which: ['gabor', 'untrained'] });
    const specs = [
      { architecture: 'gabor' },
      { architecture: 'resnet50', weights: 'untrained', seed: 3, stages: ['layer0'] },
    ];
    for (const [k, spec] of specs.entries()) {
      const network = await openBackbone(spec, studies.environment);
      const features: number[][] = [];
      for await (const stages of (await imageFeatures(network, few.stimuli, { fit: 'squash' })).read()) {
        features.push(stages.flatMap((values) => [...values]));
      }
      await network.release();
      expectClose(made[k].predicted[0], pearsonDistances(features), 7);
    }
    expect(made[1].about).toContain('seed 3');
  });

  it('category: 0 within a category, 1 between two', async () => {
    const [values] = await predictions({ tests: [{ ...test, labels: [...'aabbab'] }], which: ['category'] });
    expect([...values!]).toEqual([0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  });
});

describe('rivals that learn', () => {
  it('nnls: a mixture of stages is found from two data sets of different units, and predicted of other images', async () => {
    const mixture = (images: Float32Array[][]) => (pair: readonly [number, number]) =>
      2 * stageDistance(images, pair, 0) + 0.5 * stageDistance(images, pair, 2);
    const training = [
      await trainingSet('a', mixture(learnt)),
      await trainingSet('b', (pair) => 7 + 10 * mixture(learnt)(pair)),
    ];
    const { rivals: made } = await rivals({ training, which: ['nnls'] });
    expect(made[0].about).toContain('weights above 0: fine, coarse');
    const inMeanUnit = allPairs(6).map((pair) => (mixture(shown)(pair) + 7 + 10 * mixture(shown)(pair)) / 2);
    expectClose(made[0].predicted[0], inMeanUnit, 8);
  });

  it('ridge: channels that make the RDM are found and predicted of other images', async () => {
    const ofTwoChannels = (images: Float32Array[][]) => {
      const units = images.map((stages) => unit(stages.flatMap((values) => [...values])));
      const dot = (i: number, j: number, from: number, to: number) =>
        units[i].subarray(from, to).reduce((sum, value, k) => sum + value * units[j][from + k], 0);
      // The third channel of `fine`, and against it the first of `middle`: 6 x 16 positions come before.
      return ([i, j]: readonly [number, number]) => 1 - dot(i, j, 32, 48) + 2 * dot(i, j, 96, 105);
    };
    const training = [await trainingSet('a', ofTwoChannels(learnt))];
    const { rivals: made } = await rivals({ training, which: ['ridge'] });
    expectClose(made[0].predicted[0], allPairs(6).map(ofTwoChannels(shown)), 3);
    expect(made[0].about).toMatch(/penalty \(\S+\) chosen by 4-fold/);
  });

  it('see nothing of images that may not be learnt from', async () => {
    const trainingImages = [1, 2, 4, 5, 7, 8, 10, 11];
    const random = seededRandom(5);
    const changed = ([i, j]: readonly [number, number]) =>
      trainingImages.includes(i) && trainingImages.includes(j) ? stageDistance(learnt, [i, j], 0) : random.uniform();
    const sets = [await trainingSet('a', (pair) => stageDistance(learnt, pair, 0)), await trainingSet('a', changed)];
    const [a, b] = await Promise.all(
      sets.map((set) => rivals({ training: [{ ...set, trainingImages }], which: ['nnls', 'ridge'] })),
    );
    expect(a.rivals).toHaveLength(2);
    expect(b).toEqual(a);
  });

  it('are the same for the same seed', async () => {
    const [a, b] = [await rivals({ which: ['ridge'] }), await rivals({ which: ['ridge'] })];
    expect(b).toEqual(a);
  });
});

describe('a rival is left out with a sentence', () => {
  const left = async (change: Partial<RivalInput>) =>
    (await rivals(change)).leftOut.map(({ name, why }) => [name, why]);

  it('where there is no network to draw weights for', async () => {
    expect(await left({ which: ['untrained'] })).toEqual([
      ['untrained', 'features:f.npz: activations from a file have no network to draw weights for'],
    ]);
    const gabor = { ...FEATURES, architecture: 'gabor' };
    expect(await left({ which: ['untrained', 'gabor'], backbone: gabor })).toEqual([
      ['gabor', "it is the study's own network, see unweighted"],
      ['untrained', 'gabor: the network has no weights'],
    ]);
    const model = { ...FEATURES, architecture: 'onnx:net.onnx' };
    expect((await left({ which: ['untrained'], backbone: model }))[0][1]).toMatch(/cannot be drawn anew/);
    const untrained = { ...FEATURES, architecture: 'resnet50', weights: 'untrained' };
    expect((await left({ which: ['untrained'], backbone: untrained }))[0][1]).toMatch(/own network is untrained/);
  });

  it('where no categories are given, or they do not differ over the images that are scored', async () => {
    expect((await left({ which: ['category'] }))[0][1]).toMatch(/no categories are given/);
    expect((await left({ which: 'all' })).map(([name]) => name)).toEqual(['untrained']);
    const labelled = { ...test, labels: [...'aaabbb'], images: [0, 1, 2] };
    expect((await left({ which: ['category'], tests: [labelled] }))[0][1]).toMatch(/all dissimilarities .* are 0/);
  });

  it('of the one test that it cannot be made for, and kept for the others', async () => {
    const tests = [test, { ...test, labels: [...'aaabbb'] }];
    const made = await rivals({ which: ['category'], tests });
    expect(made.leftOut).toEqual([{ name: 'category', why: expect.stringContaining('labels'), test: 0 }]);
    expect(made.rivals[0].predicted[0]).toBeNull();
    expect(made.rivals[0].predicted[1]).toHaveLength(condensedLength(6));
  });

  it('where an image is of one colour throughout, which correlates with nothing', async () => {
    const gray: RgbImage = { width: 4, height: 4, data: new Uint8Array(48).fill(128) };
    const blank: Stimulus = { name: 'blank.png', bytes: async () => gray.data, decode: async () => gray };
    const tests = [{ ...test, stimuli: [blank, ...stimuli.slice(1)] }];
    expect((await left({ which: ['pixels'], tests }))[0][1]).toMatch(/blank\.png are constant/);
  });

  it('where too few images are learnt from to choose a penalty, or no RDM goes with what was measured', async () => {
    const [set] = base.training;
    const few = [{ ...set, trainingImages: [0, 1, 2, 3, 4] }];
    expect((await left({ which: ['ridge'], training: few }))[0][1]).toMatch(/at least 6 training images .* got 5/);
    const against = await trainingSet('a', (pair) =>
      [0, 1, 2].reduce((sum, stage) => sum - stageDistance(learnt, pair, stage), 0),
    );
    expect((await left({ which: ['nnls'], training: [against] }))[0][1]).toMatch(/all weights are 0/);
  });

  it('and it is said', async () => {
    await rivals({ which: ['category'] });
    expect(studies.notices).toEqual([expect.stringMatching(/^rival category is left out: no categories/)]);
  });

  it('but a defect is thrown', async () => {
    const broken = { ...studies.environment, gram: () => Promise.reject(new Error('broken')), cache: undefined };
    await expect(rivalsOf({ ...base, which: ['pixels'] }, broken)).rejects.toThrow('broken');
  });
});

describe('rivalsOf', () => {
  it('gives all there are in one order, whatever the order asked for, and none for no test', async () => {
    const labelled = { ...test, labels: [...'aabbcc'] };
    const { rivals: made } = await rivals({ tests: [labelled] });
    const names = [
      'pixels',
      'gabor',
      'category',
      'fine alone',
      'middle alone',
      'coarse alone',
      'unweighted',
      'nnls',
      'ridge',
    ];
    expect(made.map(({ name }) => name)).toEqual(names);
    for (const { about } of made) expect(about).toMatch(/^\S.*\.$/);
    const backwards = await rivals({ tests: [labelled], which: [...RIVAL_NAMES].reverse() });
    expect(backwards.rivals).toEqual(made);
    expect(await rivals({ tests: [] })).toEqual({ rivals: [], leftOut: [] });
  });

  it('looks at images once that several tests show, and not again in the next fit', async () => {
    let nLooks = 0;
    const counted = stimuli.map((stimulus) => ({
      ...stimulus,
      decode: () => {
        nLooks++;
        return stimulus.decode();
      },
    }));
    const tests = [test, { ...test, images: [0, 1, 2] }].map((each) => ({ ...each, stimuli: counted }));
    const [a, b] = await predictions({ tests, which: ['pixels'], backbone: { ...FEATURES, preprocess: 'crop' } });
    expect(b).toEqual(a);
    expect(nLooks).toBe(6);
    const [again] = await predictions({ tests, which: ['pixels'], backbone: { ...FEATURES, preprocess: 'crop' } });
    expect(again).toEqual(a);
    expect(nLooks).toBe(6);
    expect(a![condensedIndex(0, 1, 6)]).not.toBe(a![condensedIndex(0, 2, 6)]);
  });
});
