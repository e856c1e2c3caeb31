import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gabor } from '../../src/backbones/gabor.ts';
import { Graph } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { Values } from '../../src/graph/operator.ts';

interface Golden {
  readonly height: number;
  readonly width: number;
  readonly rgb: readonly number[];
  readonly stages: Record<string, { readonly shape: number[]; readonly every: number; readonly values: number[] }>;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/gabor/expected.json', import.meta.url), 'utf8'));

/** Stage features in float64 of 8-bit RGB, normalised as the network asks. */
function run(height: number, width: number, rgb: (pixel: number, channel: number) => number): Record<string, Values> {
  const { mean, std, scale } = gabor.input.normalisation;
  const data = Float64Array.from({ length: 3 * height * width }, (_, k) => {
    const channel = Math.floor(k / (height * width));
    return (rgb(k % (height * width), channel) * scale - mean[channel]) / std[channel];
  });
  const graph = new Graph();
  const pixels = graph.input('pixels', [1, 3, height, width]);
  const stages = gabor.build(graph, pixels, ({ name }) => {
    throw new Error(`gabor asked for weights: ${name}`);
  });
  for (const [name, tensor] of Object.entries(stages)) graph.output(name, tensor);
  return interpret(graph, { pixels: { shape: [1, 3, height, width], data } });
}

describe('gabor', () => {
  const features = run(golden.height, golden.width, (pixel, channel) => golden.rgb[3 * pixel + channel]);

  test.each(Object.entries(golden.stages))('%s equals the formula computed by scipy', (name, expected) => {
    expect(features[name].shape).toEqual([1, ...expected.shape]);
    const values = Array.from(expected.values, (_, k) => features[name].data[k * expected.every]);
    const worst = Math.max(...values.map((value, k) => Math.abs(value - expected.values[k])));
    expect(worst).toBeLessThan(2e-8 * Math.max(...expected.values));
  });

  test('declares channels and strides as it computes them, from the finest stage to the coarsest', () => {
    for (const { name, channels, stride } of gabor.stages) {
      expect(features[name].shape).toEqual([1, channels, golden.height / stride, golden.width / stride]);
    }
    expect(gabor.stageSets[5]).toEqual(['layer0', 'layer1', 'layer2', 'layer3', 'layer4']);
  });

  test('a mid-gray image has the same energy everywhere, to the last bit', () => {
    const gray = run(64, 64, () => 127.5);
    for (const name of ['layer0', 'layer1', 'layer2']) expect(new Set(gray[name].data)).toEqual(new Set([1e-3]));
  });

  test('a grating of amplitude 1 has an energy of about 1 at its orientation, and a tenth of that at right angles', () => {
    const upright = run(128, 128, (pixel) => 127.5 * (1 + Math.sin((2 * Math.PI * (pixel % 128)) / 12)));
    const middle = (channel: number) => upright['layer1'].data[(channel * 32 + 16) * 32 + 16];
    expect(middle(0)).toBeCloseTo(1, 1);
    expect(middle(4)).toBeLessThan(0.1);
    expect(middle(8)).toBeCloseTo(1e-3, 6);
  });
});
