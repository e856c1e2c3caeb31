import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condensedLength } from '../../src/core/condensed.ts';
import { HypercolumnError, ShapeError, UsageError } from '../../src/core/errors.ts';
import type { RunTasks } from '../../src/core/parallel.ts';
import { seededRandom } from '../../src/core/random.ts';
import { evaluate } from '../../src/inference/evaluate.ts';
import { falseDiscoveryRates } from '../../src/inference/multiple-tests.ts';
import { concerns, scoreSheet } from '../../src/inference/score-sheet.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { COMPARATOR_NAMES } from '../../src/rdm/comparators.ts';
import { makeRdm, makeRdmStack, type Rdm, type RdmStack, subsetStack, subsetSubjects } from '../../src/rdm/rdm.ts';
import { scoreRdm } from '../../src/rdm/score.ts';
import { beside, drawFeatures, drawSubjects, meanOfSubjects, modelOf } from './drawn-subjects.ts';

const N = 14;
const random = seededRandom(11);
const shared = drawFeatures(N, 3, random);
const target = drawSubjects(shared, { nSubjects: 6, ownFeatures: 2, noise: 0.5 }, random);
const part = { name: 'part', rdm: modelOf(beside(shared, drawFeatures(N, 3, random))) };
const nothing = { name: 'nothing', rdm: modelOf(drawFeatures(N, 3, random)) };
const negative = { name: 'negative', rdm: changed(part.rdm, (value) => -value) };
const models = [part, nothing, negative];
const quick = { nSamples: 60, nPermutations: 60 };

describe('scoreSheet', () => {
  it.each(COMPARATOR_NAMES)(
    "holds scoreRdm's, noiseCeiling's and evaluate's numbers, the official figure always by Spearman: %s",
    async (comparator) => {
      const options = { ...quick, comparator };
      const sheet = await scoreSheet(models, target, options);
      const evaluation = await evaluate(models, target, options);
      const own = noiseCeiling(target).upper.r2;
      expect(sheet.ceilingInUse).toBeCloseTo(own, 12);
      sheet.models.forEach(({ official, ...model }, k) => {
        const expected = scoreRdm(models[k].rdm, target);
        expect(official.r2).toBeCloseTo(expected.r2, 12);
        expect(official.percentOfCeiling).toBeCloseTo((100 * expected.r2) / own, 9);
        const { score, scoreBySubject, aboveZero, permutation, againstLowerCeiling } = evaluation.models[k];
        expect(model).toEqual({
          ...{ name: models[k].name, rho: score.value, rhoBySubject: scoreBySubject, estimate: score },
          ...{ aboveZero, permutation, againstLowerCeiling },
        });
      });
      for (const averaging of ['raw', 'normalised'] as const) {
        expect(sheet.ceilings![averaging]).toEqual(noiseCeiling(target, { comparator, averaging }));
      }
      expect(sheet.lowerCeiling).toEqual(evaluation.ceiling!.lower);
      const { nSubjects, nTimes } = target;
      expect(sheet).toMatchObject({ comparator, over: 'both', nConditions: N, nSubjects, nTimes, ...quick });
    },
  );

  it('compares the first model with each other, adjusting for these comparisons alone', async () => {
    const { comparisons } = await scoreSheet(models, target, quick);
    const all = (await evaluate(models, target, quick)).comparisons;
    expect(comparisons.map((comparison) => comparison.models)).toEqual([
      ['part', 'nothing'],
      ['part', 'negative'],
    ]);
    const p = comparisons.map(({ test }) => test!.p);
    const fdr = falseDiscoveryRates(p);
    comparisons.forEach(({ difference, test }, k) => {
      expect(difference).toEqual(all[k].difference);
      expect(p[k]).toBe(all[k].test!.p);
      expect(test!.pFdr).toBe(fdr[k]);
      expect(test!.pBonferroni).toBe(Math.min(1, 2 * p[k]));
    });
  });

  it('takes 100 % for the ceiling that is given, or for none', async () => {
    const own = await scoreSheet(models, target, quick);
    const given = await scoreSheet(models, target, { ...quick, ceiling: 0.5 });
    const { official } = given.models[0];
    expect(given.ceilingInUse).toBe(0.5);
    expect(official.percentOfCeiling).toBeCloseTo(200 * official.r2, 12);
    expect(official.floor!.percent!.mean).toBeCloseTo(200 * official.floor!.r2.mean, 12);
    const none = await scoreSheet(models, target, { ...quick, ceiling: null });
    expect(none.models[0].official).toMatchObject({ percentOfCeiling: null, floor: { percent: null } });
    expect(none.ceilings).toEqual(own.ceilings);
  });

  it('leaves the floor, the test by permutation and that of shared signal out without permutations', async () => {
    const sheet = await scoreSheet(models, target, { ...quick, nPermutations: 0 });
    expect(sheet).toMatchObject({ nPermutations: 0, sharedSignal: null });
    for (const { official, permutation, estimate } of sheet.models) {
      expect([official.floor, permutation]).toEqual([null, null]);
      expect(estimate).not.toBeNull();
    }
  });

  it('gives the same numbers whoever runs its tasks and in whatever order, and others for another seed', async () => {
    const backwards: RunTasks = async (task, inputs) => {
      const outputs = [];
      for (const input of [...inputs].reverse())
        outputs.unshift(structuredClone(await task.run(structuredClone(input))));
      return outputs;
    };
    const options = { nSamples: 110, nPermutations: 110 };
    const sheet = await scoreSheet(models, target, options);
    expect(await scoreSheet(models, target, { ...options, runTasks: backwards })).toEqual(sheet);
    const other = await scoreSheet(models, target, { ...options, seed: 1 });
    expect(other.models[0].official.floor).not.toEqual(sheet.models[0].official.floor);
    expect(other.sharedSignal!.shuffled).not.toEqual(sheet.sharedSignal!.shuffled);
  });

  it('takes time points together as the mean of their similarities', async () => {
    const twice = makeRdmStack(
      Float64Array.from([...Array(6).keys()].flatMap((subject) => [0, 1].flatMap((time) => [...at(subject, time)]))),
      { nSubjects: 6, nTimes: 2 },
    );
    const sheet = await scoreSheet(models, twice, quick);
    const { rhoBySubject, r2 } = scoreRdm(part.rdm, twice);
    expect(sheet.models[0].official.r2).toBeCloseTo(r2, 12);
    sheet.models[0].rhoBySubject.forEach((rho, subject) => {
      expect(rho).toBeCloseTo(rhoBySubject[subject], 12);
    });
    expect(sheet.sharedSignal!.lower).toBeCloseTo(noiseCeiling(twice).lower.rho, 12);
    expect(sheet.sharedSignal!.upperR2).toBeCloseTo(noiseCeiling(twice).upper.r2, 12);
  });
});

