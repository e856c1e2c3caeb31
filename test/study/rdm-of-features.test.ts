import { describe, expect, it, vi } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import type { Gram } from '../../src/core/gram.ts';
import { numericArray } from '../../src/formats/array.ts';
import { DISTANCE_METRICS } from '../../src/rdm/distances.ts';
import { metricNamed, rdmOfFeatures } from '../../src/study/rdms/rdm-of-features.ts';
import golden from '../golden/rdm/expected.json' with { type: 'json' };
import { arrayOf, fileOf, textFile, textsOf } from './memory-files.ts';

const { rows, expected } = golden.distances[0];

describe('rdmOfFeatures', () => {
  it.each(['npy', 'npz', 'csv', 'mat', 'safetensors'])(
    "equals scipy's pdist on the rows of an array in .%s",
    async (ending) => {
      const file = await fileOf(`f.${ending}`, { layer4: arrayOf(rows) });
      for (const metric of DISTANCE_METRICS) {
        const { values } = await rdmOfFeatures(file, { metric });
        values.forEach((value, pair) => {
          expect(Math.abs(value - expected[metric][pair]!)).toBeLessThanOrEqual(1e-10);
        });
      }
    },
  );

  it('flattens the axes beyond the first', async () => {
    const deep = rows.map((row) => [row.slice(0, 5).map((value) => [value]), row.slice(5, 10).map((value) => [value])]);
    const flat = rows.map((row) => row.slice(0, 10));
    const a = await rdmOfFeatures(await fileOf('f.npy', { x: arrayOf(deep) }));
    const b = await rdmOfFeatures(await fileOf('f.npy', { x: arrayOf(flat) }));
    expect([...a.values]).toEqual([...b.values]);
  });

  it.each(['int16', 'uint8', 'float32', 'float16'] as const)('takes %s', async (dtype) => {
    const data = { int16: Int16Array, uint8: Uint8Array, float32: Float32Array, float16: Float32Array }[dtype];
    const file = await fileOf('f.npz', { x: numericArray(dtype, [2, 3], data.from([1, 2, 3, 4, 5, 7])) });
    expect([...(await rdmOfFeatures(file, { metric: 'cityblock' })).values]).toEqual([10]);
  });

  it.each(['npz', 'mat', 'safetensors'])('carries names from .%s', async (ending) => {
    const names = rows.map((_, k) => `image ${k}`);
    const file = await fileOf(`f.${ending}`, { x: arrayOf(rows), names: textsOf(names) });
    expect((await rdmOfFeatures(file)).conditions).toEqual(names);
  });

  it('carries names from the first column of a .csv, whose header names features', async () => {
    const file = textFile('f.csv', 'image,f1,f2,f3\ncat,1,2,3\ndog,3,2,2\n');
    expect((await rdmOfFeatures(file, { metric: 'cityblock' })).conditions).toEqual(['cat', 'dog']);
  });

  it('asks for one of several arrays, and takes the one named', async () => {
    const file = await fileOf('f.npz', {
      layer3: arrayOf(rows),
      layer4: arrayOf(rows.slice(2)),
      count: arrayOf([7, 11]),
    });
    await expect(rdmOfFeatures(file)).rejects.toThrow(
      new UsageError(
        'f.npz: several arrays have rows: layer3 (7 x 11), layer4 (5 x 11); choose one with --variable NAME',
      ),
    );
    expect((await rdmOfFeatures(file, { variable: 'layer4' })).nConditions).toBe(5);
    await expect(rdmOfFeatures(file, { variable: 'layer5' })).rejects.toThrow(
      new UsageError('f.npz: there is no variable layer5, there is: layer3, layer4, count'),
    );
  });

  it('refuses NaN, naming row, condition and column', async () => {
    const broken = rows.map((row, i) => row.map((value, k) => (i === 2 && k === 4 ? Number.NaN : value)));
    const names = rows.map((_, k) => `image ${k}`);
    const file = await fileOf('f.npz', { x: arrayOf(broken), names: textsOf(names) });
    await expect(rdmOfFeatures(file)).rejects.toThrow(
      new FormatError(
        'f.npz',
        'expected a finite number, got NaN; leave that row or column out',
        'x, row 3 ("image 2"), column 5 (counting from 1)',
      ),
    );
  });

  it('refuses a constant row for correlation and a row of zeros for cosine, naming it, and takes both for euclidean', async () => {
    const constant = await fileOf('f.npy', {
      x: arrayOf([
        [1, 2],
        [0.1, 0.1],
        [3, 5],
      ]),
    });
    await expect(rdmOfFeatures(constant)).rejects.toThrow(
      /data, row 2: all values are 0\.1, so it has no correlation distance/,
    );
    await expect(rdmOfFeatures(constant)).rejects.toThrow(FormatError);
    const zeros = await fileOf('f.npy', {
      x: arrayOf([
        [1, 2],
        [3, 5],
        [0, 0],
      ]),
    });
    await expect(rdmOfFeatures(zeros, { metric: 'cosine' })).rejects.toThrow(
      /data, row 3: all values are 0, so it has no cosine/,
    );
    expect((await rdmOfFeatures(zeros, { metric: 'euclidean' })).values[1]).toBeCloseTo(Math.sqrt(5), 12);
    expect((await rdmOfFeatures(constant, { metric: 'cosine' })).values.every(Number.isFinite)).toBe(true);
  });

  it('refuses distances that are no numbers any more', async () => {
    const file = await fileOf('f.npy', {
      x: arrayOf([
        [1e200, 0],
        [-1e200, 0],
      ]),
    });
    await expect(rdmOfFeatures(file, { metric: 'sqeuclidean' })).rejects.toThrow(/rescale them/);
  });

  it.each([
    ['one row', [[1, 2, 3]], /expected at least 2 rows of at least 1 column, got 1 x 3/],
    [
      'more rows than an RDM can have',
      new Array<number[]>(32_769).fill([1, 2]),
      /expected at most 32768 rows, got 32769; .*transpose/,
    ],
    ['a vector', [1, 2, 3], /expected an array with a row a condition, got data \(float64 3\)/],
  ])('refuses %s', async (_, values, message) => {
    await expect(rdmOfFeatures(await fileOf('f.npy', { x: arrayOf(values) }))).rejects.toThrow(message);
  });

  it('refuses complex numbers and text', async () => {
    const file = await fileOf('f.npz', {
      z: numericArray('complex128', [2, 2], new Float64Array(8)),
      t: textsOf(['a', 'b']),
    });
    for (const variable of ['z', 't'])
      await expect(rdmOfFeatures(file, { variable })).rejects.toThrow(/expected real numbers/);
  });

  it('asks for a fast product only where there is much to multiply', async () => {
    const identity: Gram = (_, n) => new Float64Array(n * n).map((_, k) => (k % (n + 1) === 0 ? 1 : 0));
    const openGram = vi.fn(async () => identity);
    await rdmOfFeatures(await fileOf('f.npy', { x: arrayOf(rows) }), { openGram });
    expect(openGram).not.toHaveBeenCalled();
    const large = numericArray(
      'float32',
      [1001, 1000],
      new Float32Array(1_001_000).map((_, k) => k % 97),
    );
    const { values } = await rdmOfFeatures(await fileOf('f.npy', { x: large }), { openGram });
    expect(openGram).toHaveBeenCalledTimes(1);
    expect(values.every((value) => value === 1)).toBe(true);
    await rdmOfFeatures(await fileOf('f.npy', { x: large }), { openGram, metric: 'cityblock' });
    expect(openGram).toHaveBeenCalledTimes(1);
  });
});

describe('metricNamed', () => {
  it('knows the metrics and lists them to those who name another', () => {
    expect(metricNamed('cosine')).toBe('cosine');
    expect(() => metricNamed('hamming')).toThrow(
      new UsageError(
        '--metric: expected one of correlation, cosine, euclidean, sqeuclidean, cityblock, mahalanobis, crossnobis, got hamming',
      ),
    );
    expect(() => metricNamed('toString')).toThrow(UsageError);
  });
});
