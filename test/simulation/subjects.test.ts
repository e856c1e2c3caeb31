import { describe, expect, test } from 'vitest';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { rdmValuesAt } from '../../src/rdm/rdm.ts';
import { expectedCeiling, noiseForCeiling } from '../../src/simulation/noise.ts';
import { simulateSubjects } from '../../src/simulation/subjects.ts';
import { drawFeatures, STAGES, statisticsOf } from './small-study.ts';

const features = drawFeatures(40);
const statistics = await statisticsOf(features);
const encoder: Encoder = {
  stages: STAGES,
  maskResolution: 'stage',
  mask: Float64Array.of(0.2, 1, 2),
  scale: Float64Array.from({ length: 18 }, (_, c) => 1 + (c % 3)),
  readouts: [],
};

describe('simulated subjects', () => {
  test('without noise all have 1 - the correlation of the masked, scaled features', () => {
    const { targets, rdm } = simulateSubjects(statistics, encoder, {
      nSubjects: 2,
      noise: { measurement: 0, individual: 0 },
    });
    const embeddings = features.map((stages) =>
      stages.flatMap((values, k) => {
        const positions = STAGES[k].height * STAGES[k].width;
        return Array.from(values, (value, at) => value * encoder.mask[k] * (1 + (Math.floor(at / positions) % 3)));
      }),
    );
    const plain: number[] = [];
    for (let i = 0; i < 40; i++) {
      for (let j = i + 1; j < 40; j++) plain.push(1 - correlation(embeddings[i], embeddings[j]));
    }
    for (const values of [rdm.values, rdmValuesAt(targets, 0), rdmValuesAt(targets, 1)]) {
      expect(Math.max(...plain.map((value, pair) => Math.abs(value - values[pair])))).toBeLessThan(1e-12);
    }
    expect(targets.conditions).toEqual(statistics.conditions);
  });

  test('measurement noise has the level stated and is independent from subject to subject', () => {
    const { targets, rdm } = simulateSubjects(statistics, encoder, {
      nSubjects: 10,
      noise: { measurement: 1.5, individual: 0 },
    });
    const noises = Array.from({ length: 10 }, (_, s) => residual(rdmValuesAt(targets, s), rdm.values));
    for (const noise of noises) expect(Math.abs(sd(noise) / sd(rdm.values) - 1.5)).toBeLessThan(0.15); // 4 standard errors
    expect(Math.abs(correlation(noises[0], noises[1]))).toBeLessThan(4 / Math.sqrt(780));
    expect(Math.abs(correlation(noises[0], [...rdm.values]))).toBeLessThan(4 / Math.sqrt(780));
  });

  test('individual differences have exactly the level stated, have nothing of the true RDM, and average out', () => {
    const nSubjects = 60;
    const { targets, rdm } = simulateSubjects(statistics, encoder, {
      nSubjects,
      noise: { measurement: 0, individual: 0.5 },
    });
    const parts = Array.from({ length: nSubjects }, (_, s) => residual(rdmValuesAt(targets, s), rdm.values));
    for (const part of parts) {
      expect(sd(part) / sd(rdm.values)).toBeCloseTo(0.5, 9);
      expect(correlation(part, [...rdm.values])).toBeCloseTo(0, 9);
    }
    expect(Math.abs(correlation(parts[0], parts[1]))).toBeLessThan(0.9);
    const mean = parts[0].map((_, pair) => parts.reduce((sum, part) => sum + part[pair], 0) / nSubjects);
    expect(sd(mean) / sd(rdm.values)).toBeLessThan((2 * 0.5) / Math.sqrt(nSubjects));
  });

  test.each([0.25, 0.4, 0.7])('the noise ceiling comes out at the one chosen: %s', (lower) => {
    const noise = noiseForCeiling(lower, { nSubjects: 15, individual: 0 });
    const { targets } = simulateSubjects(statistics, encoder, { noise, seed: 3 });
    const ceiling = noiseCeiling(targets, { comparator: 'pearson' });
    expect(Math.abs(ceiling.lower.rho - lower)).toBeLessThan(0.03);
    expect(Math.abs(ceiling.upper.rho - expectedCeiling(noise, 15).upper)).toBeLessThan(0.03);
  });

  test('a seed gives the same subjects, and more subjects leave the first as they are', () => {
    const few = simulateSubjects(statistics, encoder, { nSubjects: 2, seed: 5 });
    const many = simulateSubjects(statistics, encoder, { nSubjects: 4, seed: 5 });
    expect(rdmValuesAt(many.targets, 1)).toEqual(rdmValuesAt(few.targets, 1));
    const other = simulateSubjects(statistics, encoder, { nSubjects: 2, seed: 6 });
    expect(rdmValuesAt(other.targets, 1)).not.toEqual(rdmValuesAt(few.targets, 1));
  });

  test('two images, whose RDM cannot vary, and impossible levels are refused', async () => {
    const two = await statisticsOf(drawFeatures(2));
    expect(() => simulateSubjects(two, encoder)).toThrow('does not vary');
    expect(() => simulateSubjects(statistics, encoder, { nSubjects: 0 })).toThrow('nSubjects');
    const noise = { measurement: Number.NaN, individual: 0 };
    expect(() => simulateSubjects(statistics, encoder, { noise })).toThrow('noise.measurement');
  });
});

function residual(values: Float64Array, truth: Float64Array): number[] {
  return Array.from(values, (value, pair) => value - truth[pair]);
}

function sd(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [a, b].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const product = a.reduce((sum, value, k) => sum + (value - meanA) * (b[k] - meanB), 0);
  return product / (a.length * sd(a) * sd(b));
}
