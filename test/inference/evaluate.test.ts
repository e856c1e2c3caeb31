import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import type { RunTasks } from '../../src/core/parallel.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type EvaluateOptions, evaluate } from '../../src/inference/evaluate.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { COMPARATOR_NAMES } from '../../src/rdm/comparators.ts';
import { makeRdm, makeRdmStack, type RdmStack, subsetRdm, subsetStack, subsetSubjects } from '../../src/rdm/rdm.ts';
import { scoreRdm } from '../../src/rdm/score.ts';
import { beside, drawFeatures, drawSubjects, modelOf } from './drawn-subjects.ts';

const N = 14;
const random = seededRandom(4);
const conditions = Array.from({ length: N }, (_, k) => `image ${k + 1}`);
const shared = drawFeatures(N, 3, random);
const drawn = drawSubjects(shared, { nSubjects: 6, ownFeatures: 3, noise: 0.5 }, random);
const target = named(drawn);
const models = [
  { name: 'truth', rdm: { ...modelOf(shared), conditions } },
  { name: 'part', rdm: { ...modelOf(beside(shared, drawFeatures(N, 3, random))), conditions } },
  { name: 'nothing', rdm: { ...modelOf(drawFeatures(N, 3, random)), conditions } },
];
const quick: EvaluateOptions = { nSamples: 60, nPermutations: 60 };

