import { describe, expect, it } from 'vitest';
import { runInTurn } from '../../../src/core/parallel.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { stageShares } from '../../../src/encoder/tuning.ts';
import { testRegions } from '../../../src/study/tuning/regions.ts';
import { fitMask } from '../../../src/training/fit.ts';
import { fitPermuted } from '../../../src/training/permuted.ts';
import { drawRegions, EARLY, LATE, type RegionDraw } from './drawn-regions.ts';

const ALPHA = 0.05;
const OPTIONS = { mask: 'channel', epochs: 5, batch: 22, learningRate: 0.05 } as const;

/** How often a test at `ALPHA` with 19 swaps rejects, over newly drawn images and subjects. */
async function rejections(nStudies: number, draw: RegionDraw) {
  const counts = { overall: 0, stage: 0, anyAdjusted: 0 };
  for (let study = 0; study < nStudies; study++) {
    const { overall, stages } = await testRegions([drawRegions(seededRandom(study), draw)], {
      options: { ...OPTIONS, seed: study },
      nSwaps: 19,
      runTasks: runInTurn,
    });
    counts.overall += overall.p <= ALPHA ? 1 / nStudies : 0;
    counts.stage += stages.filter(({ p }) => p <= ALPHA).length / stages.length / nStudies;
    counts.anyAdjusted += stages.some(({ pFdr }) => pFdr <= ALPHA) ? 1 / nStudies : 0;
  }
  return counts;
}

describe(`the test between regions at ${ALPHA}`, { timeout: 120_000 }, () => {
  it("rejects 2 to 7 % where both see the images alike, whatever a subject's regions and all subjects share", async () => {
    const { overall, stage, anyAdjusted } = await rejections(400, {});
    for (const [test, rate] of Object.entries({ overall, stage })) {
      expect(rate, test).toBeGreaterThanOrEqual(0.02);
      expect(rate, test).toBeLessThanOrEqual(0.07);
    }
    expect(anyAdjusted).toBeLessThanOrEqual(0.07);
  });

  it('finds regions that are tuned differently', async () => {
    const { overall } = await rejections(40, { weights: [EARLY, LATE] });
    expect(overall).toBeGreaterThan(0.9);
  });

  it('also rejects more than it should where a region is only noisier, as its documentation says', async () => {
    const { overall } = await rejections(100, { noise: [1, 3] });
    expect(overall).toBeGreaterThan(0.1);
    expect(overall).toBeLessThan(0.4);
  });
});

it('noise leaves shares nearer to those of permuted fits, on the side they are on', { timeout: 60_000 }, async () => {
  const nStudies = 100;
  /** Mean over studies of the first stage's share, less that of its permuted fits. */
  const distance = async (weights: Float64Array, noise: number) => {
    let sum = 0;
    for (let seed = 0; seed < nStudies; seed++) {
      const { a } = drawRegions(seededRandom(seed), { weights: [weights, weights], noise: [noise, noise] });
      const [share] = stageShares((await fitMask([a], OPTIONS)).encoder, [a.statistics]);
      const permuted = await fitPermuted({ sets: [a], options: OPTIONS, permutationSeed: seed });
      sum += share - permuted.shares[0];
    }
    return sum / nStudies;
  };
  for (const [weights, side] of [
    [EARLY, 1],
    [LATE, -1],
  ] as const) {
    const distances = [];
    for (const noise of [0.5, 4, 16]) distances.push(side * (await distance(weights, noise)));
    expect(distances[0]).toBeGreaterThan(0.15);
    expect(distances[1]).toBeLessThan(distances[0]);
    expect(distances[2]).toBeLessThan(distances[1]);
    expect(distances[2]).toBeGreaterThan(0);
  }
});
