import { expect, it } from 'vitest';
import type { Parameter } from '../../src/backbones/network.ts';
import { loadParameters, parametersOf, randomParameters } from '../../src/backbones/parameters.ts';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { residualNetwork } from '../../src/backbones/residual.ts';
import { FormatError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { type NumericArray, type NumericDtype, numericArray, type OpenedFile } from '../../src/formats/array.ts';
import { openFile } from '../../src/formats/open.ts';
import { writeSafetensors } from '../../src/formats/safetensors-write.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { between } from '../golden/seeded.ts';
import { largestDifference } from './difference.ts';

const small = residualNetwork({
  name: 'small',
  blocks: [1, 1],
  groups: 2,
  width: 4,
  squeeze: 16,
  pool: { pad: 0, ceil: true },
});
const parameters = parametersOf(small);

/** A file in memory that holds the network's arrays under other names. */
function fileOf(
  rename: (name: string) => string,
  { extra = {}, drop = [] }: { extra?: Record<string, NumericArray>; drop?: readonly string[] } = {},
): OpenedFile {
  const arrays: Record<string, NumericArray> = {};
  for (const { name, shape } of parameters.filter((parameter) => !drop.includes(parameter.name))) {
    arrays[rename(name)] = numericArray('float32', shape, between(name, shape, 0.5, 1));
  }
  Object.assign(arrays, extra);
  return {
    format: 'test',
    entries: Object.entries(arrays).map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    metadata: {},
    read: async (name) => arrays[name],
  };
}

const stem = (name: string) => name.replace(/^(conv1|bn1)\./, 'layer0.$1.');
const NAMINGS: Record<string, (name: string) => string> = {
  torchvision: (name) => name,
  Cadene: (name) => stem(name).replace('.se.', '.se_module.'),
  'legacy timm': (name) => stem(name).replace('.se.', '.se_module.'),
  timm: (name) => name,
  'a DataParallel': (name) => `module.${name}`,
};

it.each(Object.entries(NAMINGS))('weights are found under the names of %s', async (_, rename) => {
  const read = await loadParameters(small, fileOf(rename), 'w.pth');
  for (const parameter of parameters) {
    expect(largestDifference(read(parameter), between(parameter.name, parameter.shape, 0.5, 1))).toBe(0);
  }
});

it('a classifier, the counts of batch normalisation and the state of a training are left out', async () => {
  const ones = (...shape: number[]) => numericArray('float32', shape, new Float32Array(sizeOf(shape)).fill(1));
  const extra = {
    'fc.weight': ones(10, 512),
    'last_linear.bias': ones(10),
    'bn1.num_batches_tracked': numericArray('int64', [], BigInt64Array.of(3n)),
    'optimizer.state.0.momentum_buffer': ones(3),
    'layer1.0.bn2.num_batches_tracked': numericArray('int64', [], BigInt64Array.of(3n)),
  };
  await expect(
    loadParameters(
      small,
      fileOf((name) => name, { extra }),
      'w.pth',
    ),
  ).resolves.toBeTypeOf('function');
});

it.each([1, 2])(
  'weights of another network that is known are named as its own (blocks of its last stage: %i)',
  async (last) => {
    const sized = (blocks: readonly number[], groups: number) =>
      residualNetwork({ name: `net${groups}`, blocks, groups, width: 4, squeeze: 16, pool: { pad: 0, ceil: true } });
    const wanted = sized([1, last], 4);
    const others = [wanted, sized([1, 5], 1), small];
    const given = fileOf((name) => `module.${name}`);
    await expect(loadParameters(wanted, given, 'w.pth', others)).rejects.toThrow(
      "w.pth: expected weights of net4, got small's; set architecture: small, or name another file",
    );
    const damaged = fileOf((name) => name, { drop: ['bn1.bias'] });
    await expect(loadParameters(wanted, damaged, 'w.pth', others)).rejects.toThrow(/of net4, got/);
  },
);

it('arrays that are missing and arrays that are too many are both named', async () => {
  const extra = { 'layer1.1.conv1.weight': numericArray('float32', [1], new Float32Array(1)) };
  const file = fileOf((name) => name, { extra, drop: ['bn1.bias'] });
  const loading = loadParameters(small, file, 'w.pth');
  await expect(loading).rejects.toThrow(FormatError);
  await expect(loading).rejects.toThrow(
    `w.pth: expected the ${parameters.length} arrays of small, got ${parameters.length - 1} of them; missing: bn1.bias; unexpected: layer1.1.conv1.weight`,
  );
});

it.each<[string, NumericArray, string]>([
  ['another shape', numericArray('float32', [64, 3, 3, 3], new Float32Array(64 * 27)), '64 x 3 x 7 x 7'],
  ['another order of axes', numericArray('float32', [7, 7, 3, 64], new Float32Array(64 * 147)), '64 x 3 x 7 x 7'],
  ['whole numbers', numericArray('int8', [64, 3, 7, 7], new Int8Array(64 * 147)), 'floating-point numbers, got int8'],
  ['a NaN', numericArray('float32', [64, 3, 7, 7], new Float32Array(64 * 147).fill(Number.NaN, 5, 6)), 'NaN at 5'],
])('a kernel of %s is an error that says where and what was expected', async (_, array, message) => {
  const loading = loadParameters(
    small,
    fileOf((name) => name, { extra: { 'conv1.weight': array } }),
    'w.pth',
  );
  await expect(loading).rejects.toThrow(FormatError);
  await expect(loading).rejects.toThrow(/^w\.pth, conv1\.weight: expected /);
  await expect(loading).rejects.toThrow(message);
});

it('an array that is there under two names is an error', async () => {
  const extra = { 'layer0.bn1.bias': numericArray('float32', [64], new Float32Array(64)) };
  await expect(
    loadParameters(
      small,
      fileOf((name) => name, { extra }),
      'w.pth',
    ),
  ).rejects.toThrow('the same array');
});

it.each<[NumericDtype, number]>([
  ['float64', 0],
  ['float32', 0],
  ['float16', 2 ** -11],
  ['bfloat16', 2 ** -8],
])('a .safetensors of %s gives its numbers', async (dtype, precision) => {
  const sink = memorySink();
  const values = ({ name, shape }: Parameter) => between(name, shape, 0.5, 1);
  const arrays = Object.fromEntries(
    parameters.map((parameter) => {
      const data = dtype === 'float64' ? Float64Array.from(values(parameter)) : values(parameter);
      return [parameter.name, numericArray(dtype, parameter.shape, data)];
    }),
  );
  await writeSafetensors(sink, arrays);
  const read = await loadParameters(small, await openFile(bytesSource('w.safetensors', sink.bytes())), 'w');
  for (const parameter of parameters) {
    expect(largestDifference(read(parameter), values(parameter))).toBeLessThanOrEqual(precision);
  }
});

it("random weights depend on the seed and an array's name alone, have He's variance, and normalise nothing", () => {
  const kernel: Parameter = { name: 'conv', shape: [64, 32, 3, 3], kind: 'kernel' };
  const first = randomParameters(1);
  first({ ...kernel, name: 'another' });
  const values: Float32Array = Float32Array.from(first(kernel));
  expect(largestDifference(values, randomParameters(1)(kernel))).toBe(0);
  expect(largestDifference(values, randomParameters(2)(kernel))).toBeGreaterThan(0.01);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.002);
  expect(variance / (2 / (32 * 9))).toBeCloseTo(1, 1);
  const vector = (kind: Parameter['kind']) => [...first({ name: 'v', shape: [2], kind })];
  expect([vector('gain'), vector('variance'), vector('mean'), vector('bias')]).toEqual([
    [1, 1],
    [1, 1],
    [0, 0],
    [0, 0],
  ]);
});

it('resnet50 asks for 265 arrays, se_resnext50_32x4d for 329, each once', () => {
  for (const [name, count] of [
    ['resnet50', 265],
    ['se_resnext50_32x4d', 329],
  ] as const) {
    const names = parametersOf(NETWORKS[name]).map((parameter) => parameter.name);
    expect([names.length, new Set(names).size]).toEqual([count, count]);
  }
});
