import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/engine/node.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import { OPERATORS, type OperatorName } from '../../src/graph/operators/index.ts';
import { between } from '../golden/seeded.ts';

interface Case {
  readonly name: string;
  readonly operator: OperatorName;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly range: readonly [number, number] }[];
  readonly attributes: object;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('../golden/graph/expected.json', import.meta.url), 'utf8'));
const cases: readonly Case[] = golden.cases;
const engine = await nodeEngine({ threads: 1 });

describe.each(cases)('$name as PyTorch computes it', ({ name, operator, inputs, attributes, shape, values }) => {
  const graph = new Graph();
  const tensors = inputs.map((input, k) => graph.input(`x${k}`, input.shape));
  graph.output('y', graph.apply(operator, tensors, attributes as never));
  const data = inputs.map((input, k) => between(`${name}/${k}`, input.shape, ...input.range));

  it('on the interpreter, to 1e-12', () => {
    const feeds = inputs.map((input, k) => [`x${k}`, { shape: input.shape, data: Float64Array.from(data[k]) }]);
    const { y } = interpret(graph, Object.fromEntries(feeds));
    expect(y.shape).toEqual(shape);
    for (const [k, value] of values.entries()) expect(y.data[k]).toBeCloseTo(value, 12);
  });

  it('on the engine, to float32', async () => {
    const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
    const feeds = inputs.map((input, k) => [`x${k}`, { shape: input.shape, data: data[k] }]);
    const { y } = await session.run(Object.fromEntries(feeds));
    await session.release();
    expect(y.shape).toEqual(shape);
    for (const [k, value] of values.entries()) expect(y.data[k]).toBeCloseTo(value, 5);
  });
});

it('every operator has golden values', () => {
  expect(new Set(cases.map(({ operator }) => operator))).toEqual(new Set(Object.keys(OPERATORS)));
});
