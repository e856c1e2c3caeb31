import type { Gram } from '../core/gram.ts';
import { emitOnnx } from '../graph/emit.ts';
import { Graph } from '../graph/graph.ts';
import type { Engine, EngineSession } from './session.ts';

/** Columns and rows that are multiplied at once: copies stay small, and of the symmetric product little more than a half is computed. */
const COLUMNS = 2048;
const ROWS = 256;

/**
 * Inner products of rows on an engine. Chunks of columns are multiplied there and added up in float64 here.
 * @param precision what the engine multiplies in: float64 is exact to rounding; float32 takes about half as long and keeps six digits of the
 *   largest product, so its rows should be centred
 */
export function engineGram(
  engine: Engine,
  { precision = 'float64' }: { readonly precision?: 'float32' | 'float64' } = {},
): Gram {
  const NumberArray = precision === 'float64' ? Float64Array : Float32Array;
  let loading: Promise<EngineSession> | undefined;
  return async (rows, n, d) => {
    loading ??= engine.load(emitOnnx(rowProducts(), { precision, openAxes: 'all' }));
    const session = await loading;
    const products = new Float64Array(n * n);
    for (let first = 0; first < d; first += COLUMNS) {
      const width = Math.min(COLUMNS, d - first);
      const chunk = new NumberArray(n * width);
      for (let i = 0; i < n; i++) chunk.set(rows.subarray(i * d + first, i * d + first + width), i * width);
      for (let top = 0; top < n; top += ROWS) {
        const bottom = Math.min(n, top + ROWS);
        const block = chunk.subarray(top * width, bottom * width);
        const rest = chunk.subarray(top * width);
        const { y } = await session.run({
          a: { shape: [bottom - top, width], data: block },
          b: { shape: [n - top, width], data: rest },
        });
        for (let i = top, at = 0; i < bottom; i++) {
          for (let j = top; j < n; j++) products[i * n + j] += y.data[at++];
        }
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) products[i * n + j] = products[j * n + i];
    return products;
  };
}

function rowProducts(): Graph {
  const graph = new Graph();
  const a = graph.input('a', [ROWS, COLUMNS]);
  const b = graph.input('b', [ROWS, COLUMNS]);
  graph.output('y', graph.apply('matMul', [a, graph.apply('transpose', [b], { order: [1, 0] })]));
  return graph;
}
