import { expect, it } from 'vitest';
import { isReal } from '../../src/formats/real-numbers.ts';

it.each([
  'bool',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
])('%s is of real numbers', (dtype) => {
  expect(isReal(dtype)).toBe(true);
});

it.each(['complex64', 'complex128', 'text', 'cell', 'struct', 'F8_E4M3', 'bfloat32', ''])(
  '%j is not of real numbers',
  (dtype) => {
    expect(isReal(dtype)).toBe(false);
  },
);
