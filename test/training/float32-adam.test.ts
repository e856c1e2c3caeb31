import { expect, it } from 'vitest';
import { float32AdamStep, float32Group } from '../../src/training/network/float32-adam.ts';
import { OPTIMISERS } from '../../src/training/optimisers.ts';
import { between } from '../golden/seeded.ts';

it.each([
  ['adam', 0],
  ['adamw', 0.1],
] as const)(
  '%s in float32 takes the steps of float64 to rounding, over changing rates and clipped gradients',
  (name, weightDecay) => {
    const n = 1000;
    const start = between('values', [n], -1, 1);
    const groups = [
      float32Group(start.slice(0, 300), { learningRate: 0.01, weightDecay }),
      float32Group(start.slice(300), { learningRate: 0.001 }),
    ];
    const wide = groups.map(({ values, learningRate }, k) => {
      return { values: Float64Array.from(values), learningRate, weightDecay: k === 0 ? weightDecay : 0 };
    });
    const optimiser = OPTIMISERS[name](wide);
    for (let t = 1; t <= 50; t++) {
      const [rate, clip] = [1 - t / 100, t % 2 === 0 ? 0.5 : 1];
      const gradients = groups.map(({ gradient }, k) => {
        gradient.set(between(`gradient ${t} ${k}`, [gradient.length], -1, 1));
        return Float64Array.from(gradient, (value) => value * clip);
      });
      optimiser.step(gradients, rate);
      float32AdamStep(groups, t, rate, clip);
    }
    for (const [k, { values }] of groups.entries()) {
      expect(Math.max(...values.map((value, at) => Math.abs(value - wide[k].values[at])))).toBeLessThan(2e-6);
      expect(Math.max(...values.map((value, at) => Math.abs(value - start[at + 300 * k])))).toBeGreaterThan(5e-3);
    }
  },
);
