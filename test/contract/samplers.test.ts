import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreRandom, seededRandom } from '../../src/core/random.ts';
import type { SamplerSettings } from '../../src/training/sampler.ts';
import { SAMPLERS, type SamplerName } from '../../src/training/samplers.ts';

const names = Object.keys(SAMPLERS) as SamplerName[];

/** All pairs of data sets of so many images, or a part of them. */
function pairsOf(sizes: readonly number[], keep: (number: number) => boolean = () => true) {
  const rows = sizes.flatMap((n, set) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n - 1 - i }, (__, k) => [set, i, i + 1 + k])).flat(),
  );
  const [set, i, j] = [0, 1, 2].map((column) =>
    Uint32Array.from(
      rows.filter((_, number) => keep(number)),
      (row) => row[column],
    ),
  );
  return { set, i, j };
}

function settingsOf(pairs: SamplerSettings['pairs'], nSets: number, batch: number, cliqueSize: number, seed = 1) {
  return {
    ...{ nPairs: pairs.set.length, pairs, batch, cliqueSize },
    names: Array.from({ length: nSets }, (_, set) => `set ${set}`),
    random: seededRandom(seed),
  };
}
const plain = (batches: Uint32Array[]) => batches.map((batch) => Array.from(batch));
const drawn = fc.record({
  sizes: fc.array(fc.integer({ min: 6, max: 24 }), { minLength: 1, maxLength: 3 }),
  batch: fc.integer({ min: 1, max: 60 }),
  cliqueSize: fc.integer({ min: 2, max: 6 }),
  seed: fc.nat(),
});

