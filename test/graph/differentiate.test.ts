import { expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';

const engine = await nodeEngine({ threads: 1 });

const total = (graph: Graph, x: Tensor) => graph.apply('reduceSum', [x], { axes: [...x.shape.keys()], keep: false });

function gradientOf(graph: Graph, loss: Tensor, x: Tensor, values: readonly number[]): number[] {
  graph.output('d', differentiate(graph, loss, [x])[0]);
  return [...interpret(graph, { [x.name]: { shape: x.shape, data: Float64Array.from(values) } })['d'].data];
}

it('a tensor that is used several times gets the sum over its uses, twice by one operator too', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const cube = graph.apply('multiply', [graph.apply('multiply', [x, x]), x]);
  const loss = total(graph, graph.apply('add', [cube, x]));
  expect(gradientOf(graph, loss, x, [2, -1])).toEqual([13, 4]); // 3 x^2 + 1
});

it('the derivative of a derivative is one', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const cube = graph.apply('multiply', [graph.apply('square', [x]), x]);
  const [slope] = differentiate(graph, total(graph, cube), [x]);
  expect(gradientOf(graph, total(graph, slope), x, [2, -1])).toEqual([12, -6]); // 6 x
});

it('only what lies between the parameters and the loss is differentiated', () => {
  const graph = new Graph();
  const maps = graph.input('maps', [1, 2, 5, 5]);
  const below = graph.input('below', [2, 2, 3, 3]);
  const above = graph.input('above', [2, 2, 3, 3]);
  const frozen = graph.apply('relu', [graph.apply('conv', [maps, below], { pad: 1 })]);
  const beside = graph.apply('exp', [graph.apply('conv', [frozen, above], { pad: 1 })]);
  graph.output('beside', beside);
  const loss = total(graph, graph.apply('conv', [frozen, above], { pad: 1 }));
  const before = graph.nodes.length;
  const [gradient] = differentiate(graph, loss, [above]);
  const added = graph.nodes.slice(before).map(({ operator }) => operator);
  expect(added).toEqual(['reshape', 'expand', 'convKernelGradient']);
  expect(gradient.shape).toEqual(above.shape);
});

it('parameters may be constants and results of operators, and each gets a gradient of its own shape', () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const weight = graph.constant('w', [3], Float64Array.of(1, 2, 3));
  const hidden = graph.apply('multiply', [x, weight]);
  const mean = total(graph, graph.apply('sigmoid', [hidden]));
  const gradients = differentiate(graph, mean, [weight, hidden, mean]);
  expect(gradients.map(({ shape }) => shape)).toEqual([[3], [2, 3], []]);
});

it('a parameter that an operator made is asked for, not what made it', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 1, 3, 3]);
  const made = graph.apply('maxPoolGradient', [x, graph.input('g', [1, 1, 2, 2])], { kernel: 2, stride: 1 });
  const before = graph.nodes.length;
  const [gradient] = differentiate(graph, total(graph, graph.apply('square', [made])), [made]);
  expect(gradient.shape).toEqual(made.shape);
  expect(graph.nodes.slice(before).map(({ operator }) => operator)).not.toContain('maxPoolGradient');
});

it('a derivative that repeats along axes is spread only where it is used alone', () => {
  const graph = new Graph();
  const maps = graph.input('maps', [2, 3, 4, 4]);
  const excited = graph.apply('multiply', [maps, graph.apply('globalMean', [maps])]);
  const before = graph.nodes.length;
  differentiate(graph, total(graph, graph.apply('square', [excited])), [maps]);
  const added = graph.nodes.slice(before).filter(({ output }) => output.shape.join() === '2,3,4,4');
  expect(added.filter(({ operator }) => operator === 'expand')).toHaveLength(1); // the loss's own sum
});

it('a relu gates by what is above 0, whatever the size of the activation', async () => {
  const graph = new Graph();
  const x = graph.input('x', [6]);
  const weights = graph.constant('w', [6], Float32Array.of(1, 2, 3, 4, 5, 6));
  graph.output(
    'd',
    differentiate(graph, total(graph, graph.apply('multiply', [graph.apply('relu', [x]), weights])), [x])[0],
  );
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
  const { d } = await session.run({ x: { shape: [6], data: Float32Array.of(-1e20, -1e-20, 0, 1e-20, 1, 1e20) } });
  await session.release();
  expect([...d.data]).toEqual([0, 0, 0, 4, 5, 6]);
});

it('says which operator has no gradient, which parameter the loss does not depend on, and that a loss is one value', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 1, 3, 3]);
  const gradient = graph.input('gradient', [1, 1, 2, 2]);
  const unused = graph.input('unused', [1]);
  const loss = total(graph, graph.apply('maxPoolGradient', [x, gradient], { kernel: 2, stride: 1 }));
  expect(() => differentiate(graph, loss, [x])).toThrow(UsageError);
  expect(() => differentiate(graph, loss, [x])).toThrow('differentiate: operator maxPoolGradient has no gradient');
  expect(() => differentiate(graph, total(graph, x), [unused])).toThrow('no gradient reaches unused');
  expect(() => differentiate(graph, x, [x])).toThrow('expected a loss of one value, got 1 x 1 x 3 x 3');
});

it('running statistics get no gradient: asking for one is an error', () => {
  const graph = new Graph();
  const maps = graph.input('maps', [1, 2, 3, 3]);
  const [gain, bias, mean, variance] = ['gain', 'bias', 'mean', 'variance'].map((name) => graph.input(name, [2]));
  const loss = total(graph, graph.apply('batchNorm', [maps, gain, bias, mean, variance]));
  expect(differentiate(graph, loss, [gain, bias])).toHaveLength(2);
  expect(() => differentiate(graph, loss, [mean])).toThrow('no gradient reaches mean');
});
