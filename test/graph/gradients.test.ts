import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/engine/node.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { OperatorName } from '../../src/graph/operators/index.ts';
import { between } from '../golden/seeded.ts';

interface Input {
  readonly shape: readonly number[];
  readonly range: readonly [number, number];
}
interface Case {
  readonly name: string;
  readonly about: string;
  readonly operator: OperatorName;
  readonly inputs: readonly Input[];
  readonly levels: number | null;
  readonly attributes: object;
  readonly shape: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}
interface Golden {
  readonly cases: readonly Case[];
  readonly block: {
    readonly arrays: Readonly<Record<string, Input>>;
    readonly loss: number;
    readonly gradients: Readonly<Record<string, readonly number[]>>;
  };
}

const { cases, block }: Golden = JSON.parse(
  readFileSync(new URL('../golden/graph/gradients.json', import.meta.url), 'utf8'),
);
const engine = await nodeEngine({ threads: 1 });

type Feeds = Record<string, { shape: readonly number[]; data: Float32Array }>;

async function onEngine(graph: Graph, feeds: Feeds) {
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
  const results = await session.run(feeds);
  await session.release();
  return results;
}

function onInterpreter(graph: Graph, feeds: Feeds) {
  const values = Object.entries(feeds).map(([name, { shape, data }]) => [
    name,
    { shape, data: Float64Array.from(data) },
  ]);
  return interpret(graph, Object.fromEntries(values));
}

