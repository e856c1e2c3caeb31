import { describe, expect, it } from 'vitest';
import { ARCHITECTURES } from '../../src/backbones/architectures.ts';
import type { Parameter } from '../../src/backbones/network.ts';
import { type NetworkBackboneOptions, networkBackbone } from '../../src/backbones/network-backbone.ts';
import { parametersOf, randomParameters } from '../../src/backbones/parameters.ts';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { UsageError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import { largestDifference } from '../backbones/difference.ts';
import { between } from '../golden/seeded.ts';

const engine = await nodeEngine();
const SMALL = 64;

// A network joins by being in the table.
describe.each(Object.entries(NETWORKS))('the network %s', (name, network) => {
  const stageNames = network.stages.map((stage) => stage.name);
  const read = network.weights === 'none' ? refuseWeights : randomParameters(1);
  const open = (options: Partial<NetworkBackboneOptions> = {}) =>
    networkBackbone(network, { engine, read, ...options });
  /** At a small size, or its own where it takes no other. */
  const openSmall = async (options: Partial<NetworkBackboneOptions> = {}) => {
    try {
      return await open({ height: SMALL, width: SMALL, ...options });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return open(options);
    }
  };

  it('goes by the name it has in the table, which messages and help list', () => {
    expect(network.name).toBe(name);
    expect(ARCHITECTURES).toContain(name);
  });

  it('gives every stage it declares, with the channels and the stride it declares', async () => {
    const { height, width } = network.input;
    const backbone = await open({ stages: stageNames });
    await backbone.release();
    expect(backbone.name).toBe(name);
    expect(backbone.stages).toEqual(
      network.stages.map(({ name, channels, stride }) => ({
        name,
        channels,
        height: Math.ceil(height / stride),
        width: Math.ceil(width / stride),
      })),
    );
  });

  it('has different stages, and sets of them in their order, one of which is the default', () => {
    expect(new Set(stageNames).size).toBe(stageNames.length);
    expect(Object.keys(network.stageSets)).toContain(String(network.defaultStages));
    for (const [count, set] of Object.entries(network.stageSets)) {
      expect(set).toHaveLength(Number(count));
      expect(set).toEqual(stageNames.filter((stage) => set.includes(stage)));
    }
  });

  it('asks once for each array of weights, and for none where it declares to have none', () => {
    const names = parametersOf(network).map((parameter) => parameter.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length > 0).toBe(network.weights === 'required');
  });

  it('gives finite features that differ between images, in the sizes it declares', async () => {
    const backbone = await openSmall({ stages: stageNames });
    const shape = [2, 3, backbone.input.height, backbone.input.width];
    const features = await backbone.run(between('two images', shape, -1, 1), 2);
    await backbone.release();
    for (const [k, { name, channels, height, width }] of backbone.stages.entries()) {
      const values = features[k];
      const size = sizeOf([channels, height, width]);
      expect(values.length, name).toBe(2 * size);
      expect(values.every(Number.isFinite), name).toBe(true);
      expect(largestDifference(values.subarray(0, size), values.subarray(size)), name).toBeGreaterThan(0);
    }
  });

  it('computes an image as if it were alone, however many there are, and of no images nothing', async () => {
    const backbone = await openSmall();
    const { height, width } = backbone.input;
    const n = 9;
    const pixels = between('many images', [n, 3, height, width], -1, 1);
    const together = await backbone.run(pixels, n);
    for (const image of [0, n - 1]) {
      const size = 3 * height * width;
      const alone = await backbone.run(pixels.slice(image * size, (image + 1) * size), 1);
      for (const [k, values] of alone.entries()) {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const row = together[k].subarray(image * values.length, (image + 1) * values.length);
        expect(largestDifference(values, row) / largest, backbone.stages[k].name).toBeLessThan(1e-4);
      }
    }
    expect((await backbone.run(new Float32Array(0), 0)).map((values) => values.length)).toEqual(
      backbone.stages.map(() => 0),
    );
    await backbone.release();
  });

  it('gives a stage the same features whichever others are asked for', async () => {
    const all = await openSmall({ stages: stageNames });
    const last = await openSmall({ stages: [stageNames.at(-1)!] });
    const pixels = between('one image', [1, 3, all.input.height, all.input.width], -1, 1);
    const [features, [alone]] = [await all.run(pixels, 1), await last.run(pixels, 1)];
    expect(largestDifference(alone, features.at(-1)!)).toBe(0);
    await Promise.all([all.release(), last.release()]);
  });

  it('has the same key again, and another for other stages, another input or other weights', async () => {
    const keyOf = async (options: Partial<NetworkBackboneOptions> = {}) => {
      const backbone = await openSmall({ stages: [stageNames[0]], ...options });
      await backbone.release();
      return backbone.key;
    };
    const other = Object.values(INPUT_NORMALISATIONS).find((each) => each !== network.input.normalisation)!;
    const keys = [
      await keyOf(),
      await keyOf({ stages: [stageNames[1]] }),
      await keyOf({ normalisation: other }),
      ...(network.weights === 'required' ? [await keyOf({ read: randomParameters(2) })] : []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(await keyOf({ name: 'another label' })).toBe(keys[0]);
  });
});

function refuseWeights({ name }: Parameter): never {
  throw new Error(`a network without weights asked for ${name}`);
}
