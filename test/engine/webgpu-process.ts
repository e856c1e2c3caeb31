// What a process computes that has been given a device: its results as one line of JSON.
import { randomParameters } from '../../src/backbones/parameters.ts';
import { residualNetwork } from '../../src/backbones/residual.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { Device } from '../../src/engine/session.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { between } from '../golden/seeded.ts';

const network = residualNetwork({
  ...{ name: 'small', blocks: [1, 1], groups: 4, width: 8, squeeze: 16 },
  pool: { pad: 0, ceil: true },
});

const shape = [2, 3, 32, 32];
const graph = new Graph();
const taps = network.build(graph, graph.input('pixels', shape), randomParameters(1));
for (const { name } of network.stages) graph.output(name, taps[name]);

const engine = await nodeEngine({ device: process.argv[2] as Device });
const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }));
const stages = await session.run({ pixels: { shape, data: between('pixels', shape, -1, 1) } });
const results = Object.fromEntries(Object.entries(stages).map(([name, { data }]) => [name, [...data]]));
process.stdout.write(JSON.stringify({ engine: engine.name, results }));
