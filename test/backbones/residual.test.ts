import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkBackbone } from '../../src/backbones/network-backbone.ts';
import { parametersOf } from '../../src/backbones/parameters.ts';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { between } from '../golden/seeded.ts';
import { seededWeights } from '../golden/seeded-weights.ts';
import { largestDifference } from './difference.ts';

interface Golden {
  readonly network: string;
  readonly input: readonly [n: number, channels: number, height: number, width: number];
  readonly stages: Readonly<
    Record<string, { shape: readonly number[]; largest: number; mean: number; samples: readonly number[] }>
  >;
}

const golden = JSON.parse(readFileSync(new URL('../golden/backbones/expected.json', import.meta.url), 'utf8'));
const cases: readonly Golden[] = golden.cases;
const engine = await nodeEngine();

describe.each(cases)('$network at $input', ({ network: name, input, stages: expected }) => {
  it('has the features that PyTorch computed, stage by stage, within 1e-4 of the largest', async () => {
    const [n, , height, width] = input;
    const network = NETWORKS[name];
    const stages = Object.keys(expected);
    const backbone = await networkBackbone(network, { engine, read: seededWeights, stages, height, width });
    const features = await backbone.run(between('pixels', input, -2, 2), n);
    await backbone.release();
    for (const [k, stage] of backbone.stages.entries()) {
      const { shape, largest, mean, samples } = expected[stage.name];
      expect([n, stage.channels, stage.height, stage.width]).toEqual(shape);
      const values = features[k];
      expect(values.length).toBe(sizeOf(shape));
      for (const [i, sample] of samples.entries()) {
        const value = values[Math.floor(((i + 0.5) * values.length) / samples.length)];
        expect(Math.abs(value - sample) / largest, `${stage.name} sample ${i}`).toBeLessThan(1e-4);
      }
      const found = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(Math.abs(found - largest) / largest).toBeLessThan(1e-4);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - mean) / largest).toBeLessThan(
        1e-5,
      );
    }
  });
});

it.each(['se_resnext50_32x4d', 'resnet50'])(
  'all 17 stages of %s are held to PyTorch, and the 5 are the last blocks of the layers among them',
  async (name) => {
    const network = NETWORKS[name];
    for (const { stages } of cases.filter((each) => each.network === name)) {
      expect(network.stageSets[17]).toEqual(Object.keys(stages));
    }
    const options = { engine, read: seededWeights, height: 40, width: 40 };
    const five = await networkBackbone(network, { ...options, stages: 5 });
    const blocks = ['layer0', 'layer1.2', 'layer2.3', 'layer3.5', 'layer4.2'];
    const named = await networkBackbone(network, { ...options, stages: blocks });
    const pixels = between('one', [1, 3, 40, 40], -2, 2);
    const [features, same] = [await five.run(pixels, 1), await named.run(pixels, 1)];
    for (const [k, values] of features.entries()) expect(largestDifference(values, same[k])).toBe(0);
    expect(five.key).not.toBe(named.key);
    await Promise.all([five.release(), named.release()]);
  },
);

it('SE-ResNeXt-50 has 25,510,896 learned values, 3,904 channels in 5 stages and 15,168 in 17', () => {
  const network = NETWORKS['se_resnext50_32x4d'];
  const learned = parametersOf(network).filter(({ kind }) => kind !== 'mean' && kind !== 'variance');
  expect(learned.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(25_510_896);
  const channels = (set: number) =>
    network.stageSets[set].reduce(
      (sum, name) => sum + network.stages.find((stage) => stage.name === name)!.channels,
      0,
    );
  expect([channels(5), channels(17)]).toEqual([3904, 15_168]);
});
