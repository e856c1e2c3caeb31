import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { learn, timedSets } from './network-fits.ts';

const given = { sets: timedSets };
afterEach(() => vi.restoreAllMocks());

/** The checkpoint of a fit that is stopped after so many reports of progress: one a step and one an epoch. */
async function stopped(options: TrainingOptions, after: number, resume?: Checkpoint): Promise<Checkpoint> {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 1000; // every step is a chance to stop
    return now;
  });
  const controller = new AbortController();
  let last: Checkpoint | undefined;
  let reports = 0;
  const fit = learn(
    options,
    {
      ...(resume !== undefined && { resume }),
      signal: controller.signal,
      onProgress: () => {
        if (++reports === after) controller.abort(new Error('stopped'));
      },
      onCheckpoint: ({ progress, learner }) => {
        const values = JSON.parse(JSON.stringify(learner.values));
        const arrays = structuredClone(learner.arrays);
        last = { progress: JSON.parse(JSON.stringify(progress)), learner: { values, arrays } };
      },
    },
    given,
  );
  await expect(fit).rejects.toThrow('stopped');
  vi.restoreAllMocks();
  return last!;
}

describe.each([
  { crop: 'random', sampler: 'pairs', time: { centre: 0.4, width: 0.3 } },
  { sampler: 'cliques', accumulate: 2, optimiser: 'adamw', schedule: 'cosine', clip: 1 },
  { trainFrom: 'high', crop: 'random', sampler: 'cliques', readout: 'identity' },
  { train: 'mask', mask: 'feature', crop: 'random', sampler: 'cliques', time: { centre: 0.4, width: 0.3 } },
] as TrainingOptions[])('gone on with after a stop: %j', (some) => {
  const options: TrainingOptions = {
    ...{ train: 'all', epochs: 3, batch: 15, cliqueSize: 5, holdout: { by: 'image', fraction: 0.3 } },
    ...{ learningRate: { mask: 0.01, readout: 0.01, backbone: 0.003 }, ...some },
  };

  it('equals, bit for bit, the fit that never stopped, also where an epoch was under way', async () => {
    const whole = await learn(options, {}, given);
    const early = await stopped(options, 2);
    expect(early.progress).toMatchObject({ epoch: 1, step: 2 });
    const late = await stopped(options, 6, early);
    expect(late.progress.epoch).toBeGreaterThan(1);
    for (const resume of [early, late]) {
      const resumed = await learn(options, { resume }, given);
      expect(resumed.state).toEqual(whole.state);
      expect(resumed.metrics).toEqual(whole.metrics);
      expect(resumed.weights).toEqual(whole.weights);
    }
  });
});
