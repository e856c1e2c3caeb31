import { expect, it } from 'vitest';
import { parametersOf } from '../../src/backbones/parameters.ts';
import { NETWORKS, openBackbone } from '../../src/backbones/registry.ts';
import type { BackboneSpec } from '../../src/backbones/spec.ts';
import { UsageError } from '../../src/core/errors.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { numericArray } from '../../src/formats/array.ts';
import { writeSafetensors } from '../../src/formats/safetensors-write.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { INPUT_NORMALISATIONS } from '../../src/images/normalisation.ts';
import { nodeEnvironment } from '../../src/node.ts';

const engine = await nodeEngine();
const opened: string[] = [];
const context = {
  engine,
  openSource: async (path: string) => {
    opened.push(path);
    return bytesSource(path, new Uint8Array(10));
  },
};

it.each<[BackboneSpec, string]>([
  [{ architecture: 'alexnet' }, 'backbone: expected se_resnext50_32x4d, resnet50, gabor, onnx:FILE, got "alexnet"'],
  [{ architecture: 'toString' }, 'backbone: expected se_resnext50_32x4d'],
  [{ architecture: 'gabor', weights: 'w.pth' }, 'weights: gabor has none, got w.pth'],
  [{ architecture: 'gabor', input: 'caffe' }, 'input: gabor has its own'],
  [{ architecture: 'gabor', stages: 17 }, 'stages: gabor has sets of 5, got 17'],
  [{ architecture: 'gabor', stages: ['layer9'] }, 'stages: gabor has no "layer9"; close to it are layer'],
  [{ architecture: 'gabor', stages: [] }, 'stages: expected at least one, got none'],
  [{ architecture: 'gabor', stages: ['layer0', 'layer0'] }, 'got layer0 twice'],
  [{ architecture: 'gabor', size: 0.5 }, 'size: expected a whole number'],
  [{ architecture: 'gabor', size: 16 }, 'gabor: an input of 16 x 16 does not fit it'],
  [{ architecture: 'resnet50' }, 'weights: resnet50 needs a .safetensors or .pth file, or "untrained"; got none'],
  [{ architecture: 'resnet50', weights: 'untrained', seed: -1 }, 'seed: expected a whole number'],
  [{ architecture: 'onnx:a.onnx', weights: 'untrained' }, 'weights: a.onnx holds its own'],
])('%o is a mistake of the user: %s', async (spec, message) => {
  const opening = openBackbone(spec, context);
  await expect(opening).rejects.toThrow(UsageError);
  await expect(opening).rejects.toThrow(message);
});

it('missing weights come with how a file of them is named here: in a study unless the command takes one itself', async () => {
  const spec: BackboneSpec = { architecture: 'resnet50' };
  const inStudy = openBackbone(spec, await nodeEnvironment());
  await expect(inStudy).rejects.toThrow(
    /^weights: resnet50 .*; name one by backbone\.weights of the study \(or --set backbone\.weights=FILE\)$/,
  );
  const paper = await nodeEnvironment({ cache: '/nowhere' });
  await expect(openBackbone({ architecture: 'se_resnext50_32x4d' }, paper)).rejects.toThrow(
    /run hypercolumn weights se_resnext50_32x4d, or name a file by backbone\.weights of the study/,
  );
  const extract = await nodeEnvironment({ cache: '/nowhere', weightsBy: '--weights FILE' });
  await expect(openBackbone(spec, extract)).rejects.toThrow(/; name one by --weights FILE$/);
  await expect(extract.findWeights('se_resnext50_32x4d')).rejects.toThrow(/name a file by --weights FILE$/);
});

it('weights that the user does not name are those that were downloaded', async () => {
  const findWeights = async (name: string) => `/downloads/${name}.pth`;
  await expect(openBackbone({ architecture: 'resnet50' }, { ...context, findWeights })).rejects.toThrow('/downloads/');
  expect(opened).toContain('/downloads/resnet50.pth');
});

it('untrained networks say so and by which seed; another seed, size, input or choice of stages has another key', async () => {
  const spec: BackboneSpec = { architecture: 'resnet50', weights: 'untrained', stages: ['layer0'], size: 32 };
  const specs: BackboneSpec[] = [
    spec,
    { ...spec, seed: 1 },
    { ...spec, size: 64 },
    { ...spec, input: 'caffe' },
    { ...spec, stages: ['layer1'] },
  ];
  const keys = new Set<string>();
  for (const each of specs) {
    const backbone = await openBackbone(each, context);
    keys.add(backbone.key);
    expect(backbone.name).toBe(`resnet50 (untrained, seed ${each.seed ?? 0})`);
    expect(backbone.input.normalisation).toBe(INPUT_NORMALISATIONS[each.input === 'caffe' ? 'caffe' : 'imagenet']);
    expect(backbone.input.height).toBe(each.size);
    await backbone.release();
  }
  expect(keys.size).toBe(specs.length);
  const again = await openBackbone({ ...spec, seed: 0 }, context);
  expect(keys).toContain(again.key);
  await again.release();
});

it("weights named as timm's network with another pool are taken, and that is said", async () => {
  for (const [rename, nNotices] of [
    [(name: string) => name, 1],
    [(name: string) => name.replace(/^(conv1|bn1)\./, 'layer0.$1.').replace('.se.', '.se_module.'), 0],
  ] as const) {
    const sink = memorySink();
    const arrays = parametersOf(NETWORKS['se_resnext50_32x4d']).map(({ name, shape }) => {
      const values = new Float32Array(shape.reduce((size, length) => size * length, 1)).fill(0.01);
      return [rename(name), numericArray('float32', shape, values)] as const;
    });
    await writeSafetensors(sink, Object.fromEntries(arrays));
    const notices: string[] = [];
    const backbone = await openBackbone(
      { architecture: 'se_resnext50_32x4d', weights: 'w.safetensors', stages: ['layer0'], size: 32 },
      {
        engine,
        openSource: async (path) => bytesSource(path, sink.bytes()),
        onNotice: (notice) => notices.push(notice),
      },
    );
    await backbone.release();
    expect(notices).toHaveLength(nNotices);
    for (const notice of notices) expect(notice).toMatch(/^w\.safetensors: named as timm's seresnext50_32x4d/);
  }
});

it('an input that a network was not made for is taken, and said; its own, by name or value, is not', async () => {
  const spec: BackboneSpec = { architecture: 'resnet50', weights: 'untrained', stages: ['layer0'], size: 32 };
  const said = async (input: BackboneSpec['input']) => {
    const notices: string[] = [];
    const backbone = await openBackbone({ ...spec, input }, { ...context, onNotice: (text) => notices.push(text) });
    await backbone.release();
    return notices;
  };
  expect(await said('caffe')).toEqual([
    'resnet50 was made for another input than caffe; keep it only where the weights were trained with it, else leave input out',
  ]);
  expect(await said({ ...INPUT_NORMALISATIONS.imagenet, order: 'bgr' })).toHaveLength(1);
  for (const own of [undefined, 'imagenet', INPUT_NORMALISATIONS.imagenet] as const)
    expect(await said(own)).toEqual([]);
});
