import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, operatorOf } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import type { Example, Values } from '../../src/graph/operator.ts';
import { OPERATORS, type OperatorName } from '../../src/graph/operators/index.ts';

const EXAMPLES = 12;
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

describe.each(Object.keys(OPERATORS) as OperatorName[])('operator %s', (name) => {
  it('computes the same on the engine in float32 as on the interpreter in float64, on random shapes', async () => {
    const random = seededRandom(7).derive(name);
    for (let k = 0; k < EXAMPLES; k++) {
      const example = operatorOf(name).example(random);
      const values = draw(random, example);
      const graph = graphOf(name, example, values, k % 2 === 0);
      const feeds = Object.fromEntries(graph.inputs.map((tensor, i) => [tensor.name, values[i]]));
      const expected = interpret(graph, feeds)['y'];
      const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
      const feeds32 = Object.fromEntries(
        Object.entries(feeds).map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]),
      );
      const { y } = await session.run(feeds32);
      await session.release();
      expect(y.shape, JSON.stringify(example)).toEqual(expected.shape);
      expect(y.shape).toEqual(graph.outputs.get('y')!.shape);
      for (let i = 0; i < y.data.length; i++) expect(y.data[i]).toBeCloseTo(expected.data[i], 4);
    }
  });
});
