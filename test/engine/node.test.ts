import { expect, it, vi } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { between } from '../golden/seeded.ts';

/** A convolution and a matrix product large enough for several threads. */
function model(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [1, 16, 64, 64]);
  const kernels = graph.constant('k', [64, 16, 3, 3], between('k', [64, 16, 3, 3], -1, 1));
  const y = graph.apply('conv', [x, kernels], { pad: 1 });
  graph.output('y', graph.apply('globalMean', [graph.apply('relu', [y])]));
  return emitOnnx(graph);
}

it('the same number of threads gives the same bytes in every session and engine', async () => {
  const feeds = { x: { shape: [2, 16, 64, 64], data: between('x', [2, 16, 64, 64], -1, 1) } };
  const results: (Float32Array | Float64Array)[] = [];
  for (const engine of [await nodeEngine({ threads: 2 }), await nodeEngine({ threads: 2 })]) {
    const session = await engine.load(model());
    results.push((await session.run(feeds))['y'].data, (await session.run(feeds))['y'].data);
    await session.release();
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

it('says what it is and lists inputs and outputs', async () => {
  const engine = await nodeEngine();
  expect(engine.name).toMatch(/^onnxruntime-node \d+\.\d+\.\d+, cpu$/);
  const session = await engine.load(model());
  expect([session.inputs, session.outputs]).toEqual([['x'], ['y']]);
  await session.release();
});

it.each([0, -1, 1.5, Number.NaN])('%s threads are a mistake', async (threads) => {
  await expect(nodeEngine({ threads })).rejects.toThrow(UsageError);
});

it('bytes that are no model are refused, and the engine goes on', async () => {
  const engine = await nodeEngine();
  await expect(engine.load(new Uint8Array([1, 2, 3]))).rejects.toThrow();
  await expect(engine.load(model())).resolves.toBeDefined();
});

it('without the optional package the message says the one command to run', async () => {
  vi.resetModules();
  vi.doMock('onnxruntime-node', () => {
    throw new Error("Cannot find package 'onnxruntime-node'");
  });
  const fresh = await import('../../src/engine/node.ts');
  await expect(fresh.nodeEngine()).rejects.toThrow('install it with: npm install onnxruntime-node');
  vi.doUnmock('onnxruntime-node');
});
