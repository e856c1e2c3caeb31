import { expect, it, vi } from 'vitest';
import type { TrainableNetwork } from '../../src/backbones/trainable.ts';
import type { MaskResolution } from '../../src/encoder/encoder.ts';
import type { Engine, EngineSession } from '../../src/engine/session.ts';
import { memoryScratch } from '../../src/features/memory-scratch.ts';
import type { PairStatistics } from '../../src/features/pair-statistics.ts';
import type { OpenScratch } from '../../src/formats/source.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { crops, engine, furthest, type Given, learn, learnerOf, network, sets, weightsOf } from './network-fits.ts';
import { drawnCrops, noisySubjects, smallNetwork, statisticsOf } from './small-network.ts';

const all: TrainingOptions = { mask: 'channel', train: 'all', epochs: 1, cliqueSize: 5 };

it('an image that the network sees nothing in is named', async () => {
  const blind = smallNetwork();
  for (const { tensor, data } of blind.graph.constants) {
    if (/gain|bias/.test(tensor.name)) data.fill(tensor.name.includes('bias') ? -1 : 0);
  }
  await expect(learn(all, {}, { network: blind })).rejects.toThrow(
    /^image (first|second)\d\.jpg: expected features that vary/,
  );
});

it.each(['channel', 'split', 'feature'] as MaskResolution[])(
  'an image of one colour is named though rounding lets its features vary: mask of %s',
  async (mask) => {
    const seen = seesPixels();
    const source = drawnCrops(6, 'image');
    const grey = {
      ...source,
      centre: async (image: number) => {
        const pixels = await source.centre(image);
        return image === 4 ? pixels.fill(0.7) : pixels;
      },
    };
    const statistics = await statisticsOf(seen, grey, engine);
    const truth = Float64Array.from({ length: 15 }, (_, k) => k / 15);
    const set = { name: 'set', imageSet: 'set', statistics, targets: noisySubjects(truth, source.conditions) };
    const options: TrainingOptions = { mask, scale: 'none', sampler: 'cliques', cliqueSize: 6, epochs: 1 };
    await expect(learn(options, {}, { network: seen, crops: [grey], sets: [set] })).rejects.toThrow(
      /^image image4\.jpg: expected features that vary/,
    );
  },
);

it('a stage that is none is an error that lists those there are', async () => {
  await expect(learnerOf({ ...all, trainFrom: 'layer3' })).rejects.toThrow(
    'expected a stage of small (low, middle, high), got layer3',
  );
});

it('a network that has no weights is trained no further than the mask', async () => {
  const fixed = { ...network, parameters: [] };
  await expect(learnerOf(all, { network: fixed })).rejects.toThrow(
    'expected mask with small, whose wanted stages have no weights to train',
  );
});

it('weights that no wanted stage depends on stay and are kept, and training from there is an error', async () => {
  const low = { ...network, stages: network.stages.slice(0, 2) };
  const given = { network: low, sets: sets.map((set) => ({ ...set, statistics: withoutLast(set.statistics) })) };
  const { weights } = await learn({ ...all, learningRate: 0.01 }, {}, given);
  expect(Object.keys(weights)).toEqual(network.arrays);
  for (const name of network.parameters) {
    expect(furthest(weights[name].data, weightsOf(name)) > 0, name).toBe(!name.startsWith('high'));
  }
  await expect(learnerOf({ ...all, trainFrom: 'high' }, given)).rejects.toThrow(
    'encoder.trainFrom: expected a stage that those of backbone.stages depend on, got high; choose an earlier one',
  );
});

const start = { mask: new Float64Array(30).fill(1), readouts: sets.map(({ name }) => ({ name, alpha: 0, b: 0 })) };

it.each([
  ['crops of fewer sets', { crops: crops.slice(1) }, 'crops: expected 3 (one a data set), got 2'],
  ["another set's crops", { crops: crops.toReversed() }, 'the images of set 0 has 10 conditions, its crops has 8'],
  [
    'crops in another order',
    { crops: crops.map((source) => ({ ...source, conditions: source.conditions.toReversed() })) },
    'the images of set 0 has "first0.jpg" in row 1, its crops has "first9.jpg"',
  ],
  [
    'other stages',
    { network: { ...network, stages: network.stages.toReversed() } },
    /stages: expected .*low .*high .*, got/,
  ],
  [
    'a mask of another resolution',
    { start: { ...start, mask: start.mask.slice(0, 3) } },
    'start.mask: expected 30 (a mask of resolution channel), got 3',
  ],
  ['too few readouts', { start: { ...start, readouts: [] } }, 'start.readouts: expected 3 (one a data set), got 0'],
] as [string, Given, string | RegExp][])('refuses %s', async (_, given, message) => {
  await expect(learnerOf(all, given)).rejects.toThrow(message);
});

