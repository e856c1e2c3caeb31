import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type GraphProto,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../../src/formats/onnx_pb.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';
import { between } from '../golden/seeded.ts';

/** A small convolutional network on n x 3 x 16 x 16 with the outputs `maps` (rank 4) and `logits` (rank 2). */
export function convModel(options: Parameters<typeof emitOnnx>[1] = {}): Uint8Array {
  const graph = new Graph();
  const x = graph.input('image', [1, 3, 16, 16]);
  const constant = (name: string, shape: number[]) => graph.constant(name, shape, between(name, shape, -1, 1));
  const first = graph.apply('relu', [graph.apply('conv', [x, constant('first', [4, 3, 3, 3])], { stride: 2 })]);
  const second = graph.apply('conv', [first, constant('second', [6, 4, 3, 3])], { stride: 2 });
  graph.output('maps', second);
  const pooled = graph.apply('reshape', [graph.apply('globalMean', [second])], { shape: [0, 6] });
  graph.output('logits', graph.apply('matMul', [pooled, constant('head', [6, 10])]));
  return emitOnnx(graph, options);
}

/**
 * A small token model: patches of 4 x 4 pixels of a 16 x 16 image embedded in 8 dimensions, two residual products.
 * @param axes the shape that the patches are given, [0, 8, 16] keeps the number of images open, [1, 8, 16] does not
 */
export function tokenModel(axes: readonly number[] = [0, 8, 16]): Uint8Array {
  const graph = new Graph();
  const constant = (name: string, shape: number[]) => graph.constant(name, shape, between(name, shape, -1, 1));
  const patches = graph.apply('conv', [graph.input('image', [1, 3, 16, 16]), constant('patch', [8, 3, 4, 4])], {
    stride: 4,
  });
  let tokens = graph.apply('transpose', [graph.apply('reshape', [patches], { shape: axes })], { order: [0, 2, 1] });
  for (const block of [0, 1]) {
    const inner = graph.apply('relu', [graph.apply('matMul', [tokens, constant(`up${block}`, [8, 12])])]);
    tokens = graph.apply('add', [tokens, graph.apply('matMul', [inner, constant(`down${block}`, [12, 8])])]);
    graph.output(`block.${block}`, tokens);
  }
  return emitOnnx(graph);
}

/** A convolution of images that the model normalises itself, with a gain and an offset of its own. */
export function normalisedModel(): Uint8Array {
  const graph = new Graph();
  const constant = (name: string, shape: number[], low = 0.5) =>
    graph.constant(name, shape, between(name, shape, low, 1));
  const x = graph.input('image', [1, 3, 16, 16]);
  const centred = graph.apply('subtract', [x, constant('mean', [3, 1, 1])]);
  const normalised = graph.apply('divide', [centred, constant('deviation', [3, 1, 1])]);
  const maps = graph.apply('conv', [normalised, constant('first', [4, 3, 3, 3], -1)], { stride: 2 });
  const scaled = graph.apply('multiply', [maps, constant('gain', [4, 1, 1])]);
  graph.output('maps', graph.apply('add', [scaled, constant('offset', [4, 1, 1])]));
  return edited(emitOnnx(graph), (model) => {
    const plain = (name: string) => name.replace(/^\/(.*)\/\d+$/, '$1');
    for (const tensor of model.initializer) tensor.name = plain(tensor.name);
    for (const node of model.node) node.input = node.input.map(plain);
  });
}

/** A model whose weights stand in nodes instead of the list of weights. */
export function stated(model: Uint8Array): Uint8Array {
  return edited(model, (graph) => {
    const nodes = graph.initializer.map((tensor) =>
      create(NodeProtoSchema, {
        ...{ opType: 'Constant', output: [tensor.name] },
        attribute: [{ name: 'value', type: AttributeProto_AttributeType.TENSOR, t: { ...tensor, name: '' } }],
      }),
    );
    graph.node.unshift(...nodes);
    graph.initializer = [];
  });
}

/** A model with its graph changed. */
export function edited(model: Uint8Array, change: (graph: GraphProto) => void): Uint8Array {
  const message = fromBinary(ModelProtoSchema, model);
  change(message.graph!);
  return toBinary(ModelProtoSchema, message);
}

/** A model whose weights lie in another file, and that file. */
export function withExternalData(model: Uint8Array, location: string): { model: Uint8Array; data: Uint8Array } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  const changed = edited(model, (graph) => {
    for (const tensor of graph.initializer.filter(({ rawData }) => rawData.length > 0)) {
      const length = tensor.rawData.length;
      tensor.externalData = [entry('location', location), entry('offset', `${offset}`), entry('length', `${length}`)];
      tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
      parts.push(tensor.rawData);
      tensor.rawData = new Uint8Array(0);
      offset += length;
    }
  });
  return { model: changed, data: new Uint8Array(parts.flatMap((part) => [...part])) };
}
