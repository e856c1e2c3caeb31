import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormatError, HypercolumnError } from '../../src/core/errors.ts';
import type { NumericArray } from '../../src/formats/array.ts';
import { openOnnx } from '../../src/formats/onnx.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorProto_DataType as Type,
} from '../../src/formats/onnx_pb.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';

function exampleModel(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('image', [1, 3, 4, 4]);
  const kernels = graph.constant('kernels', [2, 3, 1, 1], Float32Array.of(1, 2, 3, 4, 5, 6));
  graph.output('features', graph.apply('reshape', [graph.apply('conv', [x, kernels])], { shape: [0, -1] }));
  return emitOnnx(graph);
}

function modelOf(tensors: readonly Partial<TensorProto>[]): Uint8Array {
  const initializer = tensors.map((tensor) => create(TensorProtoSchema, tensor as never));
  const graph = create(GraphProtoSchema, { initializer, output: [{ name: 'y' }] });
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, graph }));
}

const open = (bytes: Uint8Array) => openOnnx(bytesSource('m.onnx', bytes));

it('lists initialisers with types and shapes; inputs, outputs and opset are metadata', async () => {
  const file = await openFile(bytesSource('m.onnx', exampleModel()));
  expect(file.format).toBe('onnx');
  expect(file.entries).toEqual([
    { name: '/kernels/0', dtype: 'float32', shape: [2, 3, 1, 1] },
    { name: '/integers/0', dtype: 'int64', shape: [2] },
  ]);
  expect(file.metadata).toMatchObject({
    inputs: 'image float32 n x 3 x 4 x 4',
    outputs: 'features float32 n x 32',
    opset: 'ai.onnx 17',
    producer: 'hypercolumn',
  });
  expect(await file.read('/kernels/0')).toEqual({
    kind: 'numeric',
    dtype: 'float32',
    shape: [2, 3, 1, 1],
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
  });
  expect(((await file.read('/integers/0')) as NumericArray).data).toEqual(BigInt64Array.of(0n, -1n));
  await expect(file.read('kernels')).rejects.toThrow('has no initialiser "kernels"; it has /kernels/0, /integers/0');
});

const raw = (...bytes: number[]) => Uint8Array.from(bytes);

it.each<[string, Partial<TensorProto>, ArrayLike<number | bigint>]>([
  ['float32 in a list', { dataType: Type.FLOAT, floatData: [1.5, -2] }, Float32Array.of(1.5, -2)],
  ['float64 in a list', { dataType: Type.DOUBLE, doubleData: [1.5, -2] }, Float64Array.of(1.5, -2)],
  ['float64 in bytes', { dataType: Type.DOUBLE, rawData: new Uint8Array(16) }, Float64Array.of(0, 0)],
  ['float16 in a list of its bits', { dataType: Type.FLOAT16, int32Data: [0x3c00, 0xc000] }, Float32Array.of(1, -2)],
  ['float16 in bytes', { dataType: Type.FLOAT16, rawData: raw(0, 0x3c, 0, 0xc0) }, Float32Array.of(1, -2)],
  ['bfloat16 in a list of its bits', { dataType: Type.BFLOAT16, int32Data: [0x3f80, 0xc000] }, Float32Array.of(1, -2)],
  ['int8 in a list', { dataType: Type.INT8, int32Data: [1, -2] }, Int8Array.of(1, -2)],
  ['uint8 in bytes', { dataType: Type.UINT8, rawData: raw(1, 254) }, Uint8Array.of(1, 254)],
  ['bool in a list', { dataType: Type.BOOL, int32Data: [1, 0] }, Uint8Array.of(1, 0)],
  ['int32 in a list', { dataType: Type.INT32, int32Data: [1, -2] }, Int32Array.of(1, -2)],
  ['uint32 in a list', { dataType: Type.UINT32, uint64Data: [1n, 4294967295n] }, Uint32Array.of(1, 4294967295)],
  ['int64 in a list', { dataType: Type.INT64, int64Data: [1n, -2n] }, BigInt64Array.of(1n, -2n)],
  ['uint64 in a list', { dataType: Type.UINT64, uint64Data: [1n, 2n] }, BigUint64Array.of(1n, 2n)],
])('reads %s', async (_, tensor, expected) => {
  const file = await open(modelOf([{ name: 'w', dims: [2n], ...tensor }]));
  expect(await file.read('w')).toMatchObject({ kind: 'numeric', shape: [2], data: expected });
});

