import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { EngineTensor } from '../../src/engine/session.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, operatorOf, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { Builder, Example, Values } from '../../src/graph/operator.ts';
import { OPERATORS, type OperatorName } from '../../src/graph/operators/index.ts';

const NAMES = Object.keys(OPERATORS) as OperatorName[];
const EXAMPLES = 12;
/** Of central differences. */
const STEP = 1e-6;
const engine = await nodeEngine({ threads: 1 });

/** Random values that float32 holds exactly, so that engine and interpreter start from the same numbers. */
function draw(random: Random, { inputs, ranges }: Example<object>): Values[] {
  return inputs.map((shape, k) => {
    const [from, to] = ranges?.[k] ?? [-1, 1];
    const data = Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(from + (to - from) * random.uniform()));
    return { shape, data };
  });
}

/** The operator alone: its first input is fed, the others are constants in every second example. */
function graphOf(name: OperatorName, example: Example<object>, values: readonly Values[], allFed: boolean): Graph {
  const graph = new Graph();
  const inputs = example.inputs.map((shape, k) =>
    k === 0 || allFed ? graph.input(`x${k}`, shape) : graph.constant(`x${k}`, shape, values[k].data),
  );
  graph.output('y', graph.apply(name, inputs, example.attributes as never));
  return graph;
}

/** The sum of the operator's values, each times a random weight, so that every one of them counts. */
function weighted(name: OperatorName, example: Example<object>, random: Random): { graph: Graph; loss: Tensor } {
  const graph = new Graph();
  const inputs = example.inputs.map((shape, k) => graph.input(`x${k}`, shape));
  const y = graph.apply(name, inputs, example.attributes as never);
  const weights = Float64Array.from({ length: sizeOf(y.shape) }, () => Math.fround(random.uniform() * 2 - 1));
  const product = graph.apply('multiply', [y, graph.constant('weights', y.shape, weights)]);
  const axes = [...y.shape.keys()];
  const loss = axes.length === 0 ? product : graph.apply('reduceSum', [product], { axes, keep: false });
  graph.output('loss', loss);
  return { graph, loss };
}

/** The inputs that an operator's rule gives a derivative for. */
function differentiated(name: OperatorName, { graph, loss }: { graph: Graph; loss: Tensor }): Tensor[] {
  const node = graph.nodes.find(({ operator }) => operator === name)!;
  const rules = operatorOf(name).gradient!(new Graph() as Builder, { ...node, gradient: loss });
  return graph.inputs.filter((_, k) => rules[k] !== undefined);
}

async function onEngine(graph: Graph, feeds: Record<string, Values>): Promise<Record<string, EngineTensor>> {
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
  const feeds32 = Object.entries(feeds).map(([key, { shape, data }]) => [
    key,
    { shape, data: Float32Array.from(data) },
  ]);
  const results = await session.run(Object.fromEntries(feeds32));
  await session.release();
  return results;
}

describe.each(NAMES)('operator %s', (name) => {
  it('computes the same on the engine in float32 as on the interpreter in float64, on random shapes', async () => {
    const random = seededRandom(7).derive(name);
    for (let k = 0; k < EXAMPLES; k++) {
      const example = operatorOf(name).example(random);
      const values = draw(random, example);
      const graph = graphOf(name, example, values, k % 2 === 0);
      const feeds = Object.fromEntries(graph.inputs.map((tensor, i) => [tensor.name, values[i]]));
      const expected = interpret(graph, feeds)['y'];
      const { y } = await onEngine(graph, feeds);
      expect(y.shape, JSON.stringify(example)).toEqual(expected.shape);
      expect(y.shape).toEqual(graph.outputs.get('y')!.shape);
      for (let i = 0; i < y.data.length; i++) expect(y.data[i]).toBeCloseTo(expected.data[i], 4);
    }
  });
});

it('a sum over no axis is refused: onnxruntime would sum over all', () => {
  const graph = new Graph();
  const sum = () => graph.apply('reduceSum', [graph.input('x', [2, 3])], { axes: [] });
  expect(sum).toThrow(ShapeError);
  expect(sum).toThrow('reduceSum: expected axes to sum over, got none');
});

it.each([
  [
    'opens for every value from 1e-30 on, those too whose product with the slope is infinite',
    [1e-30, 1e-20, 1, 1e9, 3e38],
    1,
  ],
  ['is closed for 0 and every value below, whatever its size', [0, -0, -1e-45, -1e-30, -1e9, -3e38], 0],
])('a gate on the engine %s, for all finite x', async (_, gates, open) => {
  const graph = new Graph();
  graph.output('y', graph.apply('gate', [graph.input('x', [3, gates.length]), graph.input('by', [3, gates.length])]));
  const shape = [3, gates.length];
  const data = Float64Array.from([3e38, -1, 1e-38].flatMap((x) => gates.map(() => Math.fround(x))));
  const by = Float64Array.from([0, 1, 2].flatMap(() => gates));
  const feeds = { x: { shape, data }, by: { shape, data: by } };
  const { y } = await onEngine(graph, feeds);
  expect([...y.data].map(Math.abs)).toEqual([...data].map((x) => Math.abs(x) * open));
  expect([...interpret(graph, feeds)['y'].data].map(Math.abs)).toEqual([...y.data].map(Math.abs));
});

const DIFFERENTIABLE = NAMES.filter((name) => operatorOf(name).gradient !== undefined);

it('every operator has a gradient but those that only gradients are made of', () => {
  expect(NAMES.filter((name) => !DIFFERENTIABLE.includes(name))).toEqual(['convKernelGradient', 'maxPoolGradient']);
});

describe.each(DIFFERENTIABLE)('operator %s', (name) => {
  it('has the gradient that central differences find on the interpreter, and the engine computes it alike', async () => {
    const random = seededRandom(11).derive(name);
    for (let k = 0; k < EXAMPLES; k++) {
      const example = operatorOf(name).example(random);
      const values = draw(random, example);
      const { graph, loss } = weighted(name, example, random);
      const inputs = differentiated(name, { graph, loss });
      const feeds = Object.fromEntries(graph.inputs.map((tensor, i) => [tensor.name, values[i]]));
      const derivatives = inputs.map((tensor) => finiteDifferences(graph, feeds, tensor.name));
      for (const [i, gradient] of differentiate(graph, loss, inputs).entries()) {
        graph.output(`d${inputs[i].name}`, gradient);
      }
      const computed = interpret(graph, feeds);
      const fromEngine = inputs.length > 0 ? await onEngine(graph, feeds) : {};
      for (const [i, { name: input, shape }] of inputs.entries()) {
        const { shape: shapeOfGradient, data } = computed[`d${input}`];
        const about = `${input} of ${JSON.stringify(example)}`;
        expect(shapeOfGradient).toEqual(shape);
        expect(fromEngine[`d${input}`].shape).toEqual(shape);
        for (const [at, value] of data.entries()) {
          expect(value, about).toBeCloseTo(derivatives[i][at], 6);
          expect(fromEngine[`d${input}`].data[at], about).toBeCloseTo(value, 3);
        }
      }
    }
  });
});

/** Derivatives of the graph's loss by the values of an input. */
function finiteDifferences(graph: Graph, feeds: Record<string, Values>, input: string): Float64Array {
  const { shape, data } = feeds[input];
  return data.map((value, k) => {
    const at = (x: number) => interpret(graph, { ...feeds, [input]: { shape, data: data.with(k, x) } })['loss'].data[0];
    return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
  });
}
