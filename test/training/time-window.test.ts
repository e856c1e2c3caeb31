import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { fitMask } from '../../src/training/fit.ts';
import type { TrainingSet } from '../../src/training/options.ts';
import { drawTargets, fitProblem } from '../../src/training/problem.ts';
import { trainingSettings } from '../../src/training/settings.ts';
import { pairTargets } from '../../src/training/targets.ts';
import { timeWeights } from '../../src/training/time-window.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const windows = fc.record({
  nTimes: fc.integer({ min: 2, max: 25 }),
  window: fc.record({
    centre: fc.double({ min: 0, max: 1, noNaN: true }),
    width: fc.double({ min: 0.05, max: 3, noNaN: true }),
  }),
});

/** A set whose value is 100 subject + time, plus a thousandth of the pair's number: what was drawn can be read off. */
function tellingSet(nTimes: number, nSubjects = 3, name = 'MEG'): TrainingSet {
  const set = drawnSet(drawnStatistics(5), { name, nSubjects });
  const values = Float64Array.from({ length: nSubjects * nTimes * 10 }, (_, k) => {
    const [subject, time, pair] = [Math.floor(k / 10 / nTimes), Math.floor(k / 10) % nTimes, k % 10];
    return 100 * subject + time + pair / 1000;
  });
  return { ...set, targets: { ...set.targets, nTimes, values } };
}

describe('timeWeights', () => {
  it('are the Gaussian density at the middle of each point of the window, normalised', () => {
    fc.assert(
      fc.property(windows, ({ nTimes, window: { centre, width } }) => {
        const weights = timeWeights(nTimes, { centre, width });
        const densities = Array.from({ length: nTimes }, (_, k) =>
          Math.exp(-0.5 * (((k + 0.5) / nTimes - centre) / width) ** 2),
        );
        const sum = densities.reduce((a, b) => a + b);
        for (const [k, density] of densities.entries()) expect(weights[k]).toBeCloseTo(density / sum, 12);
      }),
    );
  });

  it('are those of the nearest point alone in the narrowest of windows', () => {
    expect(Array.from(timeWeights(4, { centre: 0.4, width: 1e-200 }))).toEqual([0, 1, 0, 0]);
    expect(Array.from(timeWeights(3, { centre: 0, width: 1e-9 }))).toEqual([1, 0, 0]);
  });
});

