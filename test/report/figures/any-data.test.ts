import fc from 'fast-check';
import { expect, test } from 'vitest';
import { condensedLength } from '../../../src/core/condensed.ts';
import { renderPng } from '../../../src/host/index.ts';
import { listFigures, runFigures } from '../../../src/report/figures/all-figures.ts';
import { PAGE } from '../../../src/report/figures/figure.ts';
import { regionsFigure } from '../../../src/report/figures/regions-figure.ts';
import type { RivalKind } from '../../../src/study/rivals/rival.ts';
import type { ReportData } from '../../../src/study/runs/report-data.ts';
import type { ScoredSet } from '../../../src/study/scoring/scored-set.ts';
import { besidePermuted, type StageTuning } from '../../../src/study/tuning.ts';
import { expectSound } from './svg-marks.ts';

const rho = fc.double({ min: -1, max: 1, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const name = fc.oneof(
  fc.string({ maxLength: 60, minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('</svg><script>alert(1)</script>', '"&<>\'', 'layer1.0', '\u4e2d\u6587'.repeat(30)),
);
const probability = fc.double({ min: 1e-6, max: 1, noNaN: true });
/** Ties, constants and numbers of any size. */
const dissimilarities = (length: number) =>
  fc
    .oneof(
      fc.array(fc.constantFrom(0, 0.5, 1), { minLength: length, maxLength: length }),
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: length, maxLength: length }),
      fc.constant(Array<number>(length).fill(0.3)),
    )
    .map((values) => Float64Array.from(values));

const interval = fc.tuple(rho, rho, rho).map((three) => {
  const [low, value, high] = three.sort((a, b) => a - b);
  return { value, standardError: high - low, interval: [low, high] as const };
});
const significance = probability.map((p) => ({ p, pFdr: p, pBonferroni: p }));

const model = (label: string, nSubjects: number) =>
  fc.record({
    name: fc.constant(label),
    official: fc.constant({ r2: 0.1, percentOfCeiling: null, floor: null }),
    rho,
    rhoBySubject: fc.array(rho, { minLength: nSubjects, maxLength: nSubjects }),
    estimate: fc.option(interval),
    aboveZero: fc.constant(null),
    permutation: fc.option(
      fc.tuple(significance, rho, rho).map(([found, mean, percentile95]) => ({ ...found, mean, percentile95 })),
    ),
    againstLowerCeiling: fc.constant(null),
  });

const scoredSet: fc.Arbitrary<ScoredSet> = fc
  .record({
    n: fc.integer({ min: 2, max: 9 }),
    nSubjects: fc.integer({ min: 1, max: 4 }),
    rivals: fc.uniqueArray(name, { maxLength: 4, selector: (each) => each }),
    role: fc.constantFrom('test' as const, 'held-out' as const, 'learnt' as const),
    setName: name,
  })
  .chain(({ n, nSubjects, rivals, role, setName }) => {
    const nPairs = condensedLength(n);
    return fc
      .record({
        conditions: fc.array(name, { minLength: n, maxLength: n }),
        labels: fc.option(fc.array(name, { minLength: n, maxLength: n })),
        predicted: dissimilarities(nPairs),
        mean: dissimilarities(nPairs),
        models: fc.tuple(...['the fit itself', ...rivals].map((each) => model(each, nSubjects))),
        ceiling: fc.option(fc.tuple(rho, rho)),
        kinds: fc.array(fc.constantFrom<RivalKind>('image', 'stage', 'network', 'learnt'), {
          minLength: rivals.length,
          maxLength: rivals.length,
        }),
      })
      .map(({ conditions, labels, predicted, mean, models, ceiling, kinds }): ScoredSet => {
        const of = (value: number) => ({ rho: value, r2: value ** 2 });
        const bounds = ceiling && { lower: of(Math.min(...ceiling)), upper: of(Math.max(...ceiling)) };
        return {
          ...{ name: setName, role, conditions, labels, nSubjects, nTimes: 1, predicted, stageParts: null },
          source: { rdms: 'rdms.npy' },
          digests: { images: '', rdms: '' },
          measured: { mean, sd: nSubjects === 1 ? null : mean.map(Math.abs) },
          rivals: rivals.map((each, k) => ({ name: each, kind: kinds[k], about: '', values: predicted })),
          thumbnails: { pixels: new Uint8Array(0), sizes: new Uint32Array(0) },
          sheet: {
            ...{ comparator: 'spearman', averaging: 'raw', over: 'both', nConditions: n, nSubjects, nTimes: 1 },
            ...{ nSamples: 0, nPermutations: 0, models, comparisons: [], lowerCeiling: null, sharedSignal: null },
            ...{ warnings: [], ceilingInUse: null },
            ceilings: bounds && { raw: bounds, normalised: bounds },
          },
        };
      });
  });

const stageTunings = fc
  .record({
    n: fc.integer({ min: 1, max: 17 }),
    nPermuted: fc.constantFrom(0, 1, 20),
    nFurther: fc.integer({ min: 0, max: 2 }),
  })
  .chain(({ n, nPermuted, nFurther }) =>
    fc.record({
      names: fc.uniqueArray(name, { minLength: n, maxLength: n }),
      shares: fc.array(share, { minLength: n, maxLength: n }),
      permuted: fc.array(fc.array(share, { minLength: nPermuted, maxLength: nPermuted }), {
        minLength: n,
        maxLength: n,
      }),
      means: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: n, maxLength: n }),
      further: fc.array(fc.array(share, { minLength: n, maxLength: n }), { minLength: nFurther, maxLength: nFurther }),
    }),
  )
  .map(({ names, shares, permuted, means, further }) => {
    const stages = names.map(
      (stage, k): StageTuning => ({
        ...{
          stage,
          share: shares[k],
          permutedShares: permuted[k],
          pFdr: null,
          permutedSignedMeans: [],
          ...besidePermuted(shares[k], permuted[k]),
        },
        permutedSignedMeans: permuted[k],
        signedMeanMask: { mean: means[k], ci95: k % 2 === 0 ? null : [means[k] - 1, means[k] + 1] },
      }),
    );
    const fits = further.map((ofFit, k) => ({ name: `seed ${k + 1}`, shares: ofFit }));
    return { stages, grouped: null, stability: fits.length === 0 ? null : { seeds: fits, splits: [] } };
  });

