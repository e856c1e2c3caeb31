import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
} from '../../src/formats/onnx_pb.ts';
import { readOnnxModel } from '../../src/formats/onnx-model.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { fromOnnx } from '../../src/graph/from-onnx.ts';
import { Graph, type Tensor } from '../../src/graph/graph.ts';
import { interpret } from '../../src/graph/interpret.ts';
import { withImages } from '../../src/graph/rewrites/with-images.ts';
import { between } from '../golden/seeded.ts';

interface Golden {
  readonly name: string;
  readonly size: number;
  readonly model: string;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const models: readonly Golden[] = JSON.parse(
  readFileSync(new URL('../golden/graph/models.json', import.meta.url), 'utf8'),
).models;

async function modelOf(bytes: Uint8Array): Promise<GraphProto> {
  const read = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  return (await readOnnxModel({ name: 'model.onnx', size: bytes.length, read })).graph!;
}

const OUTPUTS = ['features', 'last'];

/** Largest difference over the largest value. */
function relativeError(values: ArrayLike<number>, expected: readonly number[]): number {
  expect(values.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, k) => Math.max(most, Math.abs(values[k] - value)), 0) / largest;
}

describe.each(models)('the model $name that PyTorch exported', (golden) => {
  const { name, size, outputs, gradients } = golden;
  const bytes = Uint8Array.from(Buffer.from(golden.model, 'base64'));
  const images = between(`${name}/images`, [2, 3, size, size], -1, 1);
  const feeds = { pixels: { shape: [2, 3, size, size], data: Float64Array.from(images) } };
  const convert = async () =>
    fromOnnx(await modelOf(bytes), {
      path: 'model.onnx',
      input: { name: 'images', as: 'pixels', shape: [1, 3, size, size] },
      outputs: OUTPUTS,
    });

  it('has PyTorch’s outputs as a graph, for another number of images than it was declared for', async () => {
    const { graph } = await convert();
    const results = interpret(graph, feeds);
    for (const [k, { shape, values }] of outputs.entries()) {
      expect(results[OUTPUTS[k]].shape).toEqual(shape);
      expect(relativeError(results[OUTPUTS[k]].data, values)).toBeLessThan(1e-6);
    }
  });

  it('has PyTorch’s gradients by every parameter, under the names of its state', async () => {
    const { graph: declared, parameters, frozen } = await convert();
    expect([...parameters].sort()).toEqual(Object.keys(gradients).sort());
    expect(frozen).toEqual(name === 'affine' ? ['mean', 'std'] : []);
    const graph = withImages(declared, 2);
    const parts = OUTPUTS.map((output, k) => {
      const y = graph.outputs.get(output)!;
      const weights = graph.constant('upstream', y.shape, between(`${name}/upstream${k}`, y.shape, -1, 1));
      return graph.apply('reduceSum', [graph.apply('multiply', [y, weights])], {
        axes: [...y.shape.keys()],
        keep: false,
      });
    });
    const byName = new Map(graph.constants.map(({ tensor }): [string, Tensor] => [tensor.name, tensor]));
    const derivatives = differentiate(
      graph,
      graph.apply('add', parts),
      parameters.map((key) => byName.get(key)!),
    );
    for (const [k, gradient] of derivatives.entries()) graph.output(`d ${parameters[k]}`, gradient);
    const results = interpret(graph, feeds);
    for (const [key, values] of Object.entries(gradients)) {
      expect(relativeError(results[`d ${key}`].data, values), key).toBeLessThan(1e-6);
    }
  });
});

it('a graph that was emitted is read again as the same function', async () => {
  const engine = await nodeEngine({ threads: 1 });
  const graph = new Graph();
  const x = graph.input('x', [1, 4, 7, 8]);
  const kernels = graph.constant('kernels', [6, 2, 3, 2], between('kernels', [6, 2, 3, 2], -1, 1));
  const maps = graph.apply('conv', [x, kernels], { stride: 2, pad: [0, 1, 2, 1], groups: 2 });
  const pooled = graph.apply('maxPool', [maps], { kernel: 3, stride: 2, ceil: true });
  graph.output('y', graph.apply('globalMean', [graph.apply('sigmoid', [pooled])]));
  const { graph: again, parameters } = fromOnnx(await modelOf(emitOnnx(graph)), {
    path: 'model.onnx',
    input: { name: 'x', shape: [1, 4, 7, 8] },
    outputs: ['y'],
  });
  expect(parameters).toEqual(['/kernels/0']);
  const feeds = { x: { shape: [3, 4, 7, 8], data: between('x', [3, 4, 7, 8], -1, 1) } };
  const results = [];
  for (const variant of [graph, again]) {
    const session = await engine.load(emitOnnx(variant));
    results.push((await session.run(feeds))['y']);
    await session.release();
  }
  expect(results[1]).toEqual(results[0]);
});

