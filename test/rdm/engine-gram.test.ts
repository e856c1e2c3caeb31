import { describe, expect, it } from 'vitest';
import { engineGram } from '../../src/engine/gram.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { rdmOf } from '../../src/rdm/distances.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };

describe("rdmOf with the engine's inner products", () => {
  it.each(['correlation', 'cosine', 'euclidean', 'sqeuclidean'] as const)(
    "equals scipy's pdist to 1e-10 as with the plain ones: %s",
    async (metric) => {
      const gram = engineGram(await nodeEngine({ threads: 1 }));
      for (const { name, rows, expected } of golden.distances) {
        if (rows.length < 2) continue;
        const { values } = await rdmOf(Float64Array.from(rows.flat()), rows.length, rows[0].length, { metric, gram });
        expectClose(values, expected[metric], 1e-10, name);
      }
    },
  );

  it('keeps 1e-12 over a hundred thousand columns of float32', async () => {
    const n = 12;
    const d = 100_352;
    const rows = new Float32Array(n * d).map((_, k) => Math.max(0, Math.sin(k * 1.7) + Math.sin((k % d) * 0.3)));
    const plain = await rdmOf(rows, n, d);
    const fast = await rdmOf(rows, n, d, { gram: engineGram(await nodeEngine({ threads: 1 })) });
    expectClose(fast.values, plain.values, 1e-12);
  });
});

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number | null>,
  tolerance: number,
  what = '',
): void {
  for (let k = 0; k < expected.length; k++) {
    const value = expected[k];
    if (value === null || Number.isNaN(value)) expect(actual[k], `${what}, pair ${k}`).toBeNaN();
    else expect(Math.abs(actual[k] - value), `${what}, pair ${k}`).toBeLessThanOrEqual(tolerance * Math.max(1, value));
  }
}
