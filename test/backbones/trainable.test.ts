import { expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import { openTrainable, parametersFrom } from '../../src/backbones/trainable.ts';
import { UsageError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { numericArray } from '../../src/formats/array.ts';
import { writeSafetensors } from '../../src/formats/safetensors-write.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { arraysOf, loadForward } from '../../src/training/network/network-sessions.ts';
import { between } from '../golden/seeded.ts';
import { largestDifference } from './difference.ts';
import { convModel, edited, normalisedModel, stated, tokenModel } from './onnx-models.ts';

const engine = await nodeEngine({ threads: 1 });

function contextOf(files: Record<string, Uint8Array>) {
  return { engine, openSource: async (path: string) => bytesSource(path, files[path]) };
}

async function safetensors(arrays: Record<string, { shape: readonly number[]; data: ArrayLike<number> }>) {
  const sink = memorySink();
  const entries = Object.entries(arrays).map(([name, { shape, data }]) => {
    return [name, numericArray('float32', shape, Float32Array.from(data))] as const;
  });
  await writeSafetensors(sink, Object.fromEntries(entries));
  return sink.bytes();
}

const small = { architecture: 'resnet50', weights: 'untrained', size: 64 };
const resnet = await openTrainable(small, contextOf({}));

it('kernels, gains and biases train, running statistics do not, and a file of weights holds all', async () => {
  const network = await openTrainable({ ...small, stages: ['layer1', 'layer4'] }, contextOf({}));
  expect(network.stages).toEqual([
    { name: 'layer1', channels: 256, height: 16, width: 16 },
    { name: 'layer4', channels: 2048, height: 2, width: 2 },
  ]);
  expect(network.arrays).toHaveLength(53 * 5);
  expect(network.parameters).toHaveLength(53 * 3);
  expect(network.parameters.filter((name) => /running/.test(name))).toEqual([]);
  expect(network.key).not.toBe(resnet.key);
});

it.each([
  ['layer0', /./],
  ['layer3', /^layer[34]\./],
  ['layer3.2', /^layer3\.[2345]\.|^layer4\./],
  ['layer4.2', /^layer4\.2\./],
])('from %s on', (stage, trains) => {
  expect(parametersFrom(resnet, stage)).toEqual(resnet.parameters.filter((name) => trains.test(name)));
  expect(() => parametersFrom(resnet, 'layer5')).toThrow('expected a stage of resnet50 (layer0, layer1.0');
});

it('a network without weights has no parameters; a model with an operator that has no gradient here is an error that says so', async () => {
  expect((await openTrainable({ architecture: 'gabor' }, contextOf({}))).parameters).toEqual([]);
  const odd = edited(convModel(), (graph) => {
    graph.node.find(({ opType }) => opType === 'Relu')!.opType = 'Celu';
  });
  const opening = openTrainable({ architecture: 'onnx:m.onnx', size: 16 }, contextOf({ 'm.onnx': odd }));
  await expect(opening).rejects.toThrow(UsageError);
  await expect(opening).rejects.toThrow('operator Celu');
});

it('what does not train of a model is named in a notice', async () => {
  const notices: string[] = [];
  const open = (model: Uint8Array) =>
    openTrainable(
      { architecture: 'onnx:m.onnx', size: 16 },
      { ...contextOf({ 'm.onnx': model }), onNotice: (text) => notices.push(text) },
    );
  const network = await open(normalisedModel());
  expect(network.parameters).toEqual(['first', 'gain', 'offset']);
  expect(notices).toEqual([
    expect.stringMatching(/^m\.onnx: weights that do not train: mean, deviation; those that train are kernels/),
  ]);
  notices.length = 0;
  await open(convModel());
  expect(notices).toEqual([]);
});

it.each([
  ['conv', convModel()],
  ['token', tokenModel()],
  ['normalised', normalisedModel()],
  ['stated', stated(normalisedModel())],
])(
  "a %s model's weights, moved, saved and put in place of its own, give the features that they gave in training",
  async (_, model) => {
    const spec = { architecture: 'onnx:m.onnx', size: 16 };
    const network = await openTrainable(spec, contextOf({ 'm.onnx': model }));
    const moved = Object.fromEntries(
      network.graph.constants
        .filter(({ tensor }) => network.parameters.includes(tensor.name))
        .map(({ tensor: { name, shape } }) => [name, { shape, data: between(`moved ${name}`, shape, -1, 1) }]),
    );
    const pixels = between('pixels', [2, 3, 16, 16], -2, 2);
    const forward = await loadForward(engine, network.graph, { ...network, nImages: 2 });
    const trained = await forward.run({ pixels: { shape: [2, 3, 16, 16], data: pixels } }, moved);
    const weights = await safetensors(arraysOf(network, moved));
    const own = await openBackbone(spec, contextOf({ 'm.onnx': model }));
    const tuned = await openBackbone({ ...spec, weights: 'w' }, contextOf({ 'm.onnx': model, w: weights }));
    expect(tuned.stages).toEqual(network.stages);
    expect(tuned.key).not.toBe(own.key);
    for (const [k, features] of (await tuned.run(pixels, 2)).entries()) {
      expect(features.length).toBe(
        2 * sizeOf([tuned.stages[k].channels, tuned.stages[k].height, tuned.stages[k].width]),
      );
      expect(largestDifference(features, trained[k])).toBeLessThan(1e-4);
      expect(largestDifference(features, (await own.run(pixels, 2))[k])).toBeGreaterThan(0.1);
    }
    const wrong = await safetensors({ nothing: { shape: [2], data: [1, 2] } });
    await expect(openBackbone({ ...spec, weights: 'w' }, contextOf({ 'm.onnx': model, w: wrong }))).rejects.toThrow(
      'these are weights of another model',
    );
  },
);