const loss = fc.double({ min: 0, max: 1e3, noNaN: true });
const fits = fc.array(
  fc
    .record({
      losses: fc.array(loss, { maxLength: 5 }),
      validated: fc.constantFrom('newNew', 'newOld', 'pair', null),
      seed: fc.nat(),
    })
    .map(({ losses, validated, seed }): ReportData['fits'][number] => ({
      ...{ seed, keptEpoch: losses.length },
      metrics: losses.map((trainingLoss, k) => ({
        ...{ epoch: k + 1, trainingLoss, readouts: [] },
        validationLoss:
          validated === null ? null : { newNew: null, newOld: null, pair: null, [validated]: trainingLoss + 0.1 },
      })),
    })),
  { maxLength: 2 },
);

test('any run gives sound figures: ties, two images, one subject, no rivals, no permuted fits, seventeen stages, hostile names', () => {
  fc.assert(
    fc.property(
      fc.array(scoredSet, { maxLength: 2 }),
      fc.option(stageTunings),
      fits,
      fc.constantFrom({}, { width: 320 }, { theme: PAGE, titled: false }),
      fc.boolean(),
      (scored, tuning, ofSeeds, options, hasPictures) => {
        const pictures = scored.map(({ conditions }) =>
          hasPictures ? conditions.map((_, k) => `data:image/jpeg;base64,${k}`) : [],
        );
        const figures = listFigures(runFigures({ scored, tuning, fits: ofSeeds }, pictures, options));
        for (const figure of figures) expectSound(figure);
        expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length);
        for (const { id } of figures) expect(id).toMatch(/^[a-z0-9-]+$/);
      },
    ),
    { numRuns: 150 },
  );
});

test('whatever names hold, librsvg reads and draws every figure: each is whole XML', async () => {
  await fc.assert(
    fc.asyncProperty(scoredSet, stageTunings, fits, async (set, tuning, ofSeeds) => {
      for (const { svg } of listFigures(runFigures({ scored: [set], tuning, fits: ofSeeds }, [[]]))) {
        expect((await renderPng(svg, 0.25)).length).toBeGreaterThan(100);
      }
    }),
    { numRuns: 15 },
  );
});

test('a pair without a value leaves its cell grey and the maps undrawn, and says so', () => {
  fc.assert(
    fc.property(scoredSet, (set) => {
      const mean = set.measured.mean.map((value, k) => (k === 0 ? Number.NaN : value));
      const figures = runFigures({ scored: [{ ...set, measured: { mean, sd: null } }], tuning: null, fits: [] }, [[]]);
      for (const figure of listFigures(figures)) expectSound(figure);
      expect(figures.sets[0].mds.caption).toContain('There is no map where a dissimilarity is missing');
    }),
    { numRuns: 20 },
  );
});

test('any two regions give a sound figure', () => {
  fc.assert(
    fc.property(stageTunings, fc.array(rho, { minLength: 1, maxLength: 20 }), name, ({ stages }, swapped, sets) => {
      const tested = stages.map(({ stage, share: shareA }, k) => {
        const shareB = stages[(k + 1) % stages.length].share;
        return { stage, shareA, shareB, difference: shareA - shareB, swapped, p: 0.05, pFdr: 0.1 };
      });
      const figure = regionsFigure({
        ...{
          format: 'hypercolumn-regions-1',
          hypercolumn: '0.1.0',
          network: 'gabor',
          nSubjects: [3],
          nSwaps: swapped.length,
        },
        ...{
          a: { run: 'runs/a', sets: [sets], permuted: stages.map(() => 0.1) },
          b: { run: 'runs/b', sets: [sets], permuted: null },
          nPossibleSwaps: 7,
        },
        ...{ stages: tested, grouped: tested, overall: { distance: 0.2, swapped, p: 0.05 } },
      });
      expectSound(figure);
    }),
    { numRuns: 50 },
  );
});
