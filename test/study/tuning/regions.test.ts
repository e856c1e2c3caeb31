import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runInTurn } from '../../../src/core/parallel.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { stageShares } from '../../../src/encoder/tuning.ts';
import { workerThreads } from '../../../src/host/index.ts';
import { makeRdmStack } from '../../../src/rdm/rdm.ts';
import { testRegions } from '../../../src/study/tuning/regions.ts';
import { exchangeSubjects, type RegionPair, type SwappedFitInput } from '../../../src/study/tuning/swapped-fit.ts';
import { fitMask } from '../../../src/training/fit.ts';
import type { TrainingSet } from '../../../src/training/options.ts';
import { drawRegions, EARLY, LATE } from './drawn-regions.ts';

const options = { mask: 'channel', epochs: 4, batch: 22, learningRate: 0.05, seed: 2 } as const;
const pair = drawRegions(seededRandom(0), { weights: [EARLY, LATE] });
const test = (pairs: readonly RegionPair[], nSwaps: number, rest: object = {}) =>
  testRegions(pairs, { options, nSwaps, runTasks: runInTurn, ...rest });
const sharesOf = async (sets: readonly TrainingSet[]) =>
  stageShares((await fitMask(sets, options)).encoder, [...new Set(sets.map(({ statistics }) => statistics))]);

/** For each fit whose RDMs were exchanged, of both regions and all data sets. */
async function swapsOf(pairs: readonly RegionPair[], nSwaps: number): Promise<SwappedFitInput[]> {
  const inputs: SwappedFitInput[] = [];
  const runTasks: typeof runInTurn = (task, given, onDone) => {
    inputs.push(...(given as unknown as SwappedFitInput[]));
    return runInTurn(task, given, onDone);
  };
  await test(pairs, nSwaps, { runTasks });
  return inputs;
}

