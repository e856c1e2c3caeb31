import { emitOnnx } from '../graph/emit.ts';
import { Graph } from '../graph/graph.ts';
import type { Device, Engine, EngineTensor } from './session.ts';

/** How a device did when it was tried. */
export type DeviceTrial =
  | {
      readonly device: Device;
      readonly works: true;
      /** Name and version of what runs there. */
      readonly engine: string;
      /** Speed of a square matrix product with its operands copied there and back, 10^9 multiplications and additions a second. */
      readonly gflops: number;
    }
  | {
      readonly device: Device;
      readonly works: false;
      /** What is missing and the way out, in a sentence. */
      readonly problem: string;
    };

/**
 * The device that `auto` means: the fastest that worked. A driver that computes in software works too, hundreds of times slower than the CPU,
 * and so is never chosen.
 */
export function fastestDevice(trials: readonly DeviceTrial[]): Device {
  let best: { device: Device; gflops: number } = { device: 'cpu', gflops: 0 };
  for (const trial of trials) if (trial.works && trial.gflops > best.gflops) best = trial;
  return best.device;
}

const SIDE = 12;

/** Convolution, pooling and a matrix product in small: what every network here is made of. */
function smallNetwork(): Uint8Array {
  const graph = new Graph();
  const pixels = graph.input('pixels', [1, 3, SIDE, SIDE]);
  const kernels = graph.constant('kernels', [4, 3, 3, 3], waves(4 * 27));
  const maps = graph.apply('relu', [graph.apply('conv', [pixels, kernels], { pad: 1 })]);
  const pooled = graph.apply('maxPool', [maps], { kernel: 3, stride: 2, pad: 1 });
  const rows = graph.apply('reshape', [pooled], { shape: [4, (SIDE / 2) ** 2] });
  graph.output('y', graph.apply('matMul', [rows, graph.apply('transpose', [rows], { order: [1, 0] })]));
  return emitOnnx(graph, { openAxes: 'none' });
}

/**
 * Runs a small network on an engine.
 * @returns its numbers, which all engines agree on to float32's rounding
 */
export async function smallNetworkResult(engine: Engine): Promise<EngineTensor['data']> {
  const session = await engine.load(smallNetwork());
  try {
    return (await session.run({ pixels: { shape: [1, 3, SIDE, SIDE], data: waves(3 * SIDE * SIDE) } }))['y'].data;
  } finally {
    await session.release();
  }
}

/** Norm of the difference over the norm of the reference; NaN where a result is no number. */
export function relativeDifference(result: EngineTensor['data'], reference: EngineTensor['data']): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    difference += (result[i] - reference[i]) ** 2;
    norm += reference[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

const SIDES = [256, 1024, 2048];
/** A product that would take longer than this a run is not tried at the next size. */
const PATIENCE_MS = 60;

/**
 * Measures square matrix products for about half a second, operands copied in and results out: what a network's layers come to.
 * @returns the best of them, GFLOP/s
 */
export async function measureGflops(engine: Engine): Promise<number> {
  let best = 0;
  const end = performance.now() + 500;
  for (const [size, side] of SIDES.entries()) {
    const session = await engine.load(squareProduct(side));
    const rows = { shape: [side, side], data: waves(side * side) };
    // The first run compiles and allocates.
    await session.run({ a: rows, b: rows });
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3 || (run < 20 && performance.now() < end); run++) {
      const start = performance.now();
      await session.run({ a: rows, b: rows });
      fastest = Math.min(fastest, performance.now() - start);
      if (fastest > PATIENCE_MS) break;
    }
    await session.release();
    best = Math.max(best, (2 * side ** 3) / fastest / 1e6);
    const next = SIDES[size + 1];
    if (next === undefined || (2 * next ** 3) / best / 1e6 > PATIENCE_MS) break;
  }
  return best;
}

function squareProduct(side: number): Uint8Array {
  const graph = new Graph();
  const operands = ['a', 'b'].map((name) => graph.input(name, [side, side]));
  graph.output('y', graph.apply('matMul', operands));
  return emitOnnx(graph, { openAxes: 'none' });
}

/** Numbers from -1 to 1 without a pattern that a wrong layout would keep. */
function waves(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + (i % 7)));
}
