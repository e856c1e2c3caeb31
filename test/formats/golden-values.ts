import type { NumericData, NumericDtype, StructArray, Value } from '../../src/formats/array.ts';
import { numericArray } from '../../src/formats/array.ts';
import { allocateNumbers, partsPerElement } from '../../src/formats/numbers.ts';

/** A Value as generate.py writes it: large integers and what is not finite as strings. */
export type GoldenValue =
  | { kind: 'numeric'; dtype: NumericDtype; shape: number[]; data: (number | string)[] }
  | { kind: 'text'; shape: number[]; data: string[] }
  | { kind: 'cell'; shape: number[]; data: GoldenValue[] }
  | { kind: 'struct'; shape: number[]; fields: Record<string, GoldenValue[]> };

export function goldenValue(golden: GoldenValue): Value {
  switch (golden.kind) {
    case 'numeric': {
      const data: NumericData = allocateNumbers(golden.dtype, golden.data.length / partsPerElement(golden.dtype));
      const is64 = data instanceof BigInt64Array || data instanceof BigUint64Array;
      golden.data.forEach((value, k) => {
        data[k] = is64 ? BigInt(value) : Number(value);
      });
      return numericArray(golden.dtype, golden.shape, data);
    }
    case 'text':
      return golden;
    case 'cell':
      return { kind: 'cell', shape: golden.shape, data: golden.data.map(goldenValue) };
    case 'struct': {
      const fields: StructArray['fields'] = Object.fromEntries(
        Object.entries(golden.fields).map(([name, values]) => [name, values.map(goldenValue)]),
      );
      return { kind: 'struct', shape: golden.shape, fields };
    }
  }
}

/** What `inspect` should say of it. */
export function entryOf(name: string, golden: GoldenValue) {
  return { name, dtype: golden.kind === 'numeric' ? golden.dtype : golden.kind, shape: golden.shape };
}
