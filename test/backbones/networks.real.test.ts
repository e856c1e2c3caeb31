import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { openFileSource } from '../../src/host/files.ts';
import { listImages } from '../../src/host/image-folder.ts';
import { preprocess } from '../../src/images/preprocess.ts';

const data = process.env['HYPERCOLUMN_DATA']!;
const context = { engine: await nodeEngine(), openSource: openFileSource };
const weights = (name: string) => join(data, 'weights', name);

const NETWORKS = [
  {
    spec: { architecture: 'resnet50', weights: weights('resnet50.safetensors') },
    shapes: ['64x56x56', '256x56x56', '512x28x28', '1024x14x14', '2048x7x7'],
  },
  {
    spec: { architecture: `onnx:${weights('googlenet.onnx')}`, input: 'caffe' as const },
    shapes: ['192x28x28', '480x28x28', '512x14x14', '832x14x14', '1024x7x7'],
  },
  {
    spec: { architecture: `onnx:${weights('squeezenet1.1.onnx')}`, input: 'caffe' as const },
    shapes: ['64x55x55', '128x55x55', '256x27x27', '384x13x13', '512x13x13'],
  },
];

describe.each(NETWORKS)('$spec.architecture', ({ spec, shapes }) => {
  it('opens, and sees in two photographs of one kind more in common than chance', async () => {
    const backbone = await openBackbone(spec, context);
    expect(backbone.stages.map(({ channels, height, width }) => `${channels}x${height}x${width}`)).toEqual(shapes);
    const stimuli = await listImages(join(data, 'data/algonauts2019/92/images'));
    // 92 images in the order of Kriegeskorte et al. 2008: faces of people are 13 to 24 (0-based 12 to 23), houses and tools come last.
    const chosen = [12, 13, 14, 80, 84, 88].map((k) => stimuli[k]);
    const { height, width } = backbone.input;
    const pixels = new Float32Array(chosen.length * 3 * height * width);
    for (const [k, stimulus] of chosen.entries()) {
      const input = preprocess(await stimulus.decode(), { fit: 'squash', ...backbone.input });
      pixels.set(input, k * 3 * height * width);
    }
    const features = (await backbone.run(pixels, chosen.length))[4];
    await backbone.release();
    const size = features.length / chosen.length;
    const row = (k: number) => features.subarray(k * size, (k + 1) * size);
    const within = (correlation(row(0), row(1)) + correlation(row(0), row(2)) + correlation(row(1), row(2))) / 3;
    const between = [3, 4, 5].flatMap((object) => [0, 1, 2].map((face) => correlation(row(face), row(object))));
    expect(within).toBeGreaterThan(Math.max(...between));
  });
});

it('the inner tensors of GoogLeNet can be stages', async () => {
  const architecture = `onnx:${weights('googlenet.onnx')}`;
  const unknown = openBackbone({ architecture, stages: ['/n/Relu_output'] }, context);
  await expect(unknown).rejects.toThrow('has no tensor "/n/Relu_output"; close to it are /n/Relu_output_0');
  const backbone = await openBackbone({ architecture, stages: ['/n/Relu_output_0', 'layer4'] }, context);
  expect(backbone.stages).toEqual([
    { name: '/n/Relu_output_0', channels: 64, height: 112, width: 112 },
    { name: 'layer4', channels: 1024, height: 7, width: 7 },
  ]);
  await backbone.release();
});

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    ab += (a[k] - meanA) * (b[k] - meanB);
    aa += (a[k] - meanA) ** 2;
    bb += (b[k] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
