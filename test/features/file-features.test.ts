import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import type { FeatureStream } from '../../src/features/features.ts';
import { fileFeatures } from '../../src/features/file-features.ts';
import { numericArray, type OpenedFile, type Value } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource } from '../../src/formats/source.ts';

const text = (...data: string[]): Value => ({ kind: 'text', shape: [data.length], data });
const float32 = (shape: number[], from = 0) =>
  numericArray(
    'float32',
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => from + k),
  );

/** A file with these entries, as a reader would have opened it. */
function fileOf(values: Record<string, Value>, metadata: Record<string, string> = {}): OpenedFile {
  return {
    format: 'npz',
    entries: Object.entries(values).map(([name, value]) => ({
      name,
      dtype: value.kind === 'numeric' ? value.dtype : value.kind,
      shape: value.shape,
    })),
    metadata,
    read: async (name) => values[name],
  };
}

async function readAll(stream: FeatureStream): Promise<number[][][]> {
  const images = [];
  for await (const features of stream.read()) images.push(features.map((values) => Array.from(values)));
  return images;
}

const names = text('b.png', 'a.png', 'c.png');

describe('fileFeatures', () => {
  it('reads n x C x H x W, n x tokens x dim with a token as a position, and n x C', async () => {
    const file = fileOf({ maps: float32([2, 2, 1, 3]), tokens: float32([2, 3, 2]), vector: float32([2, 4]) });
    const stream = await fileFeatures(file);
    expect(stream.stages).toEqual([
      { name: 'maps', channels: 2, height: 1, width: 3 },
      { name: 'tokens', channels: 2, height: 3, width: 1 },
      { name: 'vector', channels: 4, height: 1, width: 1 },
    ]);
    expect(await readAll(stream)).toEqual([
      [
        [0, 1, 2, 3, 4, 5],
        [0, 2, 4, 1, 3, 5],
        [0, 1, 2, 3],
      ],
      [
        [6, 7, 8, 9, 10, 11],
        [6, 8, 10, 7, 9, 11],
        [4, 5, 6, 7],
      ],
    ]);
  });

  it('gives the images asked for in their order, whether names have endings or not', async () => {
    const file = fileOf({ x: float32([3, 1]), names });
    for (const conditions of [
      ['c.png', 'b.png'],
      ['c', 'b'],
      ['c.jpg', 'b.jpg'],
    ]) {
      const stream = await fileFeatures(file, { conditions });
      expect(stream.conditions).toEqual(conditions);
      expect(await readAll(stream)).toEqual([[[2]], [[0]]]);
    }
    const bare = fileOf({ x: float32([2, 1]), names: text('v1.5', 'v1.6') });
    expect(await readAll(await fileFeatures(bare, { conditions: ['v1.6.png'] }))).toEqual([[[1]]]);
  });

  it('takes names from metadata, a text array with padding, and a MATLAB cell array', async () => {
    const cells: Value = { kind: 'cell', shape: [3, 1], data: [text('b'), text('a'), text('c')] };
    for (const file of [
      fileOf({ x: float32([3, 1]) }, { names: '["b","a","c"]' }),
      fileOf({ x: float32([3, 1]), names: text('b  ', 'a  ', 'c  ') }),
      fileOf({ x: float32([3, 1]), names: cells }),
    ]) {
      expect((await fileFeatures(file)).conditions).toEqual(['b', 'a', 'c']);
    }
  });

  it('takes names from the first column of a table, whose rows may stand in another order than the images', async () => {
    const rows = ['name,a,b', 'c.png,5,6', 'a.png,1,2', 'b.png,3,4'].join('\n');
    const file = await openFile(bytesSource('f.csv', new TextEncoder().encode(rows)));
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    const stream = await fileFeatures(file, { conditions: ['a.png', 'b.png', 'c.png'], onNotice });
    expect(await readAll(stream)).toEqual([[[1, 2]], [[3, 4]], [[5, 6]]]);
    expect((await fileFeatures(file, { onNotice })).conditions).toEqual(['c.png', 'a.png', 'b.png']);
    expect(notices).toEqual([]);
  });

  it('takes row numbers of a table for no names, as it does in RDMs', async () => {
    const file = await openFile(bytesSource('f.csv', new TextEncoder().encode(',a,b\n0,1,2\n1,3,4')));
    const notices: string[] = [];
    const options = { conditions: ['1.png', '2.png'], onNotice: (notice: string) => notices.push(notice) };
    expect(await readAll(await fileFeatures(file, options))).toEqual([[[1, 2]], [[3, 4]]]);
    expect(notices[0]).toMatch(/names no images; row i is taken for the i-th image/);
  });

  it('meets images by number and order alone where the file names none, and says so', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    const file = fileOf({ x: float32([2, 1]) });
    const stream = await fileFeatures(file, { path: 'f.npz', conditions: ['p.png', 'q.png'], onNotice });
    expect(stream.conditions).toEqual(['p.png', 'q.png']);
    expect((await fileFeatures(file, { onNotice })).conditions).toEqual(['1', '2']);
    expect(notices[0]).toMatch(/f.npz: the file names no images; row i is taken for the i-th image.*p.png ... q.png/);
    expect(notices.length).toBe(2);
    await expect(fileFeatures(file, { conditions: ['p', 'q', 'r'] })).rejects.toThrow(/2 rows for 3 images/);
  });

  it('lists images that are not in the file', async () => {
    const wrong = fileFeatures(fileOf({ x: float32([3, 1]), names }), { path: 'f.npz', conditions: ['a', 'x', 'y'] });
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow(/f.npz: it has no features of x, y; its 3 rows are named b.png, a.png/);
  });

  it('refuses names that could mean several images, or two names that mean one', async () => {
    const file = fileOf({ x: float32([3, 1]), names: text('a.png', 'a.jpg', 'b.png') });
    await expect(fileFeatures(file, { conditions: ['a'] })).rejects.toThrow(/a may be a.png or a.jpg/);
    expect(await readAll(await fileFeatures(file, { conditions: ['a.jpg'] }))).toEqual([[[1]]]);
    await expect(fileFeatures(file, { conditions: ['b', 'b.png'] })).rejects.toThrow(/b and b.png both meet/);
  });

  it('refuses names that are no texts, too few, or come twice', async () => {
    const x = float32([3, 1]);
    await expect(fileFeatures(fileOf({ x }, { names: '{"a":1}' }))).rejects.toThrow(/names: expected a list of texts/);
    await expect(fileFeatures(fileOf({ x }, { names: '[' }))).rejects.toThrow(FormatError);
    await expect(fileFeatures(fileOf({ x, names: text('a', 'b') }))).rejects.toThrow(
      /expected 3 names, one a row, got 2/,
    );
    await expect(fileFeatures(fileOf({ x, names: text('a', 'b', 'a') }))).rejects.toThrow(/got a twice/);
    await expect(fileFeatures(fileOf({ x, names: float32([3]) }))).rejects.toThrow(/names: expected a list of texts/);
  });

  it('takes the stages asked for, in their order, and lists what there is for another', async () => {
    const file = fileOf({ x: float32([2, 1]), y: float32([2, 2], 10), z: float32([5]) });
    const stream = await fileFeatures(file, { stages: ['y', 'x'] });
    expect(await readAll(stream)).toEqual([
      [[10, 11], [0]],
      [[12, 13], [1]],
    ]);
    await expect(fileFeatures(file, { stages: ['w'] })).rejects.toThrow(
      /no array w.*x \(float32, 2 x 1\), y .*z \(float32, 5\)/,
    );
    await expect(fileFeatures(file, { stages: ['z'] })).rejects.toThrow(UsageError);
  });

  it('refuses arrays with different numbers of images, empty ones, and files without any', async () => {
    await expect(fileFeatures(fileOf({ x: float32([2, 1]), y: float32([3, 1]) }))).rejects.toThrow(/2 in x and 3 in y/);
    await expect(fileFeatures(fileOf({ x: float32([0, 4]) }))).rejects.toThrow(ShapeError);
    await expect(fileFeatures(fileOf({ x: float32([2, 0]) }))).rejects.toThrow(/empty, 2 x 0/);
    await expect(fileFeatures(fileOf({ names }))).rejects.toThrow(UsageError);
    const complex = numericArray('complex64', [2, 1], new Float32Array(4));
    await expect(fileFeatures(fileOf({ complex }))).rejects.toThrow(UsageError);
  });

  it('widens or narrows every real type to float32', async () => {
    const file = fileOf({
      wide: numericArray('float64', [1, 2], Float64Array.of(0.1, -3)),
      long: numericArray('int64', [1, 2], BigInt64Array.of(-7n, 2n ** 40n)),
      flags: numericArray('bool', [1, 2], Uint8Array.of(0, 1)),
    });
    expect(await readAll(await fileFeatures(file))).toEqual([
      [
        [Math.fround(0.1), -3],
        [-7, 2 ** 40],
        [0, 1],
      ],
    ]);
  });

  it('refuses NaN, infinity and what float32 does not hold, naming image and stage', async () => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, 1e300]) {
      const x = numericArray('float64', [3, 1], Float64Array.of(1, 2, value));
      await expect(fileFeatures(fileOf({ x, names }, {}), { path: 'f.npz' })).rejects.toThrow(/f.npz: c.png, stage x/);
    }
  });

  it('reads rows one by one where the file can, and each image once a pass', async () => {
    const asked: string[] = [];
    const file: OpenedFile = {
      ...fileOf({ x: float32([3, 2]), names }),
      async readRows(name, first, count) {
        asked.push(`${name} ${first} ${count}`);
        return numericArray('float32', [count, 2], Float32Array.of(first, first));
      },
    };
    const stream = await fileFeatures(file, { conditions: ['c', 'a'] });
    asked.length = 0;
    expect(await readAll(stream)).toEqual([[[2, 2]], [[1, 1]]]);
    expect(asked).toEqual(['x 2 1', 'x 1 1']);
  });

  it('has a key that changes with a feature, a name, the order and the stages, and with nothing else', async () => {
    const key = async (
      from: number,
      ...args: Parameters<typeof fileFeatures> extends [unknown, ...infer R] ? R : never
    ) => (await fileFeatures(fileOf({ x: float32([3, 1], from), y: float32([3, 1]), names }), ...args)).key;
    const keys = [
      await key(0),
      await key(1),
      await key(0, { conditions: ['a', 'b'] }),
      await key(0, { conditions: ['b', 'a'] }),
      await key(0, { stages: ['x'] }),
    ];
    expect(new Set(keys).size).toBe(5);
    expect(await key(0, { path: 'elsewhere' })).toBe(keys[0]);
  });
});
