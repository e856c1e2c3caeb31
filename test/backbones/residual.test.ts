import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../src/backbones/network.ts';
import { networkBackbone } from '../../src/backbones/network-backbone.ts';
import { parametersOf } from '../../src/backbones/parameters.ts';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { between } from '../golden/seeded.ts';
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

/** The same weights as in test/golden/backbones/generate.py. */
function seededWeights({ name, shape, kind }: Parameter): Float32Array {
  const bound = Math.sqrt(3) * sizeOf(shape.slice(1)) ** -0.5;
  const ranges = {
    kernel: [-bound, bound],
    variance: [0.5, 2],
    gain: [0.5, 1.5],
    mean: [-0.3, 0.3],
    bias: [-0.3, 0.3],
  };
  const [low, high] = ranges[kind];
  return between(name, shape, low, high);
}

describe.each(cases)('$network at $input', ({ network: name, input, stages: expected }) => {
  it('has in all 17 stages the features that PyTorch computes, within 1e-4 of the largest', async () => {
    const [n, , height, width] = input;
    const network = NETWORKS[name];
    const backbone = await networkBackbone(network, { engine, read: seededWeights, stages: 17, height, width });
    const features = await backbone.run(between('pixels', input, -2, 2), n);
    await backbone.release();
    expect(backbone.stages.map((stage) => stage.name)).toEqual(Object.keys(expected));
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

describe.each(Object.entries(NETWORKS))('network %s', (name, network) => {
  it('gives every stage it declares, with the channels and the stride it declares', async () => {
    const { height, width } = network.input;
    const names = network.stages.map((stage) => stage.name);
    const read = (parameter: Parameter) => new Float32Array(sizeOf(parameter.shape)).fill(0.01);
    const backbone = await networkBackbone(network, { engine, read, stages: names });
    await backbone.release();
    expect(backbone.name).toBe(name);
    for (const [k, { channels, stride }] of network.stages.entries()) {
      expect(backbone.stages[k]).toEqual({
        name: names[k],
        channels,
        height: Math.ceil(height / stride),
        width: Math.ceil(width / stride),
      });
    }
    for (const set of Object.values(network.stageSets)) for (const stage of set) expect(names).toContain(stage);
    expect(Object.keys(network.stageSets)).toContain(String(network.defaultStages));
  });
});

it('5 stages are the last blocks of the layers among 17, and a run of many images equals runs of one', async () => {
  const options = { engine, read: seededWeights, height: 40, width: 40 };
  const five = await networkBackbone(NETWORKS['se_resnext50_32x4d'], { ...options, stages: 5 });
  const named = await networkBackbone(NETWORKS['se_resnext50_32x4d'], { ...options, stages: ['layer4.2', 'layer1.2'] });
  const pixels = between('many', [9, 3, 40, 40], -2, 2);
  const together = await five.run(pixels, 9);
  const [layer4, layer1] = await named.run(pixels, 9);
  expect(largestDifference(layer4, together[4])).toBe(0);
  expect(largestDifference(layer1, together[1])).toBe(0);
  for (const image of [0, 8]) {
    const alone = await five.run(pixels.slice(image * 3 * 40 * 40, (image + 1) * 3 * 40 * 40), 1);
    for (const [k, values] of alone.entries()) {
      const row = together[k].subarray(image * values.length, (image + 1) * values.length);
      expect(largestDifference(values, row)).toBeLessThan(1e-4);
    }
  }
  expect((await five.run(new Float32Array(0), 0)).map((values) => values.length)).toEqual([0, 0, 0, 0, 0]);
  expect(five.key).not.toBe(named.key);
  await Promise.all([five.release(), named.release()]);
});

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