describe('values of a time point drawn each time', () => {
  const draws = (nTimes: number, window: { centre: number; width: number }, seed: number, count: number) => {
    const { draw } = pairTargets(tellingSet(nTimes).targets, 'MEG', window);
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => {
      const out = new Float64Array(5).fill(-1);
      draw!(7, random, out, 1);
      expect([out[0], out[4]]).toEqual([-1, -1]);
      return Array.from(out.subarray(1, 4), (value, subject) => value - 100 * subject - 0.007);
    });
  };

  it('are met as often as the window says, each subject on its own', () => {
    fc.assert(
      fc.property(windows, fc.nat(), ({ nTimes, window }, seed) => {
        const weights = timeWeights(nTimes, window);
        const times = draws(nTimes, window, seed, 3000).map((values) => values.map((time) => Math.round(time)));
        for (const subject of [0, 1, 2]) {
          for (let time = 0; time < nTimes; time++) {
            const share = times.filter((values) => values[subject] === time).length / 3000;
            const deviation = Math.sqrt((weights[time] * (1 - weights[time])) / 3000);
            expect(Math.abs(share - weights[time])).toBeLessThan(6 * deviation + 0.001);
          }
        }
        if (window.width > 0.2) expect(times.some(([a, b]) => a !== b)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('have the weighted mean over times for their mean', () => {
    fc.assert(
      fc.property(windows, fc.nat(), ({ nTimes, window }, seed) => {
        const expected = timeWeights(nTimes, window).reduce((sum, weight, time) => sum + weight * time, 0);
        const times = draws(nTimes, window, seed, 3000).flat();
        const mean = times.reduce((a, b) => a + b) / times.length;
        expect(Math.abs(mean - expected)).toBeLessThan((6 * nTimes) / 2 / Math.sqrt(9000));
      }),
      { numRuns: 20 },
    );
  });

  it('leave the mean over times to what else rests on targets', () => {
    const [mean, drawn] = (['mean', { centre: 0.1, width: 0.1 }] as const).map((time) =>
      pairTargets(tellingSet(6).targets, 'MEG', time),
    );
    expect(mean.draw).toBeNull();
    expect({ ...drawn, draw: null }).toEqual(mean);
  });
});

describe('drawTargets', () => {
  const settings = trainingSettings({ time: { centre: 0.5, width: 0.3 }, readout: 'identity' });

  it('gives each pair of a batch its values, those of a set of one time point as they are', () => {
    const fmri = { ...tellingSet(1, 2, 'fMRI'), imageSet: 'other' };
    const notices: string[] = [];
    const problem = fitProblem([fmri, tellingSet(9)], settings, (notice) => notices.push(notice));
    const values = drawTargets(problem, Uint32Array.of(3, 12, 12, 0), () => seededRandom(1))!;
    expect(values).toHaveLength(2 + 3 + 3 + 2);
    expect([values[0], values[1], values[8], values[9]]).toEqual([0.003, 100.003, 0, 100]);
    for (let k = 2; k < 8; k++) expect(Math.floor(values[k] / 100)).toBe((k - 2) % 3);
    expect(new Set(values.subarray(2, 8).map((value) => Math.round(value) % 100)).size).toBeGreaterThan(1);
    expect(notices).toEqual(['data set fMRI has a single time point: none is drawn from it']);
  });

  it('gives them in the unit of their set', () => {
    const affine = trainingSettings({ time: { centre: 0.5, width: 0.3 } });
    const problem = fitProblem([tellingSet(9)], affine, () => {});
    expect(problem.sets[0].unit).toBe(100);
    const [inUnits, plain] = [problem, fitProblem([tellingSet(9)], settings, () => {})].map(
      (each) => drawTargets(each, Uint32Array.of(4, 2), () => seededRandom(1))!,
    );
    for (const [k, value] of plain.entries()) expect(inUnits[k]).toBeCloseTo(value / 100, 12);
  });

  it('is undefined where the mean is meant', () => {
    const mean = trainingSettings({ readout: 'identity' });
    const problem = fitProblem([tellingSet(9)], mean, () => {});
    expect(drawTargets(problem, Uint32Array.of(4), () => seededRandom(1))).toBeUndefined();
  });
});

describe('fitMask with a window of times', () => {
  it('approaches the fit of the weighted mean where times differ by noise alone, and is not that fit', async () => {
    const set = drawnSet(drawnStatistics(16), { noise: 0 });
    const { targets } = set;
    const random = seededRandom(4);
    const length = targets.values.length / targets.nSubjects;
    const values = Float64Array.from({ length: 5 * targets.values.length }, (_, k) => {
      const [subject, pair] = [Math.floor(k / length / 5), k % length];
      return targets.values[subject * length + pair] + 0.05 * random.normal();
    });
    const timed = { ...set, targets: { ...targets, nTimes: 5, values } };
    const options = { mask: 'stage', epochs: 60, loss: 'mse', reliability: 'none', learningRate: 0.02 } as const;
    const [mean, drawn] = await Promise.all([fitMask([timed], options), fitMask([timed], { ...options, time: {} })]);
    const ratio = ({ encoder: { mask } }: typeof mean) => mask[1] / mask[0];
    expect(drawn.encoder.mask).not.toEqual(mean.encoder.mask);
    expect(Math.abs(ratio(drawn) / ratio(mean) - 1)).toBeLessThan(0.1);
    expect(await fitMask([timed], { ...options, time: {} })).toEqual(drawn);
  });

  it('in its narrowest form is the fit of that time point', async () => {
    const set = drawnSet(drawnStatistics(8), { seed: 3 });
    const later = drawnSet(drawnStatistics(8), { seed: 8 });
    const { nSubjects } = set.targets;
    const length = set.targets.values.length / nSubjects;
    const values = Float64Array.from({ length: 2 * nSubjects * length }, (_, k) => {
      const [subject, time, pair] = [Math.floor(k / length / 2), Math.floor(k / length) % 2, k % length];
      return [set, later][time].targets.values[subject * length + pair];
    });
    const timed = { ...set, targets: { ...set.targets, nTimes: 2, values } };
    const options = { epochs: 5, reliability: 'none', readout: 'identity' } as const;
    const drawn = await fitMask([timed], { ...options, time: { centre: 1, width: 1e-6 } });
    expect(Array.from(drawn.encoder.mask)).toEqual(Array.from((await fitMask([later], options)).encoder.mask));
  });

  it('refuses RDMs of a single time point', async () => {
    await expect(fitMask([tellingSet(1)], { time: {} })).rejects.toThrow(
      'training.time: expected RDMs of at least 2 time points (nSubjects x nTimes x n x n) to draw from, got 1 in data set MEG; name such RDMs or take time: mean',
    );
  });
});