describe('evaluate', () => {
  it.each(COMPARATOR_NAMES)('has the scores of scoreRdm and the ceilings of noiseCeiling: %s', async (comparator) => {
    for (const averaging of ['raw', 'normalised'] as const) {
      const result = await evaluate(models, target, { ...quick, comparator, averaging });
      result.models.forEach(({ score, scoreBySubject }, k) => {
        const expected = scoreRdm(models[k].rdm, target, { comparator });
        expect(score.value).toBeCloseTo(expected.rho, 10);
        scoreBySubject.forEach((value, subject) => {
          expect(value).toBeCloseTo(expected.rhoBySubject[subject], 10);
        });
      });
      const { lower, upper } = noiseCeiling(target, { comparator, averaging });
      expect(result.ceiling!.lower!.value).toBeCloseTo(lower.rho, 10);
      expect(result.ceiling!.upper).toBeCloseTo(upper.rho, 10);
    }
  });

  it('tells a model that knows what subjects share from one that does not', async () => {
    const { models: evaluated, comparisons } = await evaluate(models, target, { nSamples: 200, nPermutations: 200 });
    const [truth, , nothing] = evaluated;
    for (const test of [truth.aboveZero!, truth.permutation!]) expect(test.pBonferroni).toBeLessThan(0.05);
    for (const test of [nothing.aboveZero!, nothing.permutation!]) expect(test.p).toBeGreaterThan(0.05);
    expect(nothing.againstLowerCeiling!.p).toBeLessThan(0.05);
    expect(comparisons.map((comparison) => comparison.models)).toEqual([
      ['truth', 'part'],
      ['truth', 'nothing'],
      ['part', 'nothing'],
    ]);
    const [, apart] = comparisons;
    expect(apart.difference.value).toBeCloseTo(truth.score.value - nothing.score.value, 12);
    expect(apart.difference.interval[0]).toBeGreaterThan(0);
    expect(apart.test!.p).toBeLessThan(0.05);
  });

  it('gives the same numbers whoever runs its tasks and in whatever order, and others for another seed', async () => {
    const backwards: RunTasks = async (task, inputs) => {
      const outputs = [];
      for (const input of [...inputs].reverse())
        outputs.unshift(structuredClone(await task.run(structuredClone(input))));
      return outputs;
    };
    const options = { ...quick, nSamples: 130 };
    const result = await evaluate(models, target, options);
    expect(await evaluate(models, target, { ...options, runTasks: backwards })).toEqual(result);
    expect((await evaluate(models, target, { ...options, seed: 1 })).models).not.toEqual(result.models);
  });

  it('is plain JSON without a NaN, with ties, over anything', async () => {
    const tied = { ...target, values: target.values.map(Math.round) };
    for (const over of ['subjects', 'stimuli', 'both'] as const) {
      for (const comparator of COMPARATOR_NAMES) {
        const result = await evaluate(models, tied, { ...quick, nSamples: 20, over, comparator });
        expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      }
    }
  });

  it('has no interval beyond what a similarity or a difference of two can be, however few the conditions', async () => {
    const few = subsetStack(target, [0, 1, 2, 3]);
    const fewModels = models.map(({ name, rdm }) => ({ name, rdm: subsetRdm(rdm, [0, 1, 2, 3]) }));
    const { models: scored, comparisons } = await evaluate(fewModels, few, { ...quick, nSamples: 20 });
    expect(Math.max(...scored.map(({ score }) => score.standardError))).toBeGreaterThan(0.5);
    for (const { score } of scored) {
      const [low, high] = score.interval;
      expect([low >= -1, high <= 1, low <= score.value, high >= score.value]).toEqual([true, true, true, true]);
    }
    for (const { difference } of comparisons) {
      expect(difference.interval[0]).toBeGreaterThanOrEqual(-2);
      expect(difference.interval[1]).toBeLessThanOrEqual(2);
    }
  });

  it('over subjects alone has the standard error of the mean over subjects, and no tests but the permutation', async () => {
    const result = await evaluate(models, target, { ...quick, over: 'subjects' });
    const [truth] = result.models;
    expect(truth.score.standardError).toBeCloseTo(scoreRdm(models[0].rdm, target).rhoStandardError, 12);
    expect([truth.aboveZero, truth.againstLowerCeiling, result.comparisons[0].test]).toEqual([null, null, null]);
    expect(truth.permutation!.p).toBeLessThan(0.05);
    expect(result.nSamples).toBe(0);
  });

  it('over both is no surer than over stimuli', async () => {
    const of = async (over: 'stimuli' | 'both') => (await evaluate(models, target, { ...quick, over })).models;
    const [stimuli, both] = [await of('stimuli'), await of('both')];
    both.forEach(({ score }, k) => {
      expect(score.standardError).toBeGreaterThanOrEqual(stimuli[k].score.standardError);
    });
  });

  it('finds a model no different from its copy under another name', async () => {
    const copies = [models[1], { ...models[1], name: 'copy' }];
    const { comparisons } = await evaluate(copies, target, quick);
    expect(comparisons[0].difference).toEqual({ value: 0, standardError: 0, interval: [0, 0] });
    expect(comparisons[0].test).toMatchObject({ t: null, p: 1 });
  });

  it('averages a subject over its times', async () => {
    const times = makeRdmStack(target.values, { nSubjects: 2, nTimes: 3, conditions });
    const result = await evaluate(models, times, { ...quick, over: 'stimuli' });
    expect(result.models[0].scoreBySubject[1]).toBeCloseTo(scoreRdm(models[0].rdm, times).rhoBySubject[1], 12);
  });

  it('takes a single subject over stimuli, without what takes more of them, and says so', async () => {
    const notices: string[] = [];
    const one = subsetSubjects(target, [0]);
    const onNotice = (notice: string) => notices.push(notice);
    const result = await evaluate(models, one, { ...quick, over: 'stimuli', onNotice });
    expect(result.ceiling).toBeNull();
    expect(result.models[0]).toMatchObject({ againstLowerCeiling: null, bootstrapVariances: null });
    expect(result.models[0].aboveZero!.p).toBeLessThan(0.05);
    expect(notices).toEqual(['evaluate: there is no noise ceiling for a single subject']);
    await expect(evaluate(models, one, quick)).rejects.toThrow(
      /at least 2 subjects to generalise over both, got 1; take over: 'stimuli'/,
    );
  });

  it('takes two subjects, without a test against the ceiling', async () => {
    const result = await evaluate(models, subsetSubjects(target, [0, 1]), quick);
    expect(result.ceiling!.lower).toBeNull();
    expect(result.ceiling!.upper).toBeGreaterThan(0);
    expect(result.models[0].againstLowerCeiling).toBeNull();
  });

  it('draws samples anew on which a model is constant, and counts them', async () => {
    const category = makeRdm(Float64Array.from(binary(5)));
    const few = makeRdmStack(target.values.slice(0, 30), { nSubjects: 3 });
    const result = await evaluate([{ name: 'category', rdm: category }], few, { ...quick, over: 'stimuli' });
    expect(result.nRedrawn).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it.each([
    [
      'a constant model',
      () => [{ name: 'flat', rdm: makeRdm(new Float64Array(91).fill(2)) }],
      target,
      /model "flat": expected dissimilarities that spearman can compare, got 2 for every pair/,
    ],
    [
      'a constant subject',
      () => models,
      withValue(target, 1, 0.5),
      /subject 2 of 6: expected dissimilarities that spearman can compare, got 0.5 for every pair/,
    ],
    [
      'a model with NaN',
      () => [{ name: 'holes', rdm: makeRdm(new Float64Array(91).fill(Number.NaN), conditions) }],
      target,
      /model "holes", conditions "image 1" and "image 2": expected a finite dissimilarity, got NaN/,
    ],
    [
      'a subject with NaN',
      () => models,
      withValue(target, 3, Number.NaN),
      /subject 4 of 6, conditions "image 1" and "image 2": .* got NaN/,
    ],
    ['no model', () => [], target, /at least 1 model, got none/],
    ['a name twice', () => [models[0], models[0]], target, /got "truth" twice; rename one/],
    [
      'two stimuli',
      () => [{ name: 'pair', rdm: makeRdm(new Float64Array([1])) }],
      makeRdmStack(new Float64Array([1, 2, 3]), { nSubjects: 3 }),
      /at least 4 conditions, got 2/,
    ],
  ])('refuses %s, and says what to do', async (_, of, subjects, message) => {
    await expect(evaluate(of(), subjects, quick)).rejects.toThrow(UsageError);
    await expect(evaluate(of(), subjects, quick)).rejects.toThrow(message);
  });

  it('takes a constant model by a comparator that has a value for it', async () => {
    const flat = [{ name: 'flat', rdm: makeRdm(new Float64Array(91).fill(2)) }];
    const { models: evaluated } = await evaluate(flat, target, { ...quick, comparator: 'tau-a' });
    expect(evaluated[0].score).toEqual({ value: 0, standardError: 0, interval: [0, 0] });
    expect(evaluated[0].aboveZero!.p).toBe(1);
    expect(evaluated[0].permutation!.p).toBe(1);
  });

  it('refuses a model that one condition alone keeps from being constant, naming the condition', async () => {
    const values = Float64Array.from({ length: 91 }, (_, pair) => (pair < N - 1 ? 1 : 0));
    await expect(evaluate([{ name: 'odd', rdm: makeRdm(values, conditions) }], target, quick)).rejects.toThrow(
      /without condition "image 1" the similarity of model "odd" and subject 1 has no value/,
    );
  });

  it('meets by name: other conditions, another order and another number are refused, no names are said', async () => {
    const turned = { ...models[0].rdm, conditions: [...conditions].reverse() };
    await expect(evaluate([{ name: 'turned', rdm: turned }], target, quick)).rejects.toThrow(ShapeError);
    await expect(evaluate([{ name: 'turned', rdm: turned }], target, quick)).rejects.toThrow(/in another order/);
    const notices: string[] = [];
    await evaluate([{ name: 'bare', rdm: makeRdm(models[0].rdm.values) }], target, {
      ...quick,
      onNotice: (notice) => notices.push(notice),
    });
    expect(notices[0]).toMatch(/model "bare" .* size alone/);
  });

  it.each([{ nSamples: 1 }, { nSamples: 10.5 }, { nPermutations: -1 }])('refuses %j', async (options) => {
    await expect(evaluate(models, target, options)).rejects.toThrow(/expected a whole number from/);
  });
});

function named(stack: RdmStack): RdmStack {
  return { ...stack, conditions };
}

function withValue(stack: RdmStack, subject: number, value: number): RdmStack {
  const nPairs = stack.values.length / stack.nSubjects;
  const values = stack.values.slice();
  values.fill(value, subject * nPairs, (subject + 1) * nPairs);
  return { ...stack, values };
}

/** Two of n conditions against the others. */
function binary(n: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) values.push(i < 2 === j < 2 ? 0 : 1);
  return values;
}