describe('the sheet warns', () => {
  it('of nothing where a model is good, subjects agree and there is enough of everything', async () => {
    expect((await scoreSheet([part], target, quick)).warnings).toEqual([]);
  });

  it('where subjects share no signal, with what they have and what shuffled ones have', async () => {
    const apart = drawSubjects(drawFeatures(N, 0, random), { nSubjects: 6, ownFeatures: 3, noise: 1 }, seededRandom(5));
    const { warnings, sharedSignal } = await scoreSheet([part], apart, quick);
    expect(sharedSignal!.p).toBeGreaterThan(0.05);
    const [warning] = warnings.filter(({ code }) => code === 'no-shared-signal');
    expect(warning.text).toContain(`p = ${sharedSignal!.p.toFixed(3)}`);
    expect(warning.text).toContain(sharedSignal!.shuffledUpperR2.mean.toFixed(4));
    expect((await scoreSheet([part], target, quick)).sharedSignal!.p).toBe(1 / 200);
  });

  it('of a rival alone where it alone is anti-correlated, and of the first model apart from rivals', async () => {
    const opposite = (name: string) => ({ ...negative, name });
    const ofRival = await scoreSheet([part, opposite('a'), opposite('b')], target, quick);
    expect(ofRival.warnings.map(({ code, models }) => [code, models])).toEqual([['anti-correlated', ['a', 'b']]]);
    const ofBoth = await scoreSheet([opposite('a'), opposite('b')], target, quick);
    expect(ofBoth.warnings.map(({ models }) => models)).toEqual([['a'], ['b']]);
    expect(ofBoth.warnings.map((warning) => concerns(warning, 'a'))).toEqual([true, false]);
  });

  it('where a model is anti-correlated though its r2 is above the floor', async () => {
    const { warnings, models: scored } = await scoreSheet(models, target, quick);
    expect(scored[2].official.r2).toBeCloseTo(scored[0].official.r2, 12);
    expect(warnings.map(({ code }) => code)).toEqual(['anti-correlated']);
    expect(warnings[0].text).toMatch(/^rho is negative for negative \(rho -0\.\d{3}, r2 0\.\d{4}, /);
    const unpermuted = await scoreSheet([negative], target, { ...quick, nPermutations: 0 });
    expect(unpermuted.warnings.map(({ code }) => code)).toEqual(['anti-correlated']);
  });

  it('where a percentage or a similarity is above its ceiling', async () => {
    const low = await scoreSheet([part], target, { ...quick, ceiling: 0.001 });
    expect(low.warnings.map(({ code }) => code)).toEqual(['above-ceiling']);
    expect(low.warnings[0].text).toMatch(/^above 100 % of the ceiling: part \(\d+\.\d %\); .* r2 0\.0010, /);
    const noisy = drawSubjects(shared, { nSubjects: 2, ownFeatures: 0, noise: 3 }, seededRandom(3));
    const best = { name: 'best', rdm: makeRdm(ranksMean(noisy)) };
    const above = await scoreSheet([best], noisy, quick);
    expect(above.models[0].rho).toBeGreaterThan(above.ceilings!.raw.upper.rho);
    expect(above.warnings.map(({ code }) => code)).toContain('above-ceiling');
  });
});

describe('where there is too little of something', () => {
  it('one subject has no ceilings, and intervals and tests of new stimuli', async () => {
    const sheet = await scoreSheet(models, subsetSubjects(target, [0]), quick);
    expect(sheet).toMatchObject({ over: 'stimuli', ceilings: null, ceilingInUse: null, sharedSignal: null });
    expect(sheet.lowerCeiling).toBeNull();
    expect(sheet.models[0].aboveZero).not.toBeNull();
    expect(sheet.models[0].official.percentOfCeiling).toBeNull();
    expect(codes(sheet)).toContain('too-few');
  });

  it('two subjects have ceilings and nothing tested against them', async () => {
    const sheet = await scoreSheet([part], subsetSubjects(target, [0, 1]), quick);
    expect(sheet.ceilings).not.toBeNull();
    expect([sheet.lowerCeiling, sheet.models[0].againstLowerCeiling]).toEqual([null, null]);
    expect(sheet.sharedSignal).not.toBeNull();
    expect(codes(sheet)).toEqual(['too-few']);
  });

  it('three conditions have scores and ceilings alone', async () => {
    const few = [0, 1, 2];
    const rdm = makeRdm(Float64Array.of(1, 2, 3));
    const sheet = await scoreSheet([{ name: 'a', rdm }], subsetStack(target, few), quick);
    const { estimate, aboveZero, permutation, againstLowerCeiling, official } = sheet.models[0];
    expect([estimate, aboveZero, permutation, againstLowerCeiling, official.floor]).toEqual(Array(5).fill(null));
    expect(sheet).toMatchObject({ nSamples: 0, nPermutations: 0, comparisons: [], sharedSignal: null });
    expect(sheet.ceilings).not.toBeNull();
    expect(codes(sheet)).toContain('too-few');
  });

  it('without samples there are no intervals and t tests, and the rest is what it is with them', async () => {
    const sheet = await scoreSheet(models, target, { ...quick, nSamples: 0 });
    const { models: sampled, ...rest } = await scoreSheet(models, target, quick);
    expect(sheet).toEqual({
      ...{ ...rest, nSamples: 0, comparisons: [], lowerCeiling: null },
      models: sampled.map((model) => ({ ...model, estimate: null, aboveZero: null, againstLowerCeiling: null })),
    });
  });

  it('two conditions are refused: a single pair cannot be correlated', async () => {
    const pair = { name: 'a', rdm: makeRdm(Float64Array.of(1)) };
    await expect(scoreSheet([pair], subsetStack(target, [0, 1]), quick)).rejects.toThrow(
      new UsageError('scoreSheet: expected at least 3 conditions, got 2; a single pair cannot be correlated'),
    );
  });

  it('subjects whose RDMs are constant without a condition have intervals over subjects alone, and say so', async () => {
    const lonely = makeRdmStack(
      Float64Array.from([1, 2, 3].flatMap((k) => [k, k, k, k, ...Array(condensedLength(4)).fill(0)])),
      { nSubjects: 3 },
    );
    const model = { name: 'a', rdm: makeRdm(Float64Array.from(lonely.values.subarray(0, 10), (v, k) => v + k / 20)) };
    const sheet = await scoreSheet([model], lonely, quick);
    expect(sheet.over).toBe('subjects');
    expect(sheet.models[0].estimate).not.toBeNull();
    expect(sheet.models[0].aboveZero).toBeNull();
    expect(sheet.models[0].permutation).not.toBeNull();
    expect(codes(sheet)).toContain('too-few');
    const single = await scoreSheet([model], subsetSubjects(lonely, [0]), quick);
    expect(single.models[0].estimate).toBeNull();
  });
});

it('the mean of the subjects is not above the ceiling that it sets, whatever rounding makes of it', async () => {
  for (let draw = 0; draw < 10; draw++) {
    const subjects = drawSubjects(drawFeatures(8, 3, random), { nSubjects: 7, ownFeatures: 2, noise: 1 }, random);
    const sheet = await scoreSheet([{ name: 'mean', rdm: meanOfSubjects(subjects) }], subjects, {
      ...quick,
      nSamples: 0,
    });
    expect(sheet.models[0].official.percentOfCeiling).toBeCloseTo(100, 9);
    expect(codes(sheet)).not.toContain('above-ceiling');
  }
});

it.each(COMPARATOR_NAMES)(
  'warns that 0 is not chance exactly where models that know nothing lie above it: %s',
  async (comparator) => {
    const sheet = await scoreSheet([nothing], target, { ...quick, comparator });
    const { aboveZero, permutation } = sheet.models[0];
    expect(codes(sheet).includes('zero-not-chance')).toBe(comparator === 'cosine' || comparator === 'whitened-cosine');
    expect(aboveZero!.p < 0.001).toBe(codes(sheet).includes('zero-not-chance'));
    expect(permutation!.p).toBeGreaterThan(0.05);
    expect(codes(await scoreSheet([nothing], target, { ...quick, comparator, nSamples: 0 }))).not.toContain(
      'zero-not-chance',
    );
  },
);

it('says that shared signal is not tested where the mean of the subjects, or of shuffled ones, is constant', async () => {
  const { values } = subsetSubjects(target, [0]);
  const opposite = makeRdmStack(Float64Array.from([...values, ...values.map((value) => -value)]), { nSubjects: 2 });
  const sheet = await scoreSheet([part], opposite, quick);
  expect(sheet.sharedSignal).toBeNull();
  expect(sheet.warnings.map(({ text }) => text).join()).toContain('whether the subjects share a signal is not tested');
  expect(
    (await scoreSheet([part], opposite, { ...quick, nPermutations: 0 })).warnings.map(({ text }) => text).join(),
  ).not.toContain('share a signal');
});

describe('a rival that cannot be scored is left out, and the sheet of the others stays what it was', () => {
  const nan = part.rdm.values.slice();
  nan[3] = Number.NaN;
  const lonely = new Float64Array(condensedLength(N)).fill(1, 0, N - 1);
  it.each<[string, Float64Array, RegExp]>([
    ['constant', part.rdm.values.map(() => 2), /^bad is left out: all dissimilarities are 2, which spearman cannot/],
    ['NaN', nan, /^bad is left out: conditions 1 and 5: expected a finite dissimilarity, got NaN/],
    ['constant without a condition', lonely, /^bad is left out: without condition 1 all its dissimilarities are 0/],
  ])('%s', async (_, values, text) => {
    const sheet = await scoreSheet([part, { name: 'bad', rdm: makeRdm(values) }, nothing], target, quick);
    const { warnings, ...rest } = await scoreSheet([part, nothing], target, quick);
    expect(sheet).toEqual({
      ...rest,
      warnings: [...warnings, { code: 'left-out', text: expect.stringMatching(text), models: ['bad'] }],
    });
    for (const comparator of ['cosine', 'tau-a'] as const) {
      expect(
        (await scoreSheet([part, { name: 'bad', rdm: makeRdm(values) }], target, { ...quick, comparator })).models,
      ).toHaveLength(1);
    }
  });
});

describe('the sheet refuses, naming it,', () => {
  it('a first model that is constant or holds NaN, and such a subject', async () => {
    const constant = { name: 'flat', rdm: changed(part.rdm, () => 1) };
    await expect(scoreSheet([constant, part], target)).rejects.toThrow(
      'scoreSheet: model "flat", all dissimilarities are 1, which spearman cannot compare; leave it out',
    );
    const values = target.values.slice();
    values.fill(0, 0, condensedLength(N));
    for (const comparator of ['spearman', 'cosine'] as const) {
      await expect(scoreSheet([part], { ...target, values }, { comparator })).rejects.toThrow(
        /subject 1 of 6, all dis/,
      );
    }
    values[2] = Number.NaN;
    await expect(scoreSheet([part], { ...target, values })).rejects.toThrow(
      /subject 1 of 6, conditions 1 and 4: expected a finite dissimilarity, got NaN/,
    );
  });

  it('no models, two of one name, other conditions, and numbers of resamples that are none', async () => {
    await expect(scoreSheet([], target)).rejects.toThrow(UsageError);
    await expect(scoreSheet([part, part], target)).rejects.toThrow(/"part" twice/);
    const named = (names: string[]) => ({ ...part, rdm: { ...part.rdm, conditions: names } });
    const names = Array.from({ length: N }, (_, k) => `${k}`);
    await expect(scoreSheet([named(names)], { ...target, conditions: [...names].reverse() })).rejects.toThrow(
      ShapeError,
    );
    const other = { ...named([...names].reverse()), name: 'other' };
    await expect(scoreSheet([named(names), other], target)).rejects.toThrow(
      /^model "other" has "13" in row 1, model "part" has "0"; the names are the same in another order/,
    );
    await expect(scoreSheet([part], target, { nSamples: 1 })).rejects.toThrow(/^scoreSheet: nSamples: /);
    await expect(scoreSheet([part], target, { nPermutations: -1 })).rejects.toThrow(/^scoreSheet: nPermutations: /);
  });
});

it('holds no NaN and is plain JSON whatever comes in, or says what is wrong', async () => {
  const value = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 20, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(1e308, -1e308, 5e-324, -0, Number.NaN) },
  );
  const study = fc.record({
    n: fc.integer({ min: 2, max: 6 }),
    s: fc.integer({ min: 1, max: 4 }),
    t: fc.integer({ min: 1, max: 2 }),
  });
  const drawn = study.chain(({ n, s, t }) => {
    const rdms = (count: number) =>
      fc.array(value, { minLength: count * condensedLength(n), maxLength: count * condensedLength(n) });
    return fc.record({
      s: fc.constant(s),
      t: fc.constant(t),
      subjects: rdms(s * t),
      models: fc.tuple(rdms(1), rdms(1), rdms(1)),
    });
  });
  const options = fc.record({
    comparator: fc.constantFrom(...COMPARATOR_NAMES),
    averaging: fc.constantFrom('raw' as const, 'normalised' as const),
    over: fc.constantFrom('both' as const, 'stimuli' as const, 'subjects' as const),
    nPermutations: fc.constantFrom(0, 5),
    nSamples: fc.constantFrom(0, 5),
  });
  let nSheets = 0;
  await fc.assert(
    fc.asyncProperty(drawn, options, async ({ s, t, subjects, models: rdms }, chosen) => {
      const stack = makeRdmStack(Float64Array.from(subjects), { nSubjects: s, nTimes: t });
      const named = rdms.map((values, k) => ({ name: `${k}`, rdm: makeRdm(Float64Array.from(values)) }));
      const sheet = await scoreSheet(named, stack, chosen).catch((error: unknown) => {
        expect(error).toBeInstanceOf(HypercolumnError);
        return null;
      });
      if (sheet === null) return;
      nSheets++;
      expect(badNumbers(sheet)).toEqual([]);
      expect(sheet.warnings.map(({ text }) => text).join()).not.toMatch(/(?<!got )NaN|undefined|null/);
    }),
    { numRuns: 300 },
  );
  expect(nSheets).toBeGreaterThan(100);
});

