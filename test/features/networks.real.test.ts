import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBackbone } from '../../src/backbones/registry.ts';
import type { BackboneSpec } from '../../src/backbones/spec.ts';
import { pairsOf } from '../../src/core/condensed.ts';
import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { engineGram } from '../../src/engine/gram.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { engineChannelProducts } from '../../src/features/channel-products.ts';
import { embeddingRdm } from '../../src/features/embedding.ts';
import { imageFeatures } from '../../src/features/extraction.ts';
import { pairStatistics } from '../../src/features/pair-statistics.ts';
import { channelScale } from '../../src/features/scale.ts';
import { layOutStages } from '../../src/features/stage-layout.ts';
import { listImages, openFileSource, openScratchFile } from '../../src/host/index.ts';
import { relativeError } from './closeness.ts';
import { streamOf } from './streams.ts';

const DATA = process.env['HYPERCOLUMN_DATA']!;
const N = 12;

const NETWORKS: Record<string, BackboneSpec> = {
  'ResNet-50': { architecture: 'resnet50', weights: join(DATA, 'weights/resnet50.safetensors') },
  GoogLeNet: {
    architecture: `onnx:${join(DATA, 'weights/googlenet.onnx')}`,
    stages: ['layer0', 'layer1', 'layer2', 'layer3', 'layer4'],
    input: 'caffe',
  },
};

const engine = await nodeEngine();
const { products, release } = await engineChannelProducts(engine);
afterAll(release);

for (const [name, spec] of Object.entries(NETWORKS)) {
  describe(`${name} on ${N} of the 92 images`, () => {
    let stages: ReturnType<typeof streamOf>['stages'];
    let features: (readonly Float32Array[])[] = [];
    let conditions: readonly string[];

    beforeAll(async () => {
      const backbone = await openBackbone(spec, { engine, openSource: openFileSource });
      const stimuli = (await listImages(join(DATA, 'data/algonauts2019/92/images'))).slice(0, N);
      const stream = await imageFeatures(backbone, stimuli, { fit: 'squash' });
      ({ stages, conditions } = stream);
      features = [];
      for await (const image of stream.read()) features.push(image);
      await backbone.release();
    });

    it('has pair statistics that equal plain float64 sums over positions', async () => {
      const statistics = await pairStatistics(streamOf(stages, features, conditions), {
        products,
        precision: 'float64',
      });
      const expected = { products: [] as number[], sums: [] as number[] };
      const { places } = layOutStages(stages);
      const channels = places.flatMap(({ stage, nPositions }, k) =>
        Array.from({ length: stage.channels }, (_, c) => ({ k, from: c * nPositions, to: (c + 1) * nPositions })),
      );
      for (const [i, j] of pairsOf(N)) {
        for (const { k, from, to } of channels) {
          const mean = (image: number) =>
            features[image][k].subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
          const [a, b] = [mean(i), mean(j)];
          let sum = 0;
          for (let p = from; p < to; p++) sum += (features[i][k][p] - a) * (features[j][k][p] - b);
          expected.products.push(sum);
        }
      }
      for (const image of features) {
        for (const { k, from, to } of channels) {
          let sum = 0;
          for (let p = from; p < to; p++) sum += image[k][p];
          expected.sums.push(sum);
        }
      }
      expect(relativeError(statistics.products, expected.products)).toBeLessThan(1e-12);
      expect(relativeError(statistics.sums, expected.sums)).toBeLessThan(1e-13);
    });

    it('has embeddings whose RDM agrees with the pair statistics formula: to 1e-10, and to 1e-6 with products kept in float32', async () => {
      const stream = streamOf(stages, features, conditions);
      const exact = await pairStatistics(stream, { products, precision: 'float64' });
      const kept = await pairStatistics(stream, { products, precision: 'float32' });
      const scale = channelScale([exact], [[...conditions.keys()]]);
      const ones = scale.map(() => 1);
      const signed = scale.map((factor, c) => factor * Math.cos(c));
      for (const weights of [scale, ones, signed]) {
        const expected = predictDissimilarities(exact, weights);
        const openScratch = openScratchFile();
        expect(
          relativeError(await embeddingRdm(stream, weights, { openScratch, gram: engineGram(engine) }), expected),
        ).toBeLessThan(1e-10);
        expect(relativeError(predictDissimilarities(kept, weights), expected)).toBeLessThan(1e-6);
      }
    });
  });
}
