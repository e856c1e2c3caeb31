import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeEngine } from '../../src/engine/node.ts';
import { readOnnxModel } from '../../src/formats/onnx-model.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { fromOnnx } from '../../src/graph/from-onnx.ts';
import { withImages } from '../../src/graph/rewrites/with-images.ts';
import { openFileSource } from '../../src/host/files.ts';
import { between } from '../golden/seeded.ts';

const data = process.env['HYPERCOLUMN_DATA']!;
const STAGES = ['layer0', 'layer1', 'layer2', 'layer3', 'layer4'];
const SHAPE = [2, 3, 224, 224];

it.each([
  { file: 'squeezenet1.1.onnx', nParameters: 50 },
  { file: 'googlenet.onnx', nParameters: 114 },
])(
  '$file as a graph has the stages of the model itself on the engine, and a gradient by each parameter',
  async ({ file, nParameters }) => {
    const engine = await nodeEngine();
    const source = await openFileSource(join(data, 'weights', file));
    const bytes = await source.read(0, source.size);
    const { graph: model } = await readOnnxModel(source);
    await source.close?.();
    const { graph, parameters } = fromOnnx(model!, {
      path: file,
      input: { name: 'input', as: 'pixels', shape: [1, ...SHAPE.slice(1)] },
      outputs: STAGES,
    });
    expect(parameters).toHaveLength(nParameters);

    const pixels = { shape: SHAPE, data: between('pixels', SHAPE, -120, 140) };
    const [itself, converted] = [await engine.load(bytes), await engine.load(emitOnnx(graph))];
    const expected = await itself.run({ input: pixels }, STAGES);
    const results = await converted.run({ pixels });
    for (const stage of STAGES) {
      expect(results[stage].shape).toEqual(expected[stage].shape);
      let [largest, difference] = [0, 0];
      for (const [k, value] of expected[stage].data.entries()) {
        largest = Math.max(largest, Math.abs(value));
        difference = Math.max(difference, Math.abs(value - results[stage].data[k]));
      }
      expect(difference / largest, stage).toBeLessThan(1e-5);
    }
    await itself.release();
    await converted.release();

    const training = withImages(graph, 2);
    const last = training.outputs.get('layer4')!;
    const loss = training.apply('reduceSum', [last], { axes: [0, 1, 2, 3], keep: false });
    const constants = new Map(training.constants.map(({ tensor }) => [tensor.name, tensor]));
    const gradients = differentiate(
      training,
      loss,
      parameters.map((name) => constants.get(name)!),
    );
    expect(gradients.map(({ shape }) => shape)).toEqual(parameters.map((name) => constants.get(name)!.shape));
  },
);
