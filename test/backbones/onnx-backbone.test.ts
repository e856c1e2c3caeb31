import { expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import type { BackboneSpec } from '../../src/backbones/spec.ts';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { TensorProto_DataType } from '../../src/formats/onnx_pb.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import { between } from '../golden/seeded.ts';
import { largestDifference } from './difference.ts';
import { convModel, edited, tokenModel, withExternalData } from './onnx-models.ts';

const engine = await nodeEngine({ threads: 1 });
const pixels = between('pixels', [11, 3, 16, 16], -2, 2);

function open(files: Uint8Array | Record<string, Uint8Array>, spec: Omit<BackboneSpec, 'architecture'> = { size: 16 }) {
  const held = files instanceof Uint8Array ? { 'models/m.onnx': files } : files;
  const openSource = async (path: string) => {
    if (!Object.hasOwn(held, path)) throw new UsageError(`${path}: there is no such file`);
    return bytesSource(path, held[path]);
  };
  return openBackbone({ architecture: 'onnx:models/m.onnx', ...spec }, { engine, openSource });
}

const FIXED = convModel({ openAxes: 'none' });
const OPEN = convModel();

it('the outputs with positions are the stages by default; rank 2 only where it is asked for', async () => {
  const maps = await open(OPEN);
  expect(maps.name).toBe('onnx:m.onnx');
  expect(maps.stages).toEqual([{ name: 'maps', channels: 6, height: 3, width: 3 }]);
  expect(maps.input).toEqual({ height: 16, width: 16, normalisation: INPUT_NORMALISATIONS.imagenet });
  const both = await open(OPEN, { stages: ['logits', 'maps'], input: 'caffe' });
  expect(both.stages).toEqual([
    { name: 'logits', channels: 10, height: 1, width: 1 },
    { name: 'maps', channels: 6, height: 3, width: 3 },
  ]);
  expect(both.input.normalisation).toBe(INPUT_NORMALISATIONS.caffe);
  const [alone] = await maps.run(pixels, 11);
  const [logits, beside] = await both.run(pixels, 11);
  expect([alone.length, logits.length]).toEqual([11 * 6 * 9, 11 * 10]);
  expect(largestDifference(alone, beside)).toBeLessThan(1e-6);
});

it('inner tensors are stages by name, and equal what the model computes from them on', async () => {
  const inner = await open(OPEN, { stages: ['/conv2', '/relu1'], size: 16 });
  const maps = await open(OPEN);
  expect(inner.stages[1]).toEqual({ name: '/relu1', channels: 4, height: 7, width: 7 });
  expect(largestDifference((await inner.run(pixels, 11))[0], (await maps.run(pixels, 11))[0])).toBeLessThan(1e-6);
});

it('a model that takes one image, or three, gives the same as one that takes any number', async () => {
  const expected = (await (await open(OPEN)).run(pixels, 11))[0];
  const three = edited(FIXED, (graph) => {
    for (const { type } of [...graph.input, ...graph.output]) {
      if (type?.value.case === 'tensorType') type.value.value.shape!.dim[0].value = { case: 'dimValue', value: 3n };
    }
  });
  for (const model of [FIXED, three]) {
    const backbone = await open(model, {});
    expect([backbone.input.height, backbone.input.width]).toEqual([16, 16]);
    const [values] = await backbone.run(pixels, 11);
    expect(largestDifference(values, expected)).toBeLessThan(1e-5);
  }
});

it('tokens of a rank 3 stage become positions, their dimensions channels', async () => {
  const backbone = await open(tokenModel());
  expect(backbone.stages).toEqual([
    { name: 'block.0', channels: 8, height: 16, width: 1 },
    { name: 'block.1', channels: 8, height: 16, width: 1 },
  ]);
  const session = await engine.load(tokenModel());
  const raw = await session.run({ image: { shape: [11, 3, 16, 16], data: pixels } });
  const [first] = await backbone.run(pixels, 11);
  for (const [image, token, channel] of [
    [0, 0, 1],
    [10, 15, 7],
    [4, 3, 2],
  ]) {
    const value = raw['block.0'].data[(image * 16 + token) * 8 + channel];
    expect(first[(image * 8 + channel) * 16 + token]).toBeCloseTo(value, 5);
  }
});

it('a model that says it takes any number of images but does not is given one at a time', async () => {
  const expected = await (await open(tokenModel())).run(pixels, 11);
  const values = await (await open(tokenModel([1, 8, 16]))).run(pixels, 11);
  for (const [k, stage] of values.entries()) expect(largestDifference(stage, expected[k])).toBeLessThan(1e-5);
});

it('outputs named layer0, layer1 are the stages, and a number of stages means these', async () => {
  const named = edited(OPEN, (graph) => {
    for (const { output } of graph.node) if (output[0] === 'maps') output[0] = 'layer0';
    graph.output[0].name = 'layer0';
  });
  expect((await open(named)).stages.map(({ name }) => name)).toEqual(['layer0']);
  expect((await open(named, { stages: 1, size: 16 })).stages.map(({ name }) => name)).toEqual(['layer0']);
  await expect(open(named, { stages: 5 })).rejects.toThrow(
    'expected 5 outputs named layer0 to layer4, got layer0, logits',
  );
});

it('weights that older models list among the inputs are no inputs', async () => {
  const old = edited(OPEN, (graph) => {
    graph.input.push(...graph.initializer.map(({ name }) => ({ ...graph.input[0], name })));
  });
  expect((await open(old)).stages).toHaveLength(1);
});

it('weights in a file beside the model are loaded', async () => {
  const { model, data } = withExternalData(OPEN, 'm.onnx_data');
  const backbone = await open({ 'models/m.onnx': model, 'models/m.onnx_data': data });
  const expected = await (await open(OPEN)).run(pixels, 11);
  expect(largestDifference((await backbone.run(pixels, 11))[0], expected[0])).toBe(0);
  await expect(open({ 'models/m.onnx': model })).rejects.toThrow('models/m.onnx_data: there is no such file');
  const short = open({ 'models/m.onnx': model, 'models/m.onnx_data': data.subarray(0, 50) });
  await expect(short).rejects.toThrow(
    /m\.onnx, tensor .*: expected \d+ bytes from byte \d+ of m\.onnx_data on, it has 50/,
  );
});

it.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\b', ''])('weights at %j are refused', async (location) => {
  const { model, data } = withExternalData(OPEN, location);
  const opening = open({ 'models/m.onnx': model, [location]: data });
  await expect(opening).rejects.toThrow(FormatError);
  await expect(opening).rejects.toThrow('expected a file beside the model');
});

