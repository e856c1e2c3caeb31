import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import type { PairResolution } from '../../src/encoder/encoder.ts';
import { OPTIMISERS } from '../../src/training/optimisers.ts';
import { createPairLoss, type PairLossProblem, type Parameters } from '../../src/training/pairs/pair-loss.ts';
import { pairTable } from '../../src/training/pairs/pair-table.ts';
import { golden, goldenStatistics, plainStatistics } from './golden.ts';

/** The golden data sets as the loss takes them: tables A and B, pairs numbered set by set. */
function goldenProblem(resolution: PairResolution, loss: 'l1' | 'mse', float32 = false): PairLossProblem {
  const scale = Float64Array.from(golden.scales[resolution]);
  const names = Object.keys(golden.images);
  const tables = names.map((name) => {
    const statistics = goldenStatistics(name);
    const products = float32 ? Float32Array.from(statistics.products) : statistics.products;
    return pairTable({ ...statistics, products }, resolution, scale);
  });
  const rows: number[][] = [];
  for (const [s, { imageSet }] of golden.sets.entries()) {
    const { n } = golden.images[imageSet];
    for (let i = 0, pair = 0; i < n; i++) for (let j = i + 1; j < n; j++) rows.push([s, pair++, i, j]);
  }
  const [set, pair, i, j] = [0, 1, 2, 3].map((column) => Uint32Array.from(rows, (row) => row[column]));
  return {
    tables,
    sets: golden.sets.map(({ imageSet, nSubjects, values, weights }) => ({
      table: names.indexOf(imageSet),
      nSubjects,
      values: Float64Array.from(values.flat()),
      weights: Float64Array.from(weights),
    })),
    pairs: { length: rows.length, set, pair, i, j },
    scale: resolution === 'stage' ? new Float64Array(golden.stages.length).fill(1) : scale,
    loss,
  };
}

function parametersOf(resolution: PairResolution): Parameters {
  return {
    mask: Float64Array.from(golden.masks[resolution]),
    alpha: Float64Array.from(golden.alpha),
    b: Float64Array.from(golden.b),
  };
}

const emptyLike = ({ mask, alpha, b }: Parameters): Parameters => ({
  mask: new Float64Array(mask.length),
  alpha: new Float64Array(alpha.length),
  b: new Float64Array(b.length),
});

const PARTS = ['mask', 'alpha', 'b'] as const;

function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  return Math.max(...Array.from(got, (value, k) => Math.abs(value - expected[k])));
}

describe.each(golden.losses)(
  "pair-statistics loss $loss of a $resolution mask against torch's autograd on full features",
  (expected) => {
    it('has the same value and gradient to 1e-12', () => {
      const parameters = parametersOf(expected.resolution);
      const gradient = emptyLike(parameters);
      const loss = createPairLoss(goldenProblem(expected.resolution, expected.loss));
      expect(loss(Uint32Array.from(golden.batches[0]), parameters, gradient)).toBeCloseTo(expected.value, 12);
      for (const part of PARTS) expect(furthest(gradient[part], expected.gradient[part])).toBeLessThan(1e-12);
    });

    it('has them to 1e-6 from products kept in float32', () => {
      const parameters = parametersOf(expected.resolution);
      const gradient = emptyLike(parameters);
      const loss = createPairLoss(goldenProblem(expected.resolution, expected.loss, true));
      expect(loss(Uint32Array.from(golden.batches[0]), parameters, gradient)).toBeCloseTo(expected.value, 6);
      for (const part of PARTS) expect(furthest(gradient[part], expected.gradient[part])).toBeLessThan(1e-6);
    });

    it('does not depend on what minibatches came before', () => {
      const parameters = parametersOf(expected.resolution);
      const gradient = emptyLike(parameters);
      const loss = createPairLoss(goldenProblem(expected.resolution, expected.loss));
      for (const batch of golden.batches.slice(1)) loss(Uint32Array.from(batch), parameters, gradient);
      loss(Uint32Array.from(golden.batches[0]), parameters, gradient);
      for (const part of PARTS) expect(furthest(gradient[part], expected.gradient[part])).toBeLessThan(1e-12);
    });
  },
);

describe.each(golden.adam)(
  'Adam on fixed minibatches, $loss, $resolution mask',
  ({ resolution, loss, rates, after }) => {
    it('arrives where torch.optim.Adam does to 1e-8', () => {
      const parameters = parametersOf(resolution);
      const gradient = emptyLike(parameters);
      const value = createPairLoss(goldenProblem(resolution, loss));
      const optimiser = OPTIMISERS.adam(PARTS.map((part, k) => ({ values: parameters[part], learningRate: rates[k] })));
      for (const batch of golden.batches) {
        value(Uint32Array.from(batch), parameters, gradient);
        optimiser.step(PARTS.map((part) => gradient[part]));
      }
      for (const part of PARTS) expect(furthest(parameters[part], after[part])).toBeLessThan(1e-8);
    });
  },
);