/** Paths of numbers that JSON has no word for. */
function badNumbers(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (value === undefined || ArrayBuffer.isView(value)) return [`${path} is no JSON`];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => badNumbers(inner, `${path}/${key}`));
}

function codes({ warnings }: { readonly warnings: readonly { readonly code: string }[] }): string[] {
  return warnings.map(({ code }) => code);
}

function changed(rdm: Rdm, change: (value: number) => number): Rdm {
  return { ...rdm, values: rdm.values.map(change) };
}

/** The stimuli's own RDM under some noise of a subject and time. */
function at(subject: number, time: number): Float64Array {
  const noise = seededRandom(100 + 10 * subject + time);
  return modelOf(shared).values.map((value) => value + noise.normal());
}

/** Mean of subjects' ranks: the best model of them by Spearman's correlation. */
function ranksMean({ values, nSubjects }: RdmStack): Float64Array {
  const nPairs = values.length / nSubjects;
  const mean = new Float64Array(nPairs);
  for (let subject = 0; subject < nSubjects; subject++) {
    const own = values.subarray(subject * nPairs, (subject + 1) * nPairs);
    const order = [...own.keys()].sort((a, b) => own[a] - own[b]);
    order.forEach((pair, rank) => {
      mean[pair] += rank / nSubjects;
    });
  }
  return mean;
}