describe('nodes as other exporters write them are what onnxruntime computes', () => {
  const type = AttributeProto_AttributeType;
  const ints = (name: string, values: readonly number[]) => ({ name, type: type.INTS, ints: values.map(BigInt) });
  const int = (name: string, value: number) => ({ name, type: type.INT, i: BigInt(value) });
  const float = (name: string, f: number) => ({ name, type: type.FLOAT, f });
  const text = (name: string, value: string) => ({ name, type: type.STRING, s: new TextEncoder().encode(value) });
  const weight = { name: 'w', dims: [4n, 3n, 3n, 2n], dataType: 1, floatData: [...between('w', [4, 3, 3, 2], -1, 1)] };
  const pool = (more: readonly object[]) => ({
    opType: 'AveragePool',
    input: ['x'],
    attribute: [ints('kernel_shape', [3, 2]), ints('strides', [2, 1]), ints('pads', [1, 0, 1, 1]), ...more],
  });

  it.each([
    [
      'a normalisation across channels, more than there are',
      {
        opType: 'LRN',
        input: ['x'],
        attribute: [int('size', 5), float('alpha', 0.7), float('beta', 0.6), float('bias', 1.2)],
      },
    ],
    [
      'SAME_UPPER padding',
      { opType: 'Conv', input: ['x', 'w'], attribute: [text('auto_pad', 'SAME_UPPER'), ints('strides', [2, 2])] },
    ],
    ['SAME_LOWER padding', { opType: 'Conv', input: ['x', 'w'], attribute: [text('auto_pad', 'SAME_LOWER')] }],
    ['a padded average that counts zeros', pool([int('count_include_pad', 1)])],
    ['a padded average that does not', pool([])],
    [
      'a mean over chosen axes',
      { opType: 'ReduceMean', input: ['x'], attribute: [ints('axes', [-1, 1]), int('keepdims', 0)] },
    ],
    [
      'a mean over all axes but the images',
      { opType: 'ReduceMean', input: ['x'], attribute: [ints('axes', [1, 2, 3])] },
    ],
    ['axes in another order', { opType: 'Transpose', input: ['x'], attribute: [ints('perm', [0, 3, 1, 2])] }],
    ['a flattening', { opType: 'Flatten', input: ['x'], attribute: [int('axis', 1)] }],
    ['a flattening from a later axis', { opType: 'Flatten', input: ['x'], attribute: [int('axis', -1)] }],
    [
      'a sum over no axes that means none',
      { opType: 'ReduceSum', input: ['x', 'none'], attribute: [int('noop_with_empty_axes', 1)] },
    ],
    [
      'a sum over no axes that means all',
      { opType: 'ReduceSum', input: ['x', 'none'], attribute: [int('keepdims', 0)] },
    ],
    ['a sum of several', { opType: 'Sum', input: ['x', 'x', 'x'], attribute: [] }],
  ])('%s', async (_, node) => {
    const shape = [2, 3, 6, 5];
    const axes = (lengths: readonly number[]) => ({
      dim: lengths.map((length) => ({ value: { case: 'dimValue' as const, value: BigInt(length) } })),
    });
    const info = (name: string, lengths?: readonly number[]) => ({
      name,
      type: {
        value: { case: 'tensorType' as const, value: { elemType: 1, ...(lengths && { shape: axes(lengths) }) } },
      },
    });
    const bytes = toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport: [{ domain: '', version: 13n }],
        graph: {
          name: 'graph',
          node: [{ ...node, output: ['y'] }],
          input: [info('x', shape)],
          output: [info('y')],
          initializer: [weight, { name: 'none', dims: [0n], dataType: 7 }],
        },
      }),
    );
    const { graph } = fromOnnx(await modelOf(bytes), {
      path: 'model.onnx',
      input: { name: 'x', shape },
      outputs: ['y'],
    });
    const engine = await nodeEngine({ threads: 1 });
    const data = between('x', shape, -1, 1);
    const session = await engine.load(bytes);
    const { y } = await session.run({ x: { shape, data } });
    await session.release();
    const converted = interpret(graph, { x: { shape, data: Float64Array.from(data) } })['y'];
    expect(converted.shape).toEqual(y.shape);
    expect(relativeError(converted.data, [...y.data])).toBeLessThan(1e-5);
  });
});

describe('what cannot be converted is an error that says what and the way out', () => {
  const golden = models[0];
  const bytes = Uint8Array.from(Buffer.from(golden.model, 'base64'));
  const input = { name: 'images', shape: [1, 3, golden.size, golden.size] };
  const attempt = (change: (model: GraphProto) => void, outputs = ['features']) =>
    modelOf(bytes).then((model) => {
      change(model);
      return () => fromOnnx(model, { path: 'model.onnx', input, outputs });
    });
  const node = (model: GraphProto, opType: string) => model.node.find((each) => each.opType === opType)!;

  it('an operator that is not in the table, by name and node', async () => {
    const convert = await attempt((model) => {
      node(model, 'Sigmoid').opType = 'Erf';
    });
    expect(convert).toThrow(UsageError);
    expect(convert).toThrow(/^model\.onnx: operator Erf \(\/?Sigmoid.*\) has no gradient here.*encoder\.train: mask/);
  });

  it('the same operator of another domain', async () => {
    const convert = await attempt((model) => {
      node(model, 'Sigmoid').domain = 'com.example';
    });
    expect(convert).toThrow('operator Sigmoid');
  });

  it('but not one that no output needs', async () => {
    const convert = await attempt((model) => {
      node(model, 'Gemm').opType = 'Erf';
    });
    expect(() => convert()).not.toThrow();
  });

  it('settings that the table does not have', async () => {
    const dilated = await attempt((model) => {
      node(model, 'Conv').attribute.find(({ name }) => name === 'dilations')!.ints = [2n, 2n];
    });
    expect(dilated).toThrow('expected dilations of 1 for operator Conv');
    const uneven = await attempt((model) => {
      node(model, 'MaxPool').attribute.find(({ name }) => name === 'strides')!.ints = [2n, 1n];
    });
    expect(uneven).toThrow('expected the same stride on each axis for operator MaxPool');
    const training = await attempt((model) => {
      const mode = create(AttributeProtoSchema, { name: 'training_mode', i: 1n });
      node(model, 'BatchNormalization').attribute.push(mode);
    });
    expect(training).toThrow('expected frozen statistics for operator BatchNormalization');
  });

  it('outputs that are not there, or do not depend on the images', async () => {
    expect(await attempt(() => {}, ['nothing'])).toThrow('got "nothing"');
    expect(await attempt(() => {}, ['stem.weight'])).toThrow('computes from the images, got "stem.weight"');
  });
});
