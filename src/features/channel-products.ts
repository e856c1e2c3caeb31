import { create, toBinary } from '@bufbuild/protobuf';
import type { Engine } from '../engine/session.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../formats/onnx_pb.ts';

/**
 * For each channel the inner products of its images' rows, summed in float64: out_cij = sum_p rows_cip rows_cjp.
 * @param rows nChannels x nImages x nPositions
 * @returns nChannels x nImages x nImages
 */
export type ChannelProducts = (
  rows: Float32Array<ArrayBuffer>,
  nChannels: number,
  nImages: number,
  nPositions: number,
) => Float64Array | Promise<Float64Array>;

/** The plain sums: the reference, and what runs where no engine is. */
export const plainChannelProducts: ChannelProducts = (rows, nChannels, nImages, nPositions) => {
  const products = new Float64Array(nChannels * nImages * nImages);
  for (let channel = 0; channel < nChannels; channel++) {
    const at = channel * nImages * nImages;
    for (let i = 0; i < nImages; i++) {
      const first = (channel * nImages + i) * nPositions;
      for (let j = i; j < nImages; j++) {
        let sum = 0;
        for (let a = first, b = (channel * nImages + j) * nPositions; a < first + nPositions; a++, b++) {
          sum += rows[a] * rows[b];
        }
        products[at + i * nImages + j] = sum;
        products[at + j * nImages + i] = sum;
      }
    }
  }
  return products;
};

/** The same as a batched float64 matrix product on an engine, with the session to give back. */
export async function engineChannelProducts(
  engine: Engine,
): Promise<{ products: ChannelProducts; release(): Promise<void> }> {
  const session = await engine.load(channelProductsModel());
  return {
    async products(rows, nChannels, nImages, nPositions) {
      const { products } = await session.run({ rows: { shape: [nChannels, nImages, nPositions], data: rows } });
      return products.data as Float64Array;
    },
    release: () => session.release(),
  };
}

const IR_VERSION = 8n;
const OPSET = 17n;

/** rows (float32) -> Cast to float64 -> rows times their transpose. */
function channelProductsModel(): Uint8Array {
  const { FLOAT, DOUBLE } = TensorProto_DataType;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })],
      graph: create(GraphProtoSchema, {
        name: 'channel-products',
        input: [tensor('rows', FLOAT)],
        output: [tensor('products', DOUBLE)],
        node: [
          create(NodeProtoSchema, {
            opType: 'Cast',
            input: ['rows'],
            output: ['wide'],
            attribute: [
              create(AttributeProtoSchema, { name: 'to', type: AttributeProto_AttributeType.INT, i: BigInt(DOUBLE) }),
            ],
          }),
          create(NodeProtoSchema, {
            opType: 'Transpose',
            input: ['wide'],
            output: ['turned'],
            attribute: [
              create(AttributeProtoSchema, {
                name: 'perm',
                type: AttributeProto_AttributeType.INTS,
                ints: [0n, 2n, 1n],
              }),
            ],
          }),
          create(NodeProtoSchema, { opType: 'MatMul', input: ['wide', 'turned'], output: ['products'] }),
        ],
      }),
    }),
  );
}

function tensor(name: string, elemType: number) {
  const dim = ['channels', 'images', name].map((value) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: 'dimParam', value } }),
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType, shape }) },
    }),
  });
}
