import { describe, expect, it } from 'vitest';
import { OPTIMISERS, type OptimiserName } from '../../src/training/optimisers.ts';

const names = Object.keys(OPTIMISERS) as OptimiserName[];

// (x - target)' A (x - target) with a badly scaled, correlated A: its only minimum is the target.
const TARGET = [1, -2, 0.5];
const A = [
  [10, 3, 0],
  [3, 2, 0.1],
  [0, 0.1, 0.05],
];
const gradientAt = (x: Float64Array) =>
  Float64Array.from(A, (row) => 2 * row.reduce((sum, a, k) => sum + a * (x[k] - TARGET[k]), 0));

describe.each(names)('optimiser %s', (name) => {
  it('arrives at a known minimum', () => {
    const values = new Float64Array(3);
    const optimiser = OPTIMISERS[name]([{ values, learningRate: 0.01 }]);
    for (let step = 0; step < 20_000; step++) optimiser.step([gradientAt(values)]);
    for (const [k, target] of TARGET.entries()) expect(values[k]).toBeCloseTo(target, 3);
  });

  it('moves each group at its own rate and a group of rate 0 not at all', () => {
    const [fast, slow, still] = [0, 1, 2].map(() => Float64Array.of(1, 1));
    const groups = [fast, slow, still].map((values, k) => ({ values, learningRate: [0.1, 0.001, 0][k] }));
    OPTIMISERS[name](groups).step([fast, slow, still].map(() => Float64Array.of(1, -1)));
    expect(1 - fast[0]).toBeCloseTo(100 * (1 - slow[0]), 10);
    expect(fast[1]).toBeGreaterThan(1);
    expect(Array.from(still)).toEqual([1, 1]);
  });

  it('moves by the rate times the factor of the step, and not at all at factor 0', () => {
    const steps = [1, 0.25, 0].map((factor) => {
      const values = Float64Array.of(1, 1);
      OPTIMISERS[name]([{ values, learningRate: 0.1, weightDecay: 0.5 }]).step([Float64Array.of(2, -3)], factor);
      return values.map((value) => value - 1);
    });
    for (const k of [0, 1]) expect(steps[1][k]).toBeCloseTo(steps[0][k] / 4, 12);
    expect(Array.from(steps[2])).toEqual([0, 0]);
  });

  it('stays where it is while gradients are 0', () => {
    const values = Float64Array.of(3, -4);
    const optimiser = OPTIMISERS[name]([{ values, learningRate: 0.1 }]);
    for (let step = 0; step < 5; step++) optimiser.step([new Float64Array(2)]);
    expect(Array.from(values)).toEqual([3, -4]);
  });

  it('goes on from its state as if never stopped, bit for bit, and its state is a copy in plain data', () => {
    const whole = new Float64Array(3);
    const first = OPTIMISERS[name]([{ values: whole, learningRate: 0.01, weightDecay: 0.1 }]);
    for (let step = 0; step < 10; step++) first.step([gradientAt(whole)]);
    const values = whole.slice();
    const state = structuredClone(first.state());
    for (let step = 0; step < 10; step++) first.step([gradientAt(whole)]);
    const resumed = OPTIMISERS[name]([{ values, learningRate: 0.01, weightDecay: 0.1 }], state);
    for (let step = 0; step < 10; step++) resumed.step([gradientAt(values)]);
    expect(Array.from(values)).toEqual(Array.from(whole));
  });
});

describe('optimiser adamw', () => {
  it('pulls a group to 0 by its own decay where gradients are 0, and adam does not', () => {
    const [decaying, staying] = [Float64Array.of(2), Float64Array.of(2)];
    const groups = [
      { values: decaying, learningRate: 0.1, weightDecay: 0.5 },
      { values: staying, learningRate: 0.1 },
    ];
    for (let step = 0; step < 3; step++) OPTIMISERS.adamw(groups).step([new Float64Array(1), new Float64Array(1)]);
    expect(decaying[0]).toBeCloseTo(2 * 0.95 ** 3, 12);
    expect(staying[0]).toBe(2);
    OPTIMISERS.adam(groups).step([new Float64Array(1), new Float64Array(1)]);
    expect(decaying[0]).toBeCloseTo(2 * 0.95 ** 3, 12);
  });
});