describe.each(names)('sampler %s', (name) => {
  const { create } = SAMPLERS[name];
  const small = (seed = 1) => create(settingsOf(pairsOf([9, 7]), 2, 7, 4, seed));

  it('draws known pairs, none twice to a minibatch, in as many minibatches as it says', () => {
    fc.assert(
      fc.property(drawn, ({ sizes, batch, cliqueSize, seed }) => {
        const pairs = pairsOf(sizes);
        const sampler = create(settingsOf(pairs, sizes.length, batch, cliqueSize, seed));
        for (let epoch = 0; epoch < 2; epoch++) {
          const batches = plain(sampler.epoch());
          expect(batches).toHaveLength(sampler.batchesPerEpoch);
          for (const each of batches) {
            expect(each.length).toBeGreaterThan(0);
            expect(new Set(each).size).toBe(each.length);
            for (const number of each) expect(number).toBeLessThan(pairs.set.length);
          }
        }
      }),
    );
  });

  it('meets each image of a data set equally often in an epoch', () => {
    fc.assert(
      fc.property(drawn, ({ sizes, batch, cliqueSize, seed }) => {
        const pairs = pairsOf(sizes);
        const sampler = create(settingsOf(pairs, sizes.length, batch, cliqueSize, seed));
        const counts = sizes.map((n) => new Array<number>(n).fill(0));
        for (const each of sampler.epoch()) {
          const met = Array.from(each, (number) =>
            [pairs.i, pairs.j].map((images) => `${pairs.set[number]} ${images[number]}`),
          ).flat();
          for (const image of SAMPLERS[name].each === 'image' ? new Set(met) : met) {
            const [set, row] = image.split(' ').map(Number);
            counts[set][row]++;
          }
        }
        for (const ofSet of counts) expect(Math.max(...ofSet) - Math.min(...ofSet)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never draws a pair that is not trained on', () => {
    const pairs = pairsOf([12, 8]); // those of the second set are listed behind the ones trained on
    const settings = { ...settingsOf(pairs, 1, 7, 4), nPairs: 66 };
    const sampler = create(settings);
    for (let epoch = 0; epoch < 5; epoch++)
      for (const number of plain(sampler.epoch()).flat()) expect(number).toBeLessThan(66);
  });

  it('draws about as many pairs an epoch as there are, of each data set', () => {
    const pairs = pairsOf([40, 20, 30]);
    const numbers = plain(create(settingsOf(pairs, 3, 40, 5)).epoch()).flat();
    const counts = [0, 1, 2].map((set) => numbers.filter((number) => pairs.set[number] === set).length);
    for (const [set, n] of [40, 20, 30].entries()) {
      expect(Math.abs(counts[set] - (n * (n - 1)) / 2)).toBeLessThanOrEqual(5);
    }
  });

  it('draws the same from the same seed, others from another seed and in the next epoch', () => {
    const [first, second] = [small(), small()];
    const epoch = plain(first.epoch());
    expect(plain(second.epoch())).toEqual(epoch);
    expect(plain(first.epoch())).not.toEqual(epoch);
    expect(plain(small(2).epoch())).not.toEqual(epoch);
  });

  it('goes on from its state as if never stopped', () => {
    const whole = small();
    whole.epoch();
    const state = JSON.parse(JSON.stringify(whole.state()));
    const resumed = create({ ...settingsOf(pairsOf([9, 7]), 2, 7, 4), random: restoreRandom(state) });
    for (let epoch = 0; epoch < 3; epoch++) expect(plain(resumed.epoch())).toEqual(plain(whole.epoch()));
  });
});

describe('sampler pairs', () => {
  it('draws every pair once an epoch', () => {
    fc.assert(
      fc.property(drawn, ({ sizes, batch, cliqueSize }) => {
        const pairs = pairsOf(sizes);
        const numbers = plain(SAMPLERS.pairs.create(settingsOf(pairs, sizes.length, batch, cliqueSize)).epoch()).flat();
        expect(numbers.sort((a, b) => a - b)).toEqual(Array.from(pairs.set, (_, number) => number));
      }),
    );
  });

  it('has only its last minibatch smaller than the batch', () => {
    const batches = plain(SAMPLERS.pairs.create({ ...settingsOf(pairsOf([20]), 1, 10, 4), nPairs: 103 }).epoch());
    expect(batches.map((batch) => batch.length)).toEqual([...Array(10).fill(10), 3]);
  });
});

describe('sampler cliques', () => {
  it('draws images of one data set and all their training pairs', () => {
    fc.assert(
      fc.property(drawn, ({ sizes, batch, cliqueSize, seed }) => {
        const pairs = pairsOf(sizes);
        for (const each of SAMPLERS.cliques.create(settingsOf(pairs, sizes.length, batch, cliqueSize, seed)).epoch()) {
          expect(each).toHaveLength((cliqueSize * (cliqueSize - 1)) / 2);
          expect(new Set(Array.from(each, (number) => pairs.set[number])).size).toBe(1);
          expect(new Set(Array.from(each, (number) => [pairs.i[number], pairs.j[number]]).flat()).size).toBe(
            cliqueSize,
          );
        }
      }),
    );
  });

  it('leaves out pairs that are held out, also where a clique has no other', () => {
    const pairs = pairsOf([10], (number) => number % 2 === 0);
    const sampler = SAMPLERS.cliques.create(settingsOf(pairs, 1, 40, 2));
    const batches = Array.from({ length: 20 }, () => plain(sampler.epoch())).flat();
    expect(new Set(batches.map(({ length }) => length))).toEqual(new Set([0, 1]));
    for (const number of batches.flat()) expect(number).toBeLessThan(pairs.set.length);
  });

  it('mixes the cliques of data sets', () => {
    const pairs = pairsOf([30, 30]);
    const sets = plain(SAMPLERS.cliques.create(settingsOf(pairs, 2, 40, 4)).epoch()).map(
      ([number]) => pairs.set[number],
    );
    const changes = sets.filter((set, k) => k > 0 && set !== sets[k - 1]).length;
    expect(changes).toBeGreaterThan(sets.length / 4);
  });

  it('refuses cliques larger than a data set, naming it', () => {
    expect(() => SAMPLERS.cliques.create(settingsOf(pairsOf([30, 8]), 2, 40, 12))).toThrow(
      'training.cliqueSize: expected at most the 8 images that data set set 1 trains on, got 12; lower it, or name sampler: pairs',
    );
  });
});
