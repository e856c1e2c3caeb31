import { expect, it } from 'vitest';
import { plainGram } from '../../src/core/gram.ts';

it('plainGram gives the inner products of all rows, symmetric and row-major', () => {
  expect([...plainGram(new Float64Array([1, 2, 3, 4, 5, 6]), 3, 2)]).toEqual([5, 11, 17, 11, 25, 39, 17, 39, 61]);
  expect([...plainGram(new Float32Array(0), 0, 5)]).toEqual([]);
});
