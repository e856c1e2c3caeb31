import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { Values } from '../../src/graph/operator.ts';
import { channelsFirst } from '../../src/graph/rewrites/channels-first.ts';
import { cutBelow } from '../../src/graph/rewrites/cut.ts';
import { foldBatchNorm } from '../../src/graph/rewrites/fold-batch-norm.ts';
import { openConstants } from '../../src/graph/rewrites/open-constants.ts';
import { withImages } from '../../src/graph/rewrites/with-images.ts';
import { between } from '../golden/seeded.ts';

const N = 2;

/** A small residual network with squeeze and excitation, a strided 1 x 1 shortcut and grouped 3 x 3 convolutions; stages `stem`, `low` and `high`. */
function network(): Graph {
  const graph = new Graph();
  const constant = (name: string, shape: number[], low = -1, high = 1) =>
    graph.constant(name, shape, Float64Array.from(between(name, shape, low, high)));
  const norm = (x: Tensor, name: string) => {
    const channels = [x.shape[1]];
    return graph.apply('batchNorm', [
      x,
      constant(`${name}.gain`, channels, 0.5, 1.5),
      constant(`${name}.bias`, channels),
      constant(`${name}.mean`, channels),
      constant(`${name}.variance`, channels, 0.5, 2),
    ]);
  };
  const conv = (x: Tensor, name: string, channels: number, kernel: number, stride = 1, groups = 1) => {
    const kernels = constant(`${name}.kernels`, [channels, x.shape[1] / groups, kernel, kernel]);
    return norm(graph.apply('conv', [x, kernels], { stride, groups, pad: (kernel - 1) / 2 }), name);
  };
  const relu = (x: Tensor) => graph.apply('relu', [x]);
  const block = (x: Tensor, name: string, channels: number, stride: number) => {
    let y = relu(conv(x, `${name}.1`, 4, 1));
    y = relu(conv(y, `${name}.2`, 4, 3, stride, 2));
    y = conv(y, `${name}.3`, channels, 1);
    const squeezed = graph.apply('conv', [
      graph.apply('globalMean', [y]),
      constant(`${name}.se`, [channels, channels, 1, 1]),
      constant(`${name}.se.bias`, [channels]),
    ]);
    y = graph.apply('multiply', [y, graph.apply('sigmoid', [squeezed])]);
    return relu(graph.apply('add', [y, conv(x, `${name}.shortcut`, channels, 1, stride)]));
  };
  const pixels = graph.input('pixels', [1, 3, 12, 10]);
  const stem = graph.apply('maxPool', [relu(conv(pixels, 'stem', 5, 3))], { kernel: 3, stride: 2, pad: 1 });
  const low = block(stem, 'low', 6, 1);
  const high = block(low, 'high', 8, 2);
  graph.output('stem', stem);
  graph.output('low', low);
  graph.output('high', graph.apply('concat', [high, graph.apply('concat', [high, high], { axis: 1 })], { axis: 1 }));
  graph.output('mean', graph.apply('reshape', [graph.apply('globalMean', [high])], { shape: [0, -1] }));
  return graph;
}

const pixels: Values = {
  shape: [N, 3, 12, 10],
  data: Float64Array.from(between('pixels', [N, 3, 12, 10], -1, 1)),
};
const expected = interpret(network(), { pixels });

/** What an opened graph is fed for its parameters. */
function weights(graph: Graph): Record<string, Values> {
  const { constants } = network();
  return Object.fromEntries(
    graph.inputs.slice().flatMap(({ name }) => {
      const constant = constants.find(({ tensor }) => tensor.name === name);
      return constant ? [[name, { shape: constant.tensor.shape, data: Float64Array.from(constant.data) }]] : [];
    }),
  );
}

/** Largest difference between results, whichever of the first two axes comes first. */
function difference(result: Values, { shape, data }: Values, turned: boolean): number {
  const [n, channels, height = 1, width = 1] = shape;
  expect(result.shape).toEqual(turned ? [channels, n, height, width] : shape);
  const size = height * width;
  let most = 0;
  for (let k = 0; k < data.length; k++) {
    const [image, channel, place] = [Math.floor(k / size / channels), Math.floor(k / size) % channels, k % size];
    const at = turned ? (channel * n + image) * size + place : k;
    most = Math.max(most, Math.abs(result.data[at] - data[k]));
  }
  return most;
}

const trainable = network()
  .constants.map(({ tensor }) => tensor.name)
  .filter((name) => !/mean|variance/.test(name));

describe('the same values to rounding in float64', () => {
  it.each(['constants', 'inputs'])('channels first, batch norms folded, weights as %s', (weightsAre) => {
    let graph = withImages(network(), N);
    if (weightsAre === 'inputs') graph = openConstants(graph, trainable);
    const turned = channelsFirst(foldBatchNorm(graph));
    const names = turned.nodes.map((node) => node.operator);
    expect(names).not.toContain('batchNorm');
    expect(names.filter((name) => name === 'conv')).toHaveLength(3);
    expect(names.filter((name) => name === 'matMul')).toHaveLength(8);
    const results = interpret(turned, { pixels, ...weights(turned) });
    for (const [name, values] of Object.entries(expected)) {
      expect(difference(results[name], values, values.shape.length === 4), name).toBeLessThan(1e-12);
    }
  });

  it('a batch norm that cannot be folded keeps its maps as they were declared', () => {
    const turned = channelsFirst(withImages(network(), N));
    expect(turned.nodes.filter((node) => node.operator === 'batchNorm')).toHaveLength(9);
    const results = interpret(turned, { pixels });
    expect(difference(results['high'], expected['high'], true)).toBeLessThan(1e-12);
  });

  it.each([
    [/^high/, ['low', 'stem']],
    [/^high.[3s]|^high.shortcut/, ['below', 'low', 'stem']],
    [/^(low|high)/, ['stem']],
    [/^none/, ['high', 'low', 'mean', 'stem']],
  ])('cut where %s trains', (trained, frozenOutputs) => {
    const { frozen, trained: rest } = cutBelow(
      network(),
      trainable.filter((name) => trained.test(name)),
    );
    const cached = interpret(frozen!, { pixels });
    expect(
      Object.keys(cached)
        .map((name) => name.split('/')[0])
        .sort(),
    ).toEqual(frozenOutputs);
    expect(rest.inputs.map(({ name }) => name).sort()).toEqual(Object.keys(cached).sort());
    const results = interpret(rest, cached);
    expect(Object.keys(results)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) expect(results[name]).toEqual(values);
  });
});

it('where everything trains nothing is frozen', () => {
  const { frozen, trained } = cutBelow(network(), trainable);
  expect(frozen).toBeUndefined();
  expect(interpret(trained, { pixels })).toEqual(expected);
});

it('a name that no constant has cannot be opened', () => {
  expect(() => openConstants(network(), ['stem.kernels', 'nowhere'])).toThrow(UsageError);
});
