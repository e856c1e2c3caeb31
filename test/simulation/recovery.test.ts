import { describe, expect, test } from 'vitest';
import { condensedSubset } from '../../src/core/condensed.ts';
import { rdmValuesAt } from '../../src/rdm/rdm.ts';
import { type FitEncoder, type FitInput, recoverShares, simulatedPower } from '../../src/simulation/recovery.ts';
import { simulateStudy } from '../../src/simulation/simulated-study.ts';
import { fitMask } from '../../src/training/fit.ts';
import { drawFeatures, statisticsOf } from './small-study.ts';

const statistics = await statisticsOf(drawFeatures(36));
const noise = { measurement: 1, individual: 0.3 };
const mask = [0.2, 0.2, 1];

const fit: FitEncoder = async (input) => {
  const set = { name: 'simulation', imageSet: 'simulation', ...input };
  const learningRate = { mask: 0.02, readout: 0.02 };
  return (await fitMask([set], { epochs: 30, learningRate, seed: input.seed })).encoder;
};

describe('a simulated study', () => {
  test('splits the images in two, some of every stretch of names on either side', () => {
    const { trainingImages, testImages } = simulateStudy(statistics, { mask, trainingFraction: 2 / 3, seed: 4 });
    expect([...trainingImages, ...testImages].sort((a, b) => a - b)).toEqual(statistics.conditions.map((_, k) => k));
    expect(testImages).toHaveLength(12);
    testImages.forEach((row, k) => {
      expect(Math.floor(row / 3)).toBe(k);
    });
  });

  test('tells the shares of its truth, which sum to 1 and follow the mask', () => {
    const { truth } = simulateStudy(statistics, { mask });
    expect(truth.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(truth.shares[2]).toBeGreaterThan(0.8);
  });

  test('takes a mask of one value a channel as well; of any other length it is refused', () => {
    const channels = Array.from({ length: 18 }, (_, c) => mask[Math.floor(c / 6)]);
    const byStage = simulateStudy(statistics, { mask, noise });
    expect(simulateStudy(statistics, { mask: channels, noise }).targets).toEqual(byStage.targets);
    expect(() => simulateStudy(statistics, { mask: [1, 1] })).toThrow('expected 3 values (one a stage) or 18');
    expect(() => simulateStudy(statistics, { mask, trainingFraction: 0.99 })).toThrow('trainingFraction');
  });
});

describe('recovery', () => {
  test('a fit that knows the truth has no error and predicts as the truth does', async () => {
    const study = simulateStudy(statistics, { mask, noise });
    const { shareError, rho, stages } = await recoverShares(study, () => study.truth.encoder, { nPermutations: 0 });
    expect(shareError.fitted).toBe(0);
    expect(rho.fitted).toBe(rho.truth);
    expect(stages.map(({ share }) => share)).toEqual(study.truth.shares);
  });

  test('permuted fits see the same RDMs of test images and other labels among training images, alike in every subject', async () => {
    const study = simulateStudy(statistics, { mask, noise, nSubjects: 3 });
    const inputs: FitInput[] = [];
    const spy: FitEncoder = (input) => {
      inputs.push(input);
      return study.truth.encoder;
    };
    await recoverShares(study, spy, { nPermutations: 2 });
    expect(inputs).toHaveLength(3);
    const rows = (input: FitInput, subject: number, subset: readonly number[]) =>
      condensedSubset(rdmValuesAt(input.targets, subject), 36, subset);
    for (const subject of [0, 2]) {
      const [real, ...permuted] = inputs.map((input) => rows(input, subject, study.trainingImages));
      for (const values of permuted) {
        expect(values).not.toEqual(real);
        expect(values.toSorted()).toEqual(real.toSorted());
      }
      expect(rows(inputs[1], subject, study.testImages)).toEqual(rows(inputs[0], subject, study.testImages));
    }
    const place = (subject: number) =>
      rdmValuesAt(inputs[1].targets, subject).map((value) => rdmValuesAt(inputs[0].targets, subject).indexOf(value));
    expect(place(2)).toEqual(place(0));
  });

  test('a fitted mask has the true shares more nearly than an untrained or a permuted one, and predicts better', async () => {
    const study = simulateStudy(statistics, { mask, noise, seed: 1 });
    const { shareError, rho, ceiling, p } = await recoverShares(study, fit, { nPermutations: 9 });
    expect(shareError.fitted).toBeLessThan(0.5 * shareError.untrained);
    expect(shareError.fitted).toBeLessThan(Math.min(...shareError.permuted));
    expect(rho.fitted).toBeGreaterThan(rho.untrained);
    expect(rho.fitted).toBeLessThan(ceiling.upper.rho);
    expect(p).toBe(0.1);
  });

  test('power is near 1 with little noise and near alpha where subjects share nothing', async () => {
    const options = { nRepeats: 10, nPermutations: 4, alpha: 0.2 };
    const power = async (measurement: number) => {
      const simulate = (seed: number) =>
        simulateStudy(statistics, { mask, noise: { measurement, individual: 0 }, nSubjects: 4, seed });
      return (await simulatedPower(simulate, fit, options)).power;
    };
    expect(await power(0.5)).toBe(1);
    expect(await power(1000)).toBeLessThanOrEqual(0.5); // ten repeats of probability 0.2: 99.4 % of the time
  });
});
