import { expect, it } from 'vitest';
import { plainGram } from '../../src/core/gram.ts';
import { seededRandom } from '../../src/core/random.ts';
import { engineGram } from '../../src/engine/gram.ts';
import { nodeEngine } from '../../src/engine/node.ts';

const engine = await nodeEngine();

function rowsOf(n: number, d: number): Float64Array {
  const random = seededRandom(3);
  return Float64Array.from({ length: n * d }, () => random.normal());
}

it.each([
  [1, 1],
  [3, 2048],
  [300, 70],
  [257, 2049],
])(
  'the Gram product of %i x %i rows on the engine equals plain loops to 1e-12 of the largest product',
  async (n, d) => {
    const rows = rowsOf(n, d);
    const expected = plainGram(rows, n, d) as Float64Array;
    const products = await engineGram(engine)(rows, n, d);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(products.length).toBe(n * n);
    for (let k = 0; k < expected.length; k++) expect(Math.abs(products[k] - expected[k]) / largest).toBeLessThan(1e-12);
  },
);

it('float32 rows are multiplied in float64 unless float32 is asked for, which keeps six digits', async () => {
  const rows = Float32Array.from(rowsOf(20, 5000));
  const expected = plainGram(rows, 20, 5000) as Float64Array;
  const exact = await engineGram(engine)(rows, 20, 5000);
  const fast = await engineGram(engine, { precision: 'float32' })(rows, 20, 5000);
  for (let k = 0; k < expected.length; k++) {
    expect(Math.abs(exact[k] - expected[k])).toBeLessThan(1e-9);
    expect(Math.abs(fast[k] - expected[k]) / 5000).toBeLessThan(1e-6);
  }
});

it('rows without columns have products of zero, and no rows none', async () => {
  expect(await engineGram(engine)(new Float64Array(0), 2, 0)).toEqual(new Float64Array(4));
  expect(await engineGram(engine)(new Float64Array(0), 0, 5)).toEqual(new Float64Array(0));
});
