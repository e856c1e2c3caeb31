import { FormatError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { type GraphProto, TensorProto_DataType } from '../formats/onnx_pb.ts';
import { statedWeights } from '../formats/onnx-constants.ts';
import { tensorShape } from '../formats/onnx-tensor.ts';
import { openFile } from '../formats/open.ts';
import { readReal } from './parameters.ts';
import type { BackboneContext } from './spec.ts';

/**
 * Puts the arrays of a file in place of a model's weights of the same names, also of those that its nodes state; weights that the file does not
 * have stay.
 * @param weights path of the file
 * @throws FormatError for an array that the model does not have, or not in that shape
 */
export async function replaceWeights(
  path: string,
  graph: GraphProto,
  weights: string,
  { openSource }: Pick<BackboneContext, 'openSource'>,
): Promise<void> {
  const stated = statedWeights(graph.node);
  const names = new Set(stated.map(({ name }) => name));
  graph.node = graph.node.filter(({ output }) => !names.has(output[0]));
  graph.initializer.push(...stated);
  const own = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const source = await openSource(weights);
  try {
    const file = await openFile(source);
    for (const entry of file.entries) {
      const tensor = own.get(entry.name);
      const shape = tensor === undefined ? 'none' : formatShape(tensorShape(tensor));
      if (tensor === undefined || shape !== formatShape(entry.shape)) {
        throw new FormatError(
          weights,
          `expected an array of ${path}, which has ${shape} of this name, got ${formatShape(entry.shape)}; these are weights of another model`,
          entry.name,
        );
      }
      const data = await readReal(file, entry, weights);
      const values =
        tensor.dataType === TensorProto_DataType.DOUBLE ? Float64Array.from(data) : Float32Array.from(data);
      if (tensor.dataType !== TensorProto_DataType.DOUBLE) tensor.dataType = TensorProto_DataType.FLOAT;
      tensor.floatData = [];
      tensor.doubleData = [];
      tensor.rawData = new Uint8Array(values.buffer);
    }
  } finally {
    await source.close?.();
  }
}
