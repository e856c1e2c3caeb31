import { sizeOf } from '../src/core/shape.ts';
import type { Engine } from '../src/engine/session.ts';
import { emitOnnx } from '../src/graph/emit.ts';
import { Graph, type GraphNode } from '../src/graph/graph.ts';
import { median } from './median.ts';

/** Sizes of matrix products: `groups` times m x k by k x n. */
type Product = readonly [groups: number, m: number, k: number, n: number];

const PRODUCTS: Readonly<Partial<Record<string, (node: GraphNode) => Product>>> = {
  matMul({ inputs: [a], output }) {
    const [m, n] = output.shape.slice(-2);
    const groups = sizeOf(output.shape.slice(0, -2));
    return [groups, m, sizeOf(a.shape) / groups / m, n];
  },
  conv({ inputs: [, kernels], output, attributes }) {
    const { groups = 1 } = attributes as { groups?: number };
    const [n, nKernels, height, width] = output.shape;
    return [groups, nKernels / groups, sizeOf(kernels.shape.slice(1)), n * height * width];
  },
  convTranspose({ inputs: [maps, kernels], attributes }) {
    const { groups = 1 } = attributes as { groups?: number };
    const [n, channels, height, width] = maps.shape;
    return [groups, sizeOf(kernels.shape.slice(1)), channels / groups, n * height * width];
  },
  convKernelGradient({ inputs: [, gradient], output, attributes }) {
    const { groups = 1 } = attributes as { groups?: number };
    const [n, nKernels, height, width] = gradient.shape;
    return [groups, nKernels / groups, n * height * width, sizeOf(output.shape.slice(1))];
  },
};

/** What a graph's multiply-adds are. */
export interface PlainProducts {
  readonly multiplyAdds: number;
  /** Milliseconds they take as products of matrices that lie ready, one after another. */
  readonly milliseconds: number;
}

/** For the operators of a graph that multiply matrices at heart, the same multiply-adds as plain products on the same engine. */
export async function plainProducts(graph: Graph, engine: Engine): Promise<Record<string, PlainProducts>> {
  const counts = new Map<string, { product: Product; byOperator: Record<string, number> }>();
  for (const node of graph.nodes) {
    const product = PRODUCTS[node.operator]?.(node);
    if (product === undefined) continue;
    const known = counts.get(product.join()) ?? { product, byOperator: {} };
    known.byOperator[node.operator] = (known.byOperator[node.operator] ?? 0) + 1;
    counts.set(product.join(), known);
  }
  const totals: Record<string, { multiplyAdds: number; milliseconds: number }> = {};
  for (const { product, byOperator } of counts.values()) {
    const milliseconds = await timeOf(product, engine);
    for (const [operator, count] of Object.entries(byOperator)) {
      totals[operator] ??= { multiplyAdds: 0, milliseconds: 0 };
      totals[operator].multiplyAdds += count * sizeOf(product);
      totals[operator].milliseconds += count * milliseconds;
    }
  }
  return totals;
}

/** Its result is added up, so that no time goes into copying it out. */
async function timeOf([groups, m, k, n]: Product, engine: Engine): Promise<number> {
  const graph = new Graph();
  const shapes = { a: groups === 1 ? [m, k] : [groups, m, k], b: groups === 1 ? [k, n] : [groups, k, n] };
  const product = graph.apply('matMul', [graph.input('a', shapes.a), graph.input('b', shapes.b)]);
  graph.output('sum', graph.apply('reduceSum', [product], { axes: [...product.shape.keys()] }));
  const session = await engine.load(emitOnnx(graph, { openAxes: 'none' }), { keepMemory: true });
  const tensor = (shape: readonly number[]) => ({ shape, data: new Float32Array(sizeOf(shape)).fill(0.5) });
  const feeds = { a: tensor(shapes.a), b: tensor(shapes.b) };
  await session.run(feeds);
  const times: number[] = [];
  for (let repeat = 0; repeat < 5; repeat++) {
    const start = performance.now();
    await session.run(feeds);
    times.push(performance.now() - start);
  }
  await session.release();
  return median(times);
}
