import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clipGradients, squaredNorm } from '../../src/training/clipping.ts';
import { OPTIMISERS, type OptimiserName } from '../../src/training/optimisers.ts';
import type { Schedule } from '../../src/training/options.ts';
import { rateFactors } from '../../src/training/schedules.ts';

interface Golden {
  readonly start: number[][];
  readonly rates: number[];
  readonly decays: number[];
  readonly gradients: number[][][];
  readonly runs: {
    optimiser: OptimiserName;
    clip: 'none' | number;
    schedule: Schedule;
    norms: number[];
    after: number[][];
  }[];
  readonly schedules: { kind: Schedule['kind']; warmup: number; nSteps: number; factors: number[] }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/training-steps/expected.json', import.meta.url), 'utf8'),
);

describe('steps against torch', () => {
  it.each(golden.runs)(
    '$optimiser with clip $clip and schedule $schedule.kind after $schedule.warmup ends where torch does to 1e-12',
    (expected) => {
      const groups = golden.start.map((values, k) => ({
        values: Float64Array.from(values),
        learningRate: golden.rates[k],
        weightDecay: golden.decays[k],
      }));
      const optimiser = OPTIMISERS[expected.optimiser](groups);
      const nSteps = golden.gradients.length;
      const factorAt = rateFactors(expected.schedule, { stepsPerEpoch: 1, nSteps });
      for (const [step, plain] of golden.gradients.entries()) {
        const gradients = plain.map((values) => Float64Array.from(values));
        if (expected.clip !== 'none') {
          expect(Math.sqrt(squaredNorm(gradients))).toBeCloseTo(expected.norms[step], 12);
        }
        clipGradients(gradients, expected.clip);
        optimiser.step(gradients, factorAt(step));
      }
      for (const [k, { values }] of groups.entries()) {
        for (const [at, value] of expected.after[k].entries()) expect(values[at]).toBeCloseTo(value, 12);
      }
    },
  );

  it.each(golden.schedules)(
    '$kind schedule of $nSteps steps, $warmup of them warm-up, has torch factors',
    (schedule) => {
      const { nSteps, factors } = schedule;
      const factorAt = rateFactors(schedule, { stepsPerEpoch: 1, nSteps });
      for (const [step, factor] of factors.entries()) expect(factorAt(step)).toBeCloseTo(factor, 12);
    },
  );
});

describe('rateFactors', () => {
  it('takes warm-up in epochs, fractions rounded to whole steps', () => {
    const factorAt = rateFactors({ kind: 'constant', warmup: 0.5 }, { stepsPerEpoch: 8, nSteps: 80 });
    expect([0, 1, 2, 3, 4, 79].map(factorAt)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
    const hardly = rateFactors({ kind: 'constant', warmup: 0.04 }, { stepsPerEpoch: 8, nSteps: 80 });
    expect(hardly(0)).toBe(1);
  });

  it('is all warm-up where that is longer than the fit', () => {
    const factorAt = rateFactors({ kind: 'cosine', warmup: 9 }, { stepsPerEpoch: 2, nSteps: 4 });
    expect([0, 1, 2, 3].map(factorAt)).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe('clipGradients', () => {
  it('leaves a gradient of 0 and one within bounds as they are', () => {
    for (const values of [
      [0, 0],
      [0.3, -0.4],
    ]) {
      const gradients = [Float64Array.from(values)];
      clipGradients(gradients, 1);
      expect(Array.from(gradients[0])).toEqual(values);
    }
  });
});
