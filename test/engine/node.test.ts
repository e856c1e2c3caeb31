import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { Engine } from '../../src/engine/session.ts';
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

it('results asked for in given arrays are written there, every time, also into a part of a larger array', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 2]);
  graph.output('y', graph.apply('relu', [x]));
  graph.output('z', graph.apply('add', [x, x]));
  const session = await (await nodeEngine()).load(emitOnnx(graph), { keepMemory: true });
  const flat = new Float32Array(10);
  const own = { y: { shape: [2, 2], data: flat.subarray(1, 5) }, z: { shape: [2, 2], data: flat.subarray(6, 10) } };
  for (const sign of [1, -1]) {
    const results = await session.run(
      { x: { shape: [2, 2], data: Float32Array.of(1, -2, 3, -4).map((v) => sign * v) } },
      own,
    );
    expect(results['y'].data).toBe(own.y.data);
    const expected = sign === 1 ? [0, 1, 0, 3, 0, 0, 2, -4, 6, -8] : [0, 0, 2, 0, 4, 0, -2, 4, -6, 8];
    expect([...flat]).toEqual(expected.map((v) => v + 0));
  }
  await expect(
    session.run({ x: { shape: [2, 2], data: new Float32Array(4) } }, { y: { shape: [3], data: new Float32Array(3) } }),
  ).rejects.toThrow();
  await session.release();
});

it('where a profile is asked for, its file names the operators that ran', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypercolumn-profile-'));
  const session = await (await nodeEngine()).load(model(), { profile: join(folder, 'step') });
  await session.run({ x: { shape: [1, 16, 64, 64], data: between('x', [1, 16, 64, 64], -1, 1) } });
  await session.release();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as { args?: { op_name?: string } }[];
  expect(events.map((event) => event.args?.op_name)).toContain('GlobalAveragePool');
  await rm(folder, { recursive: true });
});

it.runIf(process.platform === 'linux')('by default it says as many threads as its sessions start', async () => {
  const nThreads = () => Number(/^Threads:\s+(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const graph = new Graph();
  graph.output('y', graph.apply('relu', [graph.input('x', [1])]));
  const model = emitOnnx(graph);
  const started = async (engine: Engine) => {
    const before = nThreads();
    const session = await engine.load(model);
    const after = nThreads();
    await session.release();
    return after - before;
  };
  const [single, unset] = [await nodeEngine({ threads: 1 }), await nodeEngine()];
  if (!readFileSync('/proc/cpuinfo', 'utf8').includes('core id')) return expect(unset.threads).toBeUndefined();
  await started(single); // the first session of a process starts what all share
  expect(await started(single)).toBe(0);
  expect(await started(unset)).toBe(unset.threads! - 1);
});
