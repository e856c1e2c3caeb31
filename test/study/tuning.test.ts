import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInTurn } from '../../src/core/parallel.ts';
import { seededRandom } from '../../src/core/random.ts';
import { workerThreads } from '../../src/host/index.ts';
import { runStudy } from '../../src/study/run.ts';
import { permutedFit } from '../../src/study/tuning/permuted-fit.ts';
import { besidePermuted } from '../../src/study/tuning.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 10;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
});

const tuningOf = async (nPermutations: number, environment = studies.environment) =>
  (await runStudy(study(), environment, { nPermutations })).tuning.stages;

const study = () =>
  studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs: 3 },
  });

describe('stage tuning', () => {
  it("has the signed means of the permuted fits, one a fit, beside the fit's own", async () => {
    const means = (await tuningOf(3)).map(({ permutedSignedMeans }) => permutedSignedMeans);
    for (const ofStage of means) expect(new Set(ofStage).size).toBe(3);
    const fewer = (await tuningOf(2)).map(({ permutedSignedMeans }) => permutedSignedMeans);
    expect(fewer).toEqual(means.map((ofStage) => ofStage.slice(0, 2)));
  });

  it('holds the share of each stage, which sum to 1, beside as many permuted fits as were asked for', async () => {
    const tuning = await tuningOf(5);
    expect(tuning.map(({ stage }) => stage)).toEqual(['fine', 'middle', 'coarse']);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(tuning.map(({ share }) => share))).toBeCloseTo(1, 12);
    for (const fit of [0, 1, 2, 3, 4])
      expect(sum(tuning.map(({ permutedShares }) => permutedShares[fit]))).toBeCloseTo(1, 12);
    for (const { share, permutedShares, permuted, z, p } of tuning) {
      expect(new Set(permutedShares).size).toBe(5);
      const mean = sum(permutedShares) / 5;
      const sd = Math.sqrt(sum(permutedShares.map((value) => (value - mean) ** 2)) / 4);
      expect(permuted!.mean).toBeCloseTo(mean, 12);
      expect(permuted!.sd).toBeCloseTo(sd, 12);
      expect(z).toBeCloseTo((share - mean) / sd, 9);
      expect([1, 2, 3, 4, 5, 6].map((rank) => rank / 6)).toContain(p);
    }
  });

  it('ranks the share among the permuted ones by distance from the mean of all, on both sides, itself and ties included', () => {
    const skewed = [0.1, 0.1, 0.1, 0.1, 0.6];
    const pOf = (share: number, permuted = skewed) => besidePermuted(share, permuted).p;
    expect(pOf(0.9)).toBe(1 / 6);
    expect(pOf(0.5)).toBe(2 / 6);
    expect(pOf(-0.1)).toBe(2 / 6);
    expect(pOf(0.25)).toBe(6 / 6);
    expect(pOf(0.4, [0, 0.25, 0.5])).toBe(3 / 4);
    expect(pOf(0.5, [0, 0.25, 0.5])).toBe(3 / 4);
    expect(pOf(0.3, [0.3, 0.3])).toBe(1);
    expect(pOf(0.9, Array(20).fill(0.1))).toBe(1 / 21);
  });

  it('rejects 5 % at 5 % where the share is one more of the permuted', () => {
    const random = seededRandom(0);
    const draws = { normal: () => random.normal(), skewed: () => Math.exp(random.normal()) };
    for (const [name, draw] of Object.entries(draws)) {
      const nStudies = 4000;
      let nRejected = 0;
      for (let study = 0; study < nStudies; study++) {
        const { p } = besidePermuted(draw(), Array.from({ length: 19 }, draw));
        if (p! <= 0.05) nRejected++;
      }
      expect(Math.abs(nRejected / nStudies - 0.05), name).toBeLessThan(0.009); // 2.6 standard errors
    }
  });

  it('gives no distance in standard deviations of fewer than five permuted fits, which know little of it', () => {
    expect(besidePermuted(0.9, [0.3, 0.31, 0.3, 0.31]).z).toBeNull();
    expect(besidePermuted(0.9, [0.3, 0.3, 0.4, 0.3, 0.2]).z).toBeCloseTo(0.6 / Math.sqrt(0.02 / 4), 9);
    expect(besidePermuted(0.9, Array(5).fill(0.25)).z).toBeNull();
  });

  it('is the same again for the same seed, and its first permuted fits are those of fewer', async () => {
    const [four, again, two] = [await tuningOf(4), await tuningOf(4), await tuningOf(2)];
    expect(again).toEqual(four);
    expect(two.map(({ permutedShares }) => permutedShares)).toEqual(
      four.map(({ permutedShares }) => permutedShares.slice(0, 2)),
    );
  });

  it('has no permuted shares without permuted fits, and no deviation with one', async () => {
    for (const { permutedShares, permuted, z, p } of await tuningOf(0))
      expect([permutedShares, permuted, z, p]).toEqual([[], null, null, null]);
    for (const { permuted, z, p, share, permutedShares } of await tuningOf(1)) {
      expect([permuted!.sd, z]).toEqual([null, null]);
      expect(share).not.toBe(permutedShares[0]);
      expect(p).toBe(1); // both are as far from the mean of the two
    }
  });

  it('comes out of worker threads as out of this one, to the last bit, whatever their number', async () => {
    const built = new URL('../../dist/study/tuning/permuted-fit.js', import.meta.url);
    expect(readdirSync(new URL('.', built))).toContain('permuted-fit.js'); // npm run build
    const inThisThread = await tuningOf(3, { ...studies.environment, runTasks: runInTurn });
    for (const nThreads of [2, 3]) {
      const runTasks = workerThreads(nThreads);
      let nDone = 0;
      const threaded = await tuningOf(3, {
        ...studies.environment,
        // What the built package runs: the module as JavaScript.
        runTasks: (task, inputs, onDone) =>
          task.module.href !== permutedFit.module.href
            ? runInTurn(task, inputs, onDone)
            : runTasks({ ...task, module: built }, inputs, (done) => {
                nDone = done;
                onDone?.(done);
              }),
      });
      expect(threaded).toEqual(inThisThread);
      expect(nDone).toBe(3);
    }
  });
});
