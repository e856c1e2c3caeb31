import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreRandom, seededRandom } from '../../src/core/random.ts';
import { SAMPLERS, type SamplerName } from '../../src/training/samplers.ts';

const names = Object.keys(SAMPLERS) as SamplerName[];
const sampler = (name: SamplerName, nPairs: number, batch: number, seed = 1) =>
  SAMPLERS[name]({ nPairs, batch, random: seededRandom(seed) });
const plain = (batches: Uint32Array[]) => batches.map((batch) => Array.from(batch));

describe.each(names)('sampler %s', (name) => {
  it('draws every pair once an epoch, in as many minibatches of at most the batch as it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 250 }), (nPairs, batch) => {
        const drawing = sampler(name, nPairs, batch);
        for (let epoch = 0; epoch < 2; epoch++) {
          const batches = plain(drawing.epoch());
          expect(batches).toHaveLength(drawing.stepsPerEpoch);
          for (const each of batches) expect(each.length).toBeGreaterThan(0);
          for (const each of batches) expect(each.length).toBeLessThanOrEqual(batch);
          expect(batches.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: nPairs }, (_, k) => k));
        }
      }),
    );
  });

  it('has only its last minibatch smaller than the batch', () => {
    expect(plain(sampler(name, 103, 10).epoch()).map((batch) => batch.length)).toEqual([...Array(10).fill(10), 3]);
  });

  it('draws the same from the same seed, other orders from another seed and in the next epoch', () => {
    const [first, second] = [sampler(name, 50, 7), sampler(name, 50, 7)];
    const epoch = plain(first.epoch());
    expect(plain(second.epoch())).toEqual(epoch);
    expect(plain(first.epoch())).not.toEqual(epoch);
    expect(plain(sampler(name, 50, 7, 2).epoch())).not.toEqual(epoch);
  });

  it('goes on from its state as if never stopped', () => {
    const whole = sampler(name, 50, 7);
    whole.epoch();
    const resumed = SAMPLERS[name]({ nPairs: 50, batch: 7, random: restoreRandom(whole.state()) });
    for (let epoch = 0; epoch < 3; epoch++) expect(plain(resumed.epoch())).toEqual(plain(whole.epoch()));
  });
});
