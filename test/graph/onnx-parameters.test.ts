import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  AttributeProto_AttributeType,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../../src/formats/onnx_pb.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import { fromOnnx } from '../../src/graph/from-onnx.ts';
import { between } from '../golden/seeded.ts';

const type = AttributeProto_AttributeType;
const tensor = (name: string, dims: readonly number[]) =>
  create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: 1,
    floatData: [...between(name, dims, 0.5, 1.5)],
  });
const node = (opType: string, input: readonly string[], output: string, attributes: readonly object[] = []) =>
  create(NodeProtoSchema, { opType, input: [...input], output: [output], attribute: attributes as never });
const constant = (name: string, dims: readonly number[]) =>
  node('Constant', [], name, [{ name: 'value', type: type.TENSOR, t: tensor('', dims) }]);
const conv = node('Conv', ['x', 'k'], 'maps');
const turned = (from: string, to: string) =>
  node('Transpose', [from], to, [{ name: 'perm', type: type.INTS, ints: [1n, 0n] }]);
const kernels = tensor('k', [4, 3, 2, 2]);
const rows = [conv, node('GlobalAveragePool', ['maps'], 'means'), node('Flatten', ['means'], 'rows')];

/** Parameters and frozen weights of a model on n x 3 x 5 x 5 images with the output y. */
function told(nodes: readonly NodeProto[], weights: readonly TensorProto[] = []) {
  const model = create(GraphProtoSchema, { node: [...nodes], initializer: [...weights] });
  const input = { name: 'x', shape: [1, 3, 5, 5] };
  const { graph, parameters, frozen } = fromOnnx(model, { path: 'model.onnx', input, outputs: ['y'] });
  const y = graph.outputs.get('y')!;
  const loss = graph.apply('reduceSum', [y], { axes: [...y.shape.keys()], keep: false });
  const tensors = graph.constants.map((each) => each.tensor);
  const trained = parameters.map((name) => tensors.find((each) => each.name === name)!);
  expect(differentiate(graph, loss, trained).map(({ shape }) => shape)).toEqual(trained.map(({ shape }) => shape));
  return { parameters, frozen };
}

it.each(['Add', 'Sub', 'Mul', 'Div', 'Sum'])(
  'what trains are gains and offsets by %s behind the first kernels, on either side',
  (opType) => {
    const nodes = [conv, node(opType, ['maps', 'a'], 'half'), node(opType, ['b', 'half'], 'y')];
    const weights = [kernels, tensor('a', [4, 1, 1]), tensor('b', [4, 1, 1])];
    expect(told(nodes, weights)).toEqual({ parameters: ['k', 'a', 'b'], frozen: [] });
  },
);

it.each(['Add', 'Sub', 'Mul', 'Div', 'Sum'])(
  'what does not is what meets the images by %s before any kernel',
  (opType) => {
    const nodes = [node(opType, ['x', 'a'], 'normalised'), node('Conv', ['normalised', 'k'], 'y')];
    expect(told(nodes, [kernels, tensor('a', [3, 1, 1])])).toEqual({ parameters: ['k'], frozen: ['a'] });
  },
);

it('batch norms train behind the first kernels, but for their statistics', () => {
  const norm = (x: string, k: string, y: string) =>
    node('BatchNormalization', [x, ...['gain', 'bias', 'mean', 'variance'].map((name) => name + k)], y);
  const arrays = (k: string, channels: number) =>
    ['gain', 'bias', 'mean', 'variance'].map((name) => tensor(name + k, [channels]));
  const nodes = [norm('x', '0', 'x0'), node('Conv', ['x0', 'k'], 'maps'), norm('maps', '1', 'y')];
  expect(told(nodes, [kernels, ...arrays('0', 3), ...arrays('1', 4)])).toEqual({
    parameters: ['k', 'gain1', 'bias1'],
    frozen: ['gain0', 'bias0'],
  });
});

it('weights train that are moved, joined or scaled beforehand', () => {
  const nodes = [
    ...rows,
    ...[turned('l', 'turned'), node('Mul', ['turned', 'factor'], 'scaled'), node('MatMul', ['rows', 'scaled'], 'z')],
    ...[node('Concat', ['a', 'b'], 'ab', [{ name: 'axis', type: type.INT, i: 0n }]), node('Add', ['z', 'ab'], 'y')],
  ];
  const weights = [kernels, tensor('l', [5, 4]), tensor('factor', []), tensor('a', [2]), tensor('b', [3])];
  expect(told(nodes, weights)).toEqual({ parameters: ['k', 'l', 'a', 'b'], frozen: ['factor'] });
});

it('a bias with a factor trains, of one value too', () => {
  const gemm = node('Gemm', ['rows', 'l', 'b'], 'y', [{ name: 'beta', type: type.FLOAT, f: 0.5 }]);
  const weights = [kernels, tensor('l', [4, 1]), tensor('b', [1])];
  expect(told([...rows, gemm], weights)).toEqual({ parameters: ['k', 'l', 'b'], frozen: [] });
});

it('neither single numbers train, nor what other operators compute with', () => {
  const nodes = [
    ...[node('Add', ['variance', 'epsilon'], 'sum'), node('Sqrt', ['sum'], 'deviation')],
    ...[node('Gather', ['table', 'place'], 'gathered'), conv, node('Div', ['maps', 'root'], 'a')],
    ...[node('Div', ['a', 'deviation'], 'b'), node('Mul', ['b', 'gathered'], 'y')],
  ];
  const place = create(TensorProtoSchema, { name: 'place', dims: [], dataType: 7, int64Data: [1n] });
  const weights = [
    tensor('root', [1]),
    tensor('variance', [4, 1, 1]),
    tensor('epsilon', []),
    tensor('table', [2, 4, 1, 1]),
  ];
  expect(told(nodes, [kernels, ...weights, place])).toEqual({
    parameters: ['k'],
    frozen: ['variance', 'epsilon', 'table', 'root'],
  });
});

it('weights that nodes state train alike, under the names of their outputs', () => {
  const floats = { name: 'value_floats', type: type.FLOATS, floats: [1, 2, 3, 4, 5] };
  const nodes = [
    ...[constant('mean', [3, 1, 1]), constant('k', [4, 3, 2, 2]), constant('a', [4, 1, 1]), constant('l', [5, 4])],
    ...[node('Constant', [], 'bias', [floats]), constant('half', []), turned('l', 'turned')],
    ...[node('Sub', ['x', 'mean'], 'centred'), node('Conv', ['centred', 'k'], 'c'), node('Mul', ['c', 'a'], 'maps')],
    ...[...rows.slice(1), node('MatMul', ['rows', 'turned'], 'z'), node('Add', ['z', 'bias'], 'w')],
    node('Mul', ['w', 'half'], 'y'),
  ];
  expect(told(nodes)).toEqual({ parameters: ['k', 'a', 'l', 'bias'], frozen: ['mean'] });
});

it('a tensor of weights alone is no output', () => {
  expect(() => told([turned('l', 'y')], [tensor('l', [5, 4])])).toThrow('computes from the images, got "y"');
});
