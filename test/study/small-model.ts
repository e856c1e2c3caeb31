import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { between } from '../golden/seeded.ts';

/** Names of the model's weights, stage by stage. */
export const SMALL_WEIGHTS = { layer0: ['first', 'first bias'], layer1: ['second', 'second bias'] } as const;

/** A network on n x 3 x 16 x 16 that trains in milliseconds, as an ONNX model: stages layer0 (6 x 7 x 7) and layer1 (8 x 3 x 3). */
export function smallModel(seed = ''): Uint8Array {
  const graph = new Graph();
  const weights = (name: string, shape: number[], bound: number) =>
    graph.constant(name, shape, between(seed + name, shape, -bound, bound));
  let x = graph.input('image', [1, 3, 16, 16]);
  for (const [stage, name, channels] of [
    ['layer0', 'first', 6],
    ['layer1', 'second', 8],
  ] as const) {
    const kernel = weights(name, [channels, x.shape[1], 3, 3], 0.4);
    const sum = graph.apply('conv', [x, kernel, weights(`${name} bias`, [channels], 0.1)], { stride: 2 });
    x = graph.apply('relu', [sum]);
    graph.output(stage, x);
  }
  return emitOnnx(graph);
}