it('reads text, and shows types that came later without reading them', async () => {
  const text = { name: 't', dims: [1n], dataType: Type.STRING, stringData: [new TextEncoder().encode('è')] };
  const file = await open(modelOf([text, { name: 'f8', dims: [3n], dataType: 17, rawData: raw(1, 2, 3) }]));
  expect(file.entries.map(({ dtype }) => dtype)).toEqual(['text', 'onnx type 17']);
  expect(await file.read('t')).toEqual({ kind: 'text', shape: [1], data: ['è'] });
  await expect(file.read('f8')).rejects.toThrow('m.onnx, tensor f8: onnx type 17 is not read');
});

it('weights in another file are listed, and reading them names that file', async () => {
  const file = await open(
    modelOf([
      {
        name: 'w',
        dims: [1000n],
        dataType: Type.FLOAT,
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: [{ key: 'location', value: 'm.onnx_data' } as never],
      },
    ]),
  );
  expect(file.entries).toEqual([{ name: 'w', dtype: 'float32', shape: [1000] }]);
  await expect(file.read('w')).rejects.toThrow('lie in the file m.onnx_data beside the model');
});

it.each<[string, Uint8Array, string]>([
  [
    'a shape that its bytes do not fill',
    modelOf([{ name: 'w', dims: [9n], dataType: 1, rawData: raw(0, 0, 0, 0) }]),
    'expected 36 bytes for 9, got 4',
  ],
  ['a shape of 2^60 values', modelOf([{ name: 'w', dims: [1n << 60n], dataType: 1 }]), 'is none'],
  ['a negative shape', modelOf([{ name: 'w', dims: [-1n], dataType: 1 }]), 'is none'],
  [
    'a list too short',
    modelOf([{ name: 'w', dims: [2n], dataType: 1, floatData: [1] }]),
    'expected 2 values for 2, got 1',
  ],
  ['nothing', new Uint8Array(0), 'expected an ONNX model'],
  ['text', new TextEncoder().encode('<!DOCTYPE html><html>not found</html>'), 'expected an ONNX model'],
  ['a flood of empty nodes', floodOfNodes(2_000_000), 'expected at most 500000'],
])('%s is a FormatError', async (_, bytes, message) => {
  const opening = open(bytes);
  await expect(opening).rejects.toThrow(FormatError);
  await expect(opening).rejects.toThrow(message);
});

/** Two bytes a node: four megabytes that would be hundreds in memory. */
function floodOfNodes(count: number): Uint8Array {
  const graph = new Uint8Array(2 * count);
  for (let k = 0; k < count; k++) graph[2 * k] = (1 << 3) | 2;
  const length: number[] = [];
  for (let rest = graph.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Uint8Array.from([(7 << 3) | 2, ...length].concat(Array.from(graph)));
}

it('nesting without end is a FormatError and no overflow of the stack', async () => {
  let bytes: number[] = [];
  // graph (7) > node (1) > attribute (5) > g (6) > node ..., each with a length of five bytes
  for (let depth = 0; depth < 3000; depth++) {
    for (const field of depth % 3 === 0 ? [6] : depth % 3 === 1 ? [5] : [1]) {
      const length = bytes.length;
      const padded = [0, 7, 14, 21].map((shift) => ((length >>> shift) & 127) | 128);
      bytes = [(field << 3) | 2, ...padded, length >>> 28, ...bytes];
    }
  }
  const length = [0, 7, 14, 21].map((shift) => ((bytes.length >>> shift) & 127) | 128);
  const model = Uint8Array.from([8, 8, (7 << 3) | 2, ...length, 0, ...bytes]);
  await expect(open(model)).rejects.toThrow(FormatError);
});

it('mutated bytes give a file or a FormatError, never anything else', async () => {
  const model = exampleModel();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(model.length),
      async (changes, cut) => {
        const bytes = model.slice(0, cut % 3 === 0 ? cut : model.length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          const file = await open(bytes);
          for (const { name } of file.entries) await file.read(name);
        } catch (error) {
          if (!(error instanceof HypercolumnError)) throw error;
        }
      },
    ),
    { numRuns: 500 },
  );
});
