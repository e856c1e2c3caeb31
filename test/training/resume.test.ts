import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import { type FitCallbacks, fitMask } from '../../src/training/fit.ts';
import type { TrainingOptions, TrainingSet } from '../../src/training/options.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const statistics = drawnStatistics(10);
const crops = drawnStatistics(10, 99);
const timed = (set: TrainingSet): TrainingSet => {
  const { targets } = set;
  const values = Float64Array.from({ length: 3 * targets.values.length }, (_, k) => {
    const [nPairs, length] = [targets.values.length / targets.nSubjects, 3];
    const [subject, time, pair] = [Math.floor(k / nPairs / length), Math.floor(k / nPairs) % length, k % nPairs];
    return targets.values[subject * nPairs + pair] * (1 + time);
  });
  return { ...set, targets: { ...targets, nTimes: 3, values } };
};
const sets = [timed(drawnSet(statistics)), drawnSet(drawnStatistics(8, 5, 'other'), { name: 'IT', imageSet: 'other' })];
const epochStatistics: FitCallbacks['epochStatistics'] = async (epoch) => [
  epoch % 2 === 0 ? crops : statistics,
  sets[1].statistics,
];

/** Every step is a chance to stop. */
function stopAnywhere(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 1000;
    return now;
  });
}
afterEach(() => vi.restoreAllMocks());

/** The last checkpoint of a fit that is stopped after so many steps, as it comes back from a file. */
async function stopped(
  options: TrainingOptions,
  callbacks: FitCallbacks,
  afterSteps: number,
): Promise<Checkpoint | undefined> {
  const controller = new AbortController();
  let last: Checkpoint | undefined;
  let steps = 0;
  const fit = fitMask(sets, options, {
    ...callbacks,
    signal: controller.signal,
    onProgress: () => {
      if (++steps >= afterSteps) controller.abort(new Error('stopped'));
    },
    onCheckpoint: async ({ progress, learner }) => {
      await Promise.resolve();
      const values = JSON.parse(JSON.stringify(learner.values));
      last = {
        progress: JSON.parse(JSON.stringify(progress)),
        learner: { arrays: structuredClone(learner.arrays), values },
      };
    },
  });
  await fit.catch((error: Error) => expect(error.message).toBe('stopped'));
  return last;
}

const settings = fc.record({
  ...{ mask: fc.constantFrom('split', 'channel', 'stage'), readout: fc.constantFrom('affine', 'identity') },
  ...{ sampler: fc.constantFrom('pairs', 'cliques'), cliqueSize: fc.constantFrom(3, 5), batch: fc.constantFrom(7, 20) },
  ...{ optimiser: fc.constantFrom('adam', 'adamw'), schedule: fc.constantFrom('constant', 'cosine') },
  ...{
    accumulate: fc.constantFrom(1, 3),
    clip: fc.constantFrom('none', 0.01),
    crop: fc.constantFrom('none', 'random'),
  },
  time: fc.constantFrom('mean', { centre: 0.4, width: 0.3 }),
  holdout: fc.constantFrom(undefined, { by: 'image', fraction: 0.2 }, { by: 'pair', fraction: 0.2 }),
  ...{ patient: fc.boolean(), seed: fc.nat(50) },
}) as fc.Arbitrary<TrainingOptions & { patient: boolean }>;

describe('a fit that is stopped and resumed', () => {
  it('equals the one that never stopped, bit for bit, wherever it is stopped and however often', async () => {
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
        async ({ patient, ...drawn }, stops) => {
          const patience = patient && drawn.holdout !== undefined ? 2 : 'none';
          const options = { ...drawn, patience, epochs: 5, learningRate: 0.05 } as const;
          const given = { epochStatistics };
          const whole = await fitMask(sets, options, given);
          stopAnywhere();
          let resume: Checkpoint | undefined;
          for (const steps of stops) {
            const last = await stopped(options, { ...given, ...(resume !== undefined && { resume }) }, steps);
            resume = last ?? resume;
          }
          vi.restoreAllMocks();
          const resumed = await fitMask(sets, options, { ...given, ...(resume !== undefined && { resume }) });
          expect(resumed).toEqual(whole);
          expect(Buffer.from(resumed.encoder.mask.buffer)).toEqual(Buffer.from(whole.encoder.mask.buffer));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('writes its checkpoint in the middle of an epoch before it rejects', async () => {
    stopAnywhere();
    const last = await stopped({ batch: 10 }, {}, 3);
    expect(last!.progress).toMatchObject({ epoch: 1, step: 3, metrics: [], keptEpoch: 0 });
    expect(last!.progress.lossSum).toBeGreaterThan(0);
  });

  it('writes one after each epoch, waits for it, and gives what it gives without', async () => {
    const epochs: number[] = [];
    let writing = false;
    const options = { epochs: 3 };
    const fit = await fitMask(sets, options, {
      onEpoch: () => expect(writing).toBe(false),
      onCheckpoint: async ({ progress }) => {
        writing = true;
        epochs.push(progress.epoch);
        await new Promise((resolve) => setTimeout(resolve, 5));
        writing = false;
      },
    });
    expect(epochs).toEqual([2, 3, 4]);
    expect(fit).toEqual(await fitMask(sets, options));
  });

  it('refuses a checkpoint of another mask', async () => {
    const last = await stopped({ mask: 'stage', epochs: 1 }, {}, 1e9);
    await expect(fitMask(sets, { mask: 'channel', epochs: 2 }, { resume: last! })).rejects.toThrow(
      'checkpoint: expected 10 values of mask, got 2; it is of a fit with other settings or another network, start anew',
    );
  });
});