describe('the test between regions', () => {
  it("holds each region's own shares, and their difference beside that of both fits after each swap", async () => {
    const inputs = await swapsOf([pair], 6);
    const result = await test([pair], 6);
    const [a, b] = [await sharesOf([pair.a]), await sharesOf([pair.b])];
    for (const [k, stage] of result.stages.entries()) {
      expect([stage.shareA, stage.shareB, stage.difference]).toEqual([a[k], b[k], a[k] - b[k]]);
      expect(stage.swapped).toHaveLength(6);
    }
    const last = inputs.at(-1)!;
    expect([inputs.length, last.region]).toEqual([14, 'b']);
    const [swap] = last.swaps;
    expect(new Set(swap).size).toBe(2);
    const exchanged = {
      a: { ...pair.a, targets: exchangeSubjects(pair.a.targets, pair.b.targets, swap) },
      b: { ...pair.b, targets: exchangeSubjects(pair.b.targets, pair.a.targets, swap) },
    };
    const [one, other] = [await sharesOf([exchanged.a]), await sharesOf([exchanged.b])];
    for (const [k, { swapped }] of result.stages.entries()) expect(swapped[5]).toBe(one[k] - other[k]);
  });

  it('counts swaps that differ as much, either way, itself among them; overall by the distance of all shares', async () => {
    const { stages, overall, nSwaps } = await test([pair], 12);
    expect(nSwaps).toBe(12);
    for (const { difference, swapped, p } of stages) {
      expect(p).toBe((1 + swapped.filter((each) => Math.abs(each) >= Math.abs(difference)).length) / 13);
    }
    expect(overall.distance).toBeCloseTo(stages.reduce((sum, { difference }) => sum + Math.abs(difference), 0) / 2, 12);
    for (const [k, distance] of overall.swapped.entries())
      expect(distance).toBeCloseTo(stages.reduce((sum, { swapped }) => sum + Math.abs(swapped[k]), 0) / 2, 12);
    expect(overall.p).toBe((1 + overall.swapped.filter((each) => each >= overall.distance).length) / 13);
    const ascending = stages.map(({ p }) => p).sort((a, b) => a - b);
    const least = Math.min(...ascending.map((p, k) => (3 * p) / (k + 1)));
    expect(Math.min(...stages.map(({ pFdr }) => pFdr))).toBeCloseTo(least, 12);
  });

  it('turns its signs and nothing else where the regions change places', async () => {
    const [one, other] = [await test([pair], 6), await test([{ a: pair.b, b: pair.a }], 6)];
    expect(other.stages.map(({ difference, p }) => [-difference, p])).toEqual(
      one.stages.map(({ difference, p }) => [difference, p]),
    );
    expect(other.overall).toEqual(one.overall);
  });

  it('of one region with itself finds no difference: p is 1', async () => {
    const { stages, overall } = await test([{ a: pair.a, b: pair.a }], 5);
    for (const { difference, p, pFdr } of stages) expect([difference, p, pFdr]).toEqual([0, 1, 1]);
    expect([overall.distance, overall.p]).toEqual([0, 1]);
  });

  it('makes every swap once where few subjects allow no more, and says how small p can be', async () => {
    const few = drawRegions(seededRandom(0), { nSubjects: 3 });
    const notices: string[] = [];
    const { nSwaps, nPossibleSwaps, overall } = await test([few], 20, {
      onNotice: (notice: string) => notices.push(notice),
    });
    expect([nSwaps, nPossibleSwaps]).toEqual([3, 3]);
    expect([0.25, 0.5, 0.75, 1]).toContain(overall.p);
    expect(notices).toEqual([
      'regions: so few subjects allow 3 different swaps, which are all made; p cannot come below 0.25',
    ]);
  });

  it('exchanges the same subjects in data sets of as many, and others in a set of other people', async () => {
    const twin = drawRegions(seededRandom(1));
    const others = drawRegions(seededRandom(2), { nSubjects: 5 });
    const named = ({ a, b }: RegionPair, name: string) => ({ a: { ...a, name }, b: { ...b, name } });
    const inputs = await swapsOf([named(pair, 'one'), named(twin, 'two'), named(others, 'three')], 6);
    for (const { swaps } of inputs) {
      expect(swaps[0]).toEqual(swaps[1]);
      expect(swaps.map((swap) => swap.length)).toEqual([8, 8, 5]);
    }
    expect(new Set(inputs.map(({ swaps }) => swaps[2].join())).size).toBeGreaterThan(2);
  });

  it('is the same for a seed, one thread or several', async () => {
    const built = new URL('../../../dist/study/tuning/swapped-fit.js', import.meta.url);
    expect(readdirSync(new URL('.', built))).toContain('swapped-fit.js'); // npm run build
    const threads = workerThreads(2);
    const runTasks: typeof runInTurn = (task, inputs, onDone) => threads({ ...task, module: built }, inputs, onDone);
    const inThisThread = await test([pair], 4);
    expect(await test([pair], 4, { runTasks })).toEqual(inThisThread);
    expect(await test([pair], 4)).toEqual(inThisThread);
  });

  it('reports each fit, of which a swap takes two', async () => {
    const progress: string[] = [];
    await test([pair], 3, {
      onProgress: ({ phase, done, total }: { phase: string; done: number; total: number }) =>
        progress.push(`${phase} ${done}/${total}`),
    });
    expect(progress).toHaveLength(8);
    expect(progress.at(-1)).toBe('fitting with regions exchanged in some subjects 8/8');
  });

  it('takes two subjects, and says so of one', async () => {
    await expect(test([drawRegions(seededRandom(0), { nSubjects: 1 })], 5)).rejects.toThrow(
      /^regions: expected at least 2 subjects whose regions can be exchanged, got 1;/,
    );
  });

  it('says why where a fit cannot be made', async () => {
    const { a, b } = pair;
    const values = b.targets.values.map((value, k) => (k === 3 ? Number.NaN : value));
    await expect(test([{ a, b: { ...b, targets: { ...b.targets, values } } }], 3)).rejects.toThrow(
      /^regions: a fit with regions exchanged in some subjects cannot be made \(data set region, subject 1, row 1, column 5: expected a finite dissimilarity, got NaN/,
    );
  });
});

it('exchangeSubjects takes the named subjects with all their time points from the other region', () => {
  const stack = (first: number) =>
    makeRdmStack(
      Float64Array.from({ length: 3 * 2 * 3 }, (_, k) => first + k),
      { nSubjects: 3, nTimes: 2 },
    );
  const [one, other] = [stack(0), stack(100)];
  const swapped = exchangeSubjects(one, other, [false, true, false]);
  expect([...swapped.values]).toEqual([0, 1, 2, 3, 4, 5, 106, 107, 108, 109, 110, 111, 12, 13, 14, 15, 16, 17]);
  expect(one.values[6]).toBe(6);
});
