import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fitMask } from '../../src/training/fit.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { goldenSets } from './golden.ts';

const sets = goldenSets();
const base: TrainingOptions = { epochs: 7, batch: 4, learningRate: { mask: 0.02, readout: 0.01 } };

/** Digest of the mask's and readouts' bytes and of all losses on the way. */
async function digestOf(options: TrainingOptions, trainingImages?: readonly number[]): Promise<string> {
  const given = trainingImages === undefined ? sets : sets.map((set) => ({ ...set, trainingImages }));
  const { encoder, metrics, keptEpoch } = await fitMask(given, { ...base, ...options });
  const losses = metrics.flatMap(({ trainingLoss, validationLoss }) => [
    trainingLoss,
    ...Object.values(validationLoss ?? {}).filter((value) => value !== null),
  ]);
  const readouts = encoder.readouts.flatMap(({ alpha, b }) => [alpha, b]);
  const numbers = Float64Array.of(...encoder.mask, ...readouts, ...losses, keptEpoch);
  return createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex').slice(0, 16);
}

// Digests of the fits that the first release gave: training on pair statistics must not move by a bit.
describe('fitMask gives the bytes it always gave', () => {
  it.each([
    ['a split mask', {}, undefined, '6ebff10f55ddcff2'],
    ['a channel mask', { mask: 'channel' }, undefined, '0ce8d48f5904d3de'],
    ['a stage mask', { mask: 'stage' }, undefined, 'c2869fa68f3ac5d9'],
    ['squared errors', { mask: 'channel', loss: 'mse' }, undefined, 'a5846ee1b492723d'],
    ['no scale, no readout', { mask: 'channel', scale: 'none', readout: 'identity' }, undefined, '8ac22f206759f581'],
    ['no reliability weights, another seed', { reliability: 'none', seed: 3 }, undefined, '389a3edbfdb501c7'],
    ['images held out', { holdout: { by: 'image', fraction: 0.3 } }, undefined, 'c578f57a64246c8d'],
    ['pairs held out', { holdout: { by: 'pair', fraction: 0.2 }, seed: 5 }, undefined, '30952bb972cbf55a'],
    ['images kept for a test', { mask: 'channel' }, [0, 1, 3, 4], 'fc397e7fa1234107'],
  ] as [string, TrainingOptions, readonly number[] | undefined, string][])(
    'with %s',
    async (_, options, trainingImages, digest) => {
      expect(await digestOf(options, trainingImages)).toBe(digest);
    },
  );
});