describe('pair-statistics loss against the plain definition', () => {
  const stages = [
    { name: 'a', channels: 3, height: 2, width: 3 },
    { name: 'b', channels: 2, height: 1, width: 1 },
    { name: 'c', channels: 14, height: 1, width: 2 },
  ];
  const nChannels = 19;
  const nImages = 5;

  /** Loss of all pairs from the embeddings themselves. */
  function plainLoss(
    features: Float64Array[],
    mask: Float64Array,
    alpha: number,
    b: number,
    values: Float64Array,
  ): number {
    const embeddings = Array.from({ length: nImages }, (_, image) => {
      let channel = 0;
      return stages.flatMap(({ channels, height, width }, s) => {
        const positions = height * width;
        return Array.from({ length: channels }, (_, c) => {
          const first = (image * channels + c) * positions;
          const weight = mask[channel++];
          return Array.from(features[s].subarray(first, first + positions), (x) => weight * x);
        }).flat();
      });
    });
    const centred = embeddings.map((e) => {
      const mean = e.reduce((sum, x) => sum + x, 0) / e.length;
      return e.map((x) => x - mean);
    });
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
    let sum = 0;
    for (let i = 0, pair = 0; i < nImages; i++) {
      for (let j = i + 1; j < nImages; j++, pair++) {
        const r = dot(centred[i], centred[j]) / Math.sqrt(dot(centred[i], centred[i]) * dot(centred[j], centred[j]));
        sum += (Math.exp(alpha) * (1 - r) + b - values[pair]) ** 2;
      }
    }
    return sum / values.length;
  }

  it('agrees with it, and its gradient with central differences of it, to 1e-8', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = seededRandom(seed);
        const numbers = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);
        const features = stages.map(({ channels, height, width }) =>
          numbers(nImages * channels * height * width, () => Math.max(0, random.normal() + 0.5)),
        );
        const mask = numbers(nChannels, () => random.uniform() * 2 - 0.3);
        const values = numbers(10, () => random.uniform());
        const [alpha, b] = [random.normal() / 4, random.normal() / 4];
        const ones = new Float64Array(nChannels).fill(1);
        const statistics = plainStatistics(stages, features, ['p', 'q', 'r', 's', 't']);
        const rows = [0, 1, 2, 3].flatMap((i) => [1, 2, 3, 4].filter((j) => j > i).map((j) => [i, j]));
        const loss = createPairLoss({
          tables: [pairTable(statistics, 'channel', ones)],
          sets: [{ table: 0, nSubjects: 1, values, weights: new Float64Array(10).fill(1) }],
          pairs: {
            length: 10,
            set: new Uint32Array(10),
            pair: Uint32Array.from(rows, (_, k) => k),
            i: Uint32Array.from(rows, ([i]) => i),
            j: Uint32Array.from(rows, ([, j]) => j),
          },
          scale: ones,
          loss: 'mse',
        });
        const parameters = { mask, alpha: Float64Array.of(alpha), b: Float64Array.of(b) };
        const gradient = emptyLike(parameters);
        const all = Uint32Array.from(rows, (_, k) => k);
        expect(loss(all, parameters, gradient)).toBeCloseTo(plainLoss(features, mask, alpha, b, values), 10);
        const step = 1e-5;
        for (let c = 0; c < nChannels; c++) {
          const [more, less] = [1, -1].map((sign) => {
            const moved = mask.slice();
            moved[c] += sign * step;
            return plainLoss(features, moved, alpha, b, values);
          });
          expect(Math.abs(gradient.mask[c] - (more - less) / (2 * step))).toBeLessThan(1e-8);
        }
        const byAlpha =
          plainLoss(features, mask, alpha + step, b, values) - plainLoss(features, mask, alpha - step, b, values);
        const byB =
          plainLoss(features, mask, alpha, b + step, values) - plainLoss(features, mask, alpha, b - step, values);
        expect(Math.abs(gradient.alpha[0] - byAlpha / (2 * step))).toBeLessThan(1e-8);
        expect(Math.abs(gradient.b[0] - byB / (2 * step))).toBeLessThan(1e-8);
      }),
      { numRuns: 20 },
    );
  });

  it('names the image whose masked features are constant', () => {
    const problem = goldenProblem('channel', 'l1');
    const parameters = parametersOf('channel');
    parameters.mask.fill(0);
    expect(() => createPairLoss(problem)(Uint32Array.of(0), parameters)).toThrow(
      /image A0: .* correlates with nothing/,
    );
  });
});
