import { expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { seededRandom } from '../../src/core/random.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import { foldBatchNorm } from '../../src/graph/rewrites/fold-batch-norm.ts';
import { mergeGroups } from '../../src/graph/rewrites/merge-groups.ts';

const engine = await nodeEngine({ threads: 1 });

function randomValues(shape: readonly number[], seed: number, from = -1, to = 1): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: sizeOf(shape) }, () => from + (to - from) * random.uniform());
}

/** conv -> batchNorm -> relu, and beside it a convolution whose own result is an output too. */
function convolutions({ groups, perGroup, bias }: { groups: number; perGroup: number; bias: boolean }): Graph {
  const graph = new Graph();
  const channels = groups * perGroup;
  const constant = (name: string, shape: number[], from = -1, to = 1) =>
    graph.constant(name, shape, randomValues(shape, name.length, from, to));
  const norm = (x: Tensor) =>
    graph.apply('batchNorm', [
      x,
      constant('gain', [channels], 0.5, 2),
      constant('bias of norm', [channels]),
      constant('mean', [channels]),
      constant('variance', [channels], 0.5, 2),
    ]);
  const x = graph.input('x', [1, channels, 5, 6]);
  const kernels = constant('kernels', [channels, perGroup, 3, 3]);
  const inputs = bias ? [x, kernels, constant('bias', [channels])] : [x, kernels];
  const shared = graph.apply('conv', inputs, { pad: 1, groups });
  graph.output('raw', shared);
  graph.output('of shared', norm(shared));
  graph.output('folded', graph.apply('relu', [norm(graph.apply('conv', inputs, { pad: 1, groups, stride: 2 }))]));
  return graph;
}

function run(graph: Graph) {
  const shape = [2, ...graph.inputs[0].shape.slice(1)];
  return interpret(graph, { x: { shape, data: randomValues(shape, 99) } });
}

const count = (graph: Graph, operator: string) => graph.nodes.filter((node) => node.operator === operator).length;

it.each([
  { groups: 1, perGroup: 3, bias: false },
  { groups: 1, perGroup: 3, bias: true },
  { groups: 4, perGroup: 2, bias: true },
])('folding batch normalisation changes no value beyond rounding in float64: %o', (shape) => {
  const graph = convolutions(shape);
  const folded = foldBatchNorm(graph);
  const [before, after] = [run(graph), run(folded)];
  for (const [name, { data }] of Object.entries(before)) {
    for (const [k, value] of data.entries()) expect(after[name].data[k]).toBeCloseTo(value, 12);
  }
  expect([count(graph, 'batchNorm'), count(folded, 'batchNorm')]).toEqual([2, 1]);
});

it('a normalisation is not folded into a convolution whose own result is wanted', () => {
  const folded = foldBatchNorm(convolutions({ groups: 1, perGroup: 2, bias: false }));
  expect(folded.nodes.find((node) => node.output === folded.outputs.get('of shared'))?.operator).toBe('batchNorm');
  expect([...folded.outputs.keys()]).toEqual(['raw', 'of shared', 'folded']);
});

it.each([
  [8, 2, 4, 4],
  [8, 2, 5, 4],
  [6, 2, 16, 1],
  [3, 8, 16, 3],
  [4, 1, 16, 4],
])(
  '%i groups of %i channels merged to %i channels are %i groups and the same function',
  (groups, perGroup, channels, left) => {
    const graph = convolutions({ groups, perGroup, bias: true });
    const merged = mergeGroups(graph, { channels });
    expect(merged.nodes.find((node) => node.operator === 'conv')?.attributes).toMatchObject({ groups: left });
    const [before, after] = [run(graph), run(merged)];
    for (const [name, { data }] of Object.entries(before)) {
      for (const [k, value] of data.entries()) expect(after[name].data[k]).toBeCloseTo(value, 12);
    }
  },
);

it('the engine computes a graph, the folded and the merged one alike', async () => {
  const graph = convolutions({ groups: 8, perGroup: 4, bias: false });
  const expected = run(graph);
  for (const variant of [graph, foldBatchNorm(graph), mergeGroups(foldBatchNorm(graph))]) {
    const session = await engine.load(emitOnnx(variant));
    const shape = [2, 32, 5, 6];
    const results = await session.run({ x: { shape, data: Float32Array.from(randomValues(shape, 99)) } });
    for (const [name, { data }] of Object.entries(expected)) {
      for (const [k, value] of data.entries()) expect(results[name].data[k]).toBeCloseTo(value, 4);
    }
    await session.release();
  }
});

it('only what is fetched is given, and one tensor may be an output under two names', async () => {
  const graph = new Graph();
  const y = graph.apply('relu', [graph.input('x', [1, 2])]);
  graph.output('one', y);
  graph.output('two', y);
  const session = await engine.load(emitOnnx(graph));
  const feeds = { x: { shape: [3, 2], data: Float32Array.of(-1, 2, 3, -4, 5, 6) } };
  expect(Object.keys(await session.run(feeds, ['two']))).toEqual(['two']);
  const both = await session.run(feeds);
  expect([...both['one'].data]).toEqual([0, 2, 3, 0, 5, 6]);
  expect(both['two']).toEqual(both['one']);
});

it('float64 graphs are computed in float64 by the engine', async () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2]);
  graph.output('y', graph.apply('matMul', [x, graph.constant('w', [2, 1], Float64Array.of(1, 1))]));
  const session = await engine.load(emitOnnx(graph, { precision: 'float64' }));
  const { y } = await session.run({ x: { shape: [1, 2], data: Float64Array.of(1, 2 ** -40) } });
  expect(y.data[0]).toBe(1 + 2 ** -40);
});

it('tensors of another graph, constants of another size and inputs that do not fit are errors', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 2, 3, 3]);
  const other = new Graph().input('x', [1]);
  expect(() => graph.apply('relu', [other])).toThrow(ShapeError);
  expect(() => graph.output('y', other)).toThrow(ShapeError);
  expect(() => graph.constant('w', [2, 2], new Float32Array(3))).toThrow('constant w: expected 2 x 2, got 3 values');
  const kernels = graph.constant('w', [1, 3, 1, 1], new Float32Array(3));
  expect(() => graph.apply('conv', [x, kernels])).toThrow('conv: kernels 1 x 3 x 1 x 1 in 1 groups do not fit');
  expect(() => graph.apply('maxPool', [x], { kernel: 4, stride: 1 })).toThrow('does not fit into maps');
  expect(() => graph.apply('add', [x, graph.input('z', [2])])).toThrow(ShapeError);
  graph.output('y', x);
  expect(() => interpret(graph, {})).toThrow(UsageError);
  expect(() => interpret(graph, { x: { shape: [1, 2], data: new Float64Array(2) } })).toThrow(ShapeError);
});
