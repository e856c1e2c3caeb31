import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import {
  type NumericArray,
  type NumericDtype,
  numericArray,
  type TextArray,
  toFloat64,
} from '../../src/formats/array.ts';
import { allocateNumbers } from '../../src/formats/numbers.ts';
import { openFile } from '../../src/formats/open.ts';
import { type NamedArrays, saveArrays, WRITABLE_ENDINGS } from '../../src/formats/save.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';

const DTYPES = [
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
  'complex64',
  'complex128',
] as const satisfies readonly NumericDtype[];

interface WriterRow {
  readonly ending: string;
  /** Types that come back as they were, beside those that `comesBackAs` changes. */
  readonly dtypes: readonly NumericDtype[];
  /** Axes of arrays. */
  readonly axes: readonly [min: number, max: number];
  /** One array of any name, or several that keep their names. */
  readonly holds: 'one array' | 'arrays' | 'arrays and texts';
  readonly comesBackAs?: (array: NumericArray) => NumericArray;
}

const without = (...left: NumericDtype[]) => DTYPES.filter((dtype) => !left.includes(dtype));

/** Every writer joins here. */
const WRITERS: readonly WriterRow[] = [
  { ending: 'npy', dtypes: without('bfloat16'), axes: [0, 4], holds: 'one array' },
  { ending: 'npz', dtypes: without('bfloat16'), axes: [0, 4], holds: 'arrays and texts' },
  { ending: 'safetensors', dtypes: without('complex128'), axes: [0, 4], holds: 'arrays' },
  {
    ending: 'csv',
    dtypes: without('complex64', 'complex128'),
    axes: [2, 2],
    holds: 'one array',
    comesBackAs: ({ shape, data }) => numericArray('float64', shape, toFloat64(data)),
  },
  {
    ending: 'mat',
    dtypes: DTYPES,
    axes: [2, 4],
    holds: 'arrays',
    comesBackAs: ({ dtype, shape, data }) =>
      // MATLAB has no 16-bit floats.
      numericArray(dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : dtype, shape, data),
  },
];

test('every format that can be written is held to this contract', () => {
  expect(WRITERS.map(({ ending }) => ending).sort()).toEqual([...WRITABLE_ENDINGS].sort());
});

describe.each(WRITERS)('.$ending', ({ ending, dtypes, axes, holds, comesBackAs = (array) => array }) => {
  const arrays = fc.oneof(...dtypes.map((dtype) => arraysOf(dtype, axes, ending === 'csv' ? 1 : 0)));
  const files: fc.Arbitrary<NamedArrays> =
    holds === 'one array'
      ? arrays.map((data) => ({ data }))
      : fc.dictionary(names, holds === 'arrays' ? arrays : fc.oneof(arrays, texts), { minKeys: 1, maxKeys: 4 });

  test('what is written reads back the same', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (written) => {
        const file = await openFile(bytesSource(`file.${ending}`, await save(ending, written)));
        expect(file.entries.map(({ name }) => name).sort()).toEqual(Object.keys(written).sort());
        for (const { name, dtype, shape } of file.entries) {
          const array = written[name];
          const expected = array.kind === 'numeric' ? comesBackAs(array) : array;
          expect(await file.read(name)).toEqual(expected);
          expect(shape).toEqual(expected.shape);
          expect(dtype).toEqual(expected.kind === 'numeric' ? expected.dtype : 'text');
        }
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  test('the same arrays give the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (written) => {
        expect(await save(ending, written)).toEqual(await save(ending, written));
      }),
      { numRuns: 20, seed: 3 },
    );
  });

  test('an array that does not hold what its shape says is refused', async () => {
    const wrong = numericArray('float32', [2, 3], new Float32Array(5));
    await expect(save(ending, { data: wrong })).rejects.toThrow(ShapeError);
    const other = numericArray('float32', [2, 3], new Float64Array(6));
    await expect(save(ending, { data: other })).rejects.toThrow(ShapeError);
  });

  if (holds === 'one array') {
    test('several arrays are refused, with the formats that hold them', async () => {
      const array = numericArray('float32', [1, 1], new Float32Array(1));
      await expect(save(ending, { a: array, b: array })).rejects.toThrow(UsageError);
    });
  }
});

async function save(ending: string, arrays: NamedArrays): Promise<Uint8Array> {
  const sink = memorySink();
  await saveArrays(sink, ending, arrays);
  return sink.bytes().slice();
}

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,9}$/).filter((name) => !MATLAB_KEYWORDS.has(name));

const MATLAB_KEYWORDS = new Set(
  'break case catch classdef continue else elseif end for function global if otherwise parfor return spmd switch try while'.split(
    ' ',
  ),
).add('persistent');

const texts: fc.Arbitrary<TextArray> = fc
  .array(
    fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => !text.endsWith('\0')),
    { maxLength: 5 },
  )
  .map((data) => ({ kind: 'text', shape: [data.length], data }));

function arraysOf(
  dtype: NumericDtype,
  [min, max]: readonly [number, number],
  shortest: number,
): fc.Arbitrary<NumericArray> {
  const shapes = fc.array(fc.integer({ min: shortest, max: 4 }), { minLength: min, maxLength: max });
  return shapes.chain((shape) => {
    const data = allocateNumbers(dtype, sizeOf(shape));
    return fc.array(fc.nat(), { minLength: data.length, maxLength: data.length }).chain((seeds) =>
      fc.tuple(...seeds.map(() => numberOf(dtype))).map((values) => {
        const filled = data.slice();
        values.forEach((value, k) => {
          filled[k] = value;
        });
        return numericArray(dtype, shape, filled);
      }),
    );
  });
}

function numberOf(dtype: NumericDtype): fc.Arbitrary<number | bigint> {
  switch (dtype) {
    case 'bool':
      return fc.integer({ min: 0, max: 1 });
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'float16':
      // Whole sixteenths up to 2047 / 16, powers of two and the special values are exact in 16 bits.
      return fc.oneof(
        fc.integer({ min: -2047, max: 2047 }).map((value) => value / 16),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 2 ** -24, 65504),
      );
    case 'bfloat16':
      return fc.oneof(
        fc.integer({ min: -255, max: 255 }),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 100, 2 ** -130),
      );
    case 'float32':
    case 'complex64':
      return fc.float();
    case 'float64':
    case 'complex128':
      return fc.double();
    default: {
      const bits = Number(/\d+/.exec(dtype)![0]);
      return dtype.startsWith('u')
        ? fc.integer({ min: 0, max: 2 ** bits - 1 })
        : fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
    }
  }
}