/** Largest difference over the largest value, or over 1. */
function relativeError(values: ArrayLike<number>, expected: readonly number[]): number {
  expect(values.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return expected.reduce((most, value, k) => Math.max(most, Math.abs(values[k] - value)), 0) / largest;
}

describe.each(cases)('the gradient of $operator, $about, is PyTorch’s', (golden) => {
  const { name, operator, inputs, attributes, levels, shape, gradients } = golden;
  const graph = new Graph();
  const tensors = inputs.map((input, k) => graph.input(`x${k}`, input.shape));
  const y = graph.apply(operator, tensors, attributes as never);
  const upstream = graph.input('upstream', shape);
  const axes = [...shape.keys()];
  const loss = graph.apply('reduceSum', [graph.apply('multiply', [y, upstream])], { axes, keep: false });
  const wanted = tensors.slice(0, gradients.length);
  for (const [k, gradient] of differentiate(graph, loss, wanted).entries()) graph.output(`d${k}`, gradient);
  const feeds: Feeds = { upstream: { shape, data: between(`${name}/upstream`, shape, -1, 1) } };
  for (const [k, input] of inputs.entries()) {
    const values = between(`${name}/${k}`, input.shape, ...input.range);
    const data = levels === null ? values : values.map((value) => Math.floor(value * levels) / levels);
    feeds[`x${k}`] = { shape: input.shape, data };
  }

  it('on the interpreter, to 1e-12', () => {
    const results = onInterpreter(graph, feeds);
    for (const [k, expected] of gradients.entries()) {
      expect(relativeError(results[`d${k}`].data, expected)).toBeLessThan(1e-12);
    }
  });

  it('on the engine, to float32', async () => {
    const results = await onEngine(graph, feeds);
    for (const [k, expected] of gradients.entries()) {
      expect(relativeError(results[`d${k}`].data, expected)).toBeLessThan(1e-5);
    }
  });
});

/** The same network, masks and loss as residual_block in gradients.py. */
function blockGraph(): { graph: Graph; loss: Tensor; tensors: Record<string, Tensor> } {
  const graph = new Graph();
  const tensors = Object.fromEntries(
    Object.entries(block.arrays).map(([name, { shape }]) => [name, graph.input(name, shape)]),
  );
  const apply = graph.apply.bind(graph);
  const number = (value: number) => graph.constant(String(value), [], Float64Array.of(value));
  const normed = (x: Tensor, prefix: string) =>
    apply('batchNorm', [
      x,
      ...['weight', 'bias', 'running_mean', 'running_var'].map((name) => tensors[`${prefix}.${name}`]),
    ]);
  const flat = (x: Tensor) => apply('reshape', [x], { shape: [0, -1] });

  let x = normed(apply('conv', [tensors['pixels'], tensors['stem']], { stride: 2, pad: 3 }), 'norm0');
  const stage0 = apply('maxPool', [apply('relu', [x])], { kernel: 3, stride: 2, ceil: true });
  x = apply('relu', [normed(apply('conv', [stage0, tensors['conv1']]), 'norm1')]);
  x = apply('conv', [x, tensors['conv2']], { stride: 2, pad: 1, groups: 2 });
  x = apply('relu', [normed(x, 'norm2')]);
  x = normed(apply('conv', [x, tensors['conv3']]), 'norm3');
  const squeezed = apply('conv', [apply('globalMean', [x]), tensors['fc1.weight'], tensors['fc1.bias']]);
  const excited = apply('conv', [apply('relu', [squeezed]), tensors['fc2.weight'], tensors['fc2.bias']]);
  x = apply('multiply', [x, apply('sigmoid', [excited])]);
  const shortcut = normed(apply('conv', [stage0, tensors['shortcut']], { stride: 2 }), 'norm4');
  const stage1 = apply('relu', [apply('add', [x, shortcut])]);

  const embedding = apply(
    'concat',
    [flat(apply('multiply', [stage0, tensors['mask0']])), flat(apply('multiply', [stage1, tensors['mask1']]))],
    { axis: 1 },
  );
  const [n, features] = embedding.shape;
  const sum = apply('reduceSum', [embedding], { axes: [1] });
  const centred = apply('subtract', [embedding, apply('divide', [sum, number(features)])]);
  const norms = apply('sqrt', [apply('reduceSum', [apply('square', [centred])], { axes: [1] })]);
  const unit = apply('divide', [centred, norms]);
  const similarity = apply('matMul', [unit, unit], { transposeB: true });
  const distance = apply('subtract', [number(1), similarity]);
  const predicted = apply('add', [apply('multiply', [tensors['scale'], distance]), tensors['offset']]);
  const pairs = Float64Array.from({ length: n * n }, (_, k) => (k % n > Math.floor(k / n) ? 2 / (n * (n - 1)) : 0));
  const weights = apply('multiply', [tensors['reliability'], graph.constant('pairs', [n, n], pairs)]);
  const difference = apply('abs', [apply('subtract', [predicted, tensors['target']])]);
  const loss = apply('reduceSum', [apply('multiply', [weights, difference])], { axes: [0, 1], keep: false });
  return { graph, loss, tensors };
}

describe('a residual block with squeeze and excitation, masks, Pearson distance and a weighted L1 loss', () => {
  const { graph, loss, tensors } = blockGraph();
  const trained = Object.keys(block.gradients);
  graph.output('loss', loss);
  const derivatives = differentiate(
    graph,
    loss,
    trained.map((name) => tensors[name]),
  );
  for (const [k, gradient] of derivatives.entries()) graph.output(`d ${trained[k]}`, gradient);
  const feeds: Feeds = Object.fromEntries(
    Object.entries(block.arrays).map(([name, { shape, range }]) => [
      name,
      { shape, data: between(`block/${name}`, shape, ...range) },
    ]),
  );

  it('has the loss and every gradient of PyTorch’s on the interpreter, to 1e-10', () => {
    const results = onInterpreter(graph, feeds);
    expect(results['loss'].data[0]).toBeCloseTo(block.loss, 12);
    for (const name of trained) {
      expect(relativeError(results[`d ${name}`].data, block.gradients[name]), name).toBeLessThan(1e-10);
    }
  });

  it('has them on the engine, each to 1e-4 of its norm', async () => {
    const results = await onEngine(graph, feeds);
    expect(results['loss'].data[0]).toBeCloseTo(block.loss, 5);
    for (const name of trained) {
      const expected = block.gradients[name];
      const { data } = results[`d ${name}`];
      const norm = Math.hypot(...expected);
      expect(Math.hypot(...expected.map((value, k) => data[k] - value)) / norm, name).toBeLessThan(1e-4);
    }
  });
});
