// Each operator of the table and its gradients on the device that the process is given, with profiles in a folder: a line of JSON an operator.
import { join } from 'node:path';
import { seededRandom } from '../../src/core/random.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { Device } from '../../src/engine/session.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph, operatorOf } from '../../src/graph/graph.ts';
import { OPERATORS, type OperatorName } from '../../src/graph/operators/index.ts';

/** Products transposed in all four ways, convolutions with and without groups, strides and biases, pools that round up and that do not. */
const [SEED, EXAMPLES] = [47, 4];

type Feeds = Record<string, { shape: readonly number[]; data: Float32Array }>;

/** Random examples of an operator beside each other in one graph, each with the derivatives by all inputs that have one, and what is fed. */
function examplesOf(name: OperatorName): { graph: Graph; feeds: Feeds } {
  const random = seededRandom(SEED).derive(name);
  const values = random.derive('values');
  const graph = new Graph();
  const feeds: Feeds = {};
  const drawn = (key: string, shape: readonly number[], [from, to]: readonly [number, number]) => {
    const data = Float32Array.from({ length: sizeOf(shape) }, () => from + (to - from) * values.uniform());
    feeds[key] = { shape, data };
    return graph.input(key, shape);
  };
  for (let k = 0; k < EXAMPLES; k++) {
    const { inputs, attributes, ranges } = operatorOf(name).example(random);
    const tensors = inputs.map((shape, i) => drawn(`${k}/${i}`, shape, ranges?.[i] ?? [-1, 1]));
    const y = graph.apply(name, tensors, attributes as never);
    graph.output(`${k}/y`, y);
    const { gradient } = operatorOf(name);
    if (gradient === undefined) continue;
    const product = graph.apply('multiply', [y, drawn(`${k}/upstream`, y.shape, [-1, 1])]);
    const axes = [...y.shape.keys()];
    const loss = axes.length === 0 ? product : graph.apply('reduceSum', [product], { axes, keep: false });
    const rules = gradient(new Graph() as never, { inputs: tensors, output: y, attributes, gradient: y });
    const moving = tensors.filter((_, i) => rules[i] !== undefined);
    for (const [i, derivative] of differentiate(graph, loss, moving).entries()) graph.output(`${k}/d${i}`, derivative);
  }
  return { graph, feeds };
}

const [device, folder] = process.argv.slice(2);
const engine = await nodeEngine({ device: device as Device });
for (const name of Object.keys(OPERATORS) as OperatorName[]) {
  const { graph, feeds } = examplesOf(name);
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }), { profile: join(folder, name) });
  const results = Object.entries(await session.run(feeds)).map(([output, { data }]) => [output, [...data]]);
  await session.release();
  process.stdout.write(`${JSON.stringify({ name, results: Object.fromEntries(results) })}\n`);
}