it('equal keys mean the same model, stages and input; a model that takes any size gets 224 x 224 unless told otherwise', async () => {
  const anySize = convModel({ openAxes: 'all' });
  const specs = [{}, { size: 20 }, { stages: ['logits'] }, { input: 'caffe' as const }];
  const opened = await Promise.all(specs.map((spec) => open(anySize, spec)));
  expect(opened.map(({ input }) => [input.height, input.width])).toEqual([
    [224, 224],
    [20, 20],
    [224, 224],
    [224, 224],
  ]);
  const keys = [...opened, await open(tokenModel())].map(({ key }) => key);
  expect(new Set(keys).size).toBe(5);
  expect((await open(anySize, { input: 'imagenet' })).key).toBe(keys[0]);
});

const halfInput = edited(OPEN, (graph) => {
  const type = graph.input[0].type?.value;
  if (type?.case === 'tensorType') type.value.elemType = TensorProto_DataType.FLOAT16;
});
const lastChannels = edited(OPEN, (graph) => {
  const type = graph.input[0].type?.value;
  if (type?.case === 'tensorType') type.value.shape!.dim[1].value = { case: 'dimValue', value: 224n };
});
const twoInputs = edited(OPEN, (graph) => {
  graph.input.push({ ...graph.input[0], name: 'mask' });
});
const onlyLogits = edited(OPEN, (graph) => {
  graph.output = graph.output.filter(({ name }) => name === 'logits');
});
const unknownNode = edited(OPEN, (graph) => {
  graph.node[0].opType = 'Conjure';
});

it.each<[string, Uint8Array, Omit<BackboneSpec, 'architecture'>, typeof UsageError | typeof FormatError, string]>([
  ['a stage that is not there', OPEN, { stages: ['/rleu1'] }, UsageError, 'no tensor "/rleu1"; close to it are /relu1'],
  ['a stage twice', OPEN, { stages: ['maps', 'maps'] }, UsageError, 'got maps twice'],
  ['no stages', OPEN, { stages: [] }, UsageError, 'expected at least one'],
  ['outputs without positions', onlyLogits, { size: 16 }, UsageError, 'none of its outputs (logits) has positions'],
  ['several inputs', twoInputs, {}, UsageError, 'expected a model with one input, got 2 (image, mask)'],
  ['half floats in', halfInput, {}, UsageError, 'expected float32 for input image, got float16'],
  ['channels last', lastChannels, {}, UsageError, 'got ? x 224 x 16 x 16; export it channels first'],
  ['another size than the only one', FIXED, { size: 32 }, UsageError, 'takes 16 x 16 only, got 32'],
  ['an operator nobody knows', unknownNode, { size: 16 }, FormatError, 'cannot load the model'],
  ['half a file', OPEN.subarray(0, OPEN.length / 2), {}, FormatError, 'truncated'],
  ['no file at all', new Uint8Array(0), {}, FormatError, 'expected an ONNX model'],
])('%s: an error that says so', async (_, model, spec, kind, message) => {
  const opening = open(model, spec);
  await expect(opening).rejects.toThrow(kind);
  await expect(opening).rejects.toThrow(message);
});