it('begins with mask and readouts that are given', async () => {
  const mask = start.mask.map((_, c) => 1 + c / 10);
  const readouts = sets.map(({ name }, s) => ({ name, alpha: 0.1 * s, b: 0.2 }));
  const { learner } = await learnerOf(all, { start: { mask, readouts } });
  expect(furthest(learner.kept().mask, mask)).toBeLessThan(1e-6);
  expect(
    furthest(
      learner.readouts().flatMap(({ alpha, b }) => [alpha, b]),
      [0, 0.2, 0.1, 0.2, 0.2, 0.2],
    ),
  ).toBeLessThan(1e-6);
  await learner.release();
});

/** An engine whose sessions are counted; those it loads can be made to fail. */
function watched(failing: { readonly load?: number; readonly release?: number } = {}) {
  const released: number[] = [];
  let nLoaded = 0;
  const load: Engine['load'] = async (...given) => {
    const number = ++nLoaded;
    if (number === failing.load) throw new Error('out of memory');
    const session: EngineSession = await engine.load(...given);
    const release = async () => {
      released.push(number);
      await session.release();
      if (number === failing.release) throw new Error('device lost');
    };
    return { ...session, release };
  };
  return { engine: { ...engine, load }, released, loaded: () => nLoaded };
}

it('loads frozen stages once, whatever crops they see', async () => {
  const { engine: counting, loaded, released } = watched();
  const options = { ...all, trainFrom: 'high', crop: 'random', holdout: { by: 'image', fraction: 0.3 } } as const;
  await learn({ ...options, cliqueSize: 4 }, {}, { engine: counting });
  expect(loaded()).toBe(3); // frozen stages, step, validation
  expect(released.toSorted()).toEqual([1, 2, 3]);
});

it('gives back frozen stages where the step cannot be loaded', async () => {
  const { engine: failing, released } = watched({ load: 2 });
  await expect(learnerOf({ ...all, trainFrom: 'high' }, { engine: failing })).rejects.toThrow('out of memory');
  expect(released).toEqual([1]);
});

it.each([1, 2, 3])('gives back all else where giving back session %i fails', async (release) => {
  const { engine: failing, released } = watched({ release });
  const dispose = vi.fn();
  const openScratch: OpenScratch = async (size) => {
    const scratch = await memoryScratch(size);
    return { ...scratch, dispose: async () => dispose() };
  };
  const options = { ...all, trainFrom: 'high', holdout: { by: 'image', fraction: 0.3 } } as const;
  const { learner } = await learnerOf(options, { engine: failing, openScratch });
  await learner.startEpoch!(1);
  await learner.validate();
  dispose.mockClear();
  await expect(learner.release()).rejects.toThrow('device lost');
  expect(released.toSorted()).toEqual([1, 2, 3]);
  expect(dispose).toHaveBeenCalledTimes(2); // one a source
});

/** A network of many channels that all show what the red of the pixels is. */
function seesPixels(): TrainableNetwork {
  const channels = 1000;
  const graph = new Graph();
  const red = Float32Array.from({ length: 3 * channels }, (_, k) => (k % 3 === 0 ? 1 : 0));
  const kernel = graph.constant('red', [channels, 3, 1, 1], red);
  graph.output('seen', graph.apply('conv', [graph.input('pixels', [1, 3, 16, 16]), kernel], {}));
  return {
    ...{ name: 'red', key: 'red', input: network.input, graph, parameters: [], arrays: [] },
    stages: [{ name: 'seen', channels, height: 16, width: 16 }],
  };
}

/** Statistics without those of the last stage. */
function withoutLast(statistics: PairStatistics): PairStatistics {
  const { stages, products, energies, sums } = statistics;
  const all = stages.reduce((sum, { channels }) => sum + channels, 0);
  const kept = all - stages.at(-1)!.channels;
  const cut = (rows: ArrayLike<number>) =>
    Float64Array.from({ length: (rows.length / all) * kept }, (_, k) => rows[Math.floor(k / kept) * all + (k % kept)]);
  return {
    ...statistics,
    stages: stages.slice(0, -1),
    products: cut(products),
    energies: cut(energies),
    sums: cut(sums),
  };
}
