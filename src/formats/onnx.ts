import type { Entry, OpenedFile } from './array.ts';
import { namedEntries } from './named-entries.ts';
import type { ValueInfoProto } from './onnx_pb.ts';
import { readOnnxModel } from './onnx-model.ts';
import { checkTensor, onnxDtype, tensorShape, tensorValue } from './onnx-tensor.ts';
import type { Source } from './source.ts';

/**
 * Opens an .onnx model: its entries are the weights (initialisers), its metadata says inputs and outputs, a line each, and who made it.
 * @throws FormatError where it is no model, is truncated, or a weight has not as many values as its shape says
 * @source https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export async function openOnnx(source: Source): Promise<OpenedFile> {
  const model = await readOnnxModel(source);
  const graph = model.graph!;
  for (const tensor of graph.initializer) checkTensor(source.name, tensor);
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const { entries, find } = namedEntries(source.name, 'initialiser', graph.initializer);
  const opsets = model.opsetImport.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`);
  return {
    format: 'onnx',
    entries: entries.map(
      (tensor): Entry => ({ name: tensor.name, dtype: onnxDtype(tensor.dataType), shape: tensorShape(tensor) }),
    ),
    metadata: {
      ...Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
      inputs: graph.input
        .filter(({ name }) => !weights.has(name))
        .map(describe)
        .join('\n'),
      outputs: graph.output.map(describe).join('\n'),
      opset: opsets.join(', '),
      producer: `${model.producerName} ${model.producerVersion}`.trim(),
    },
    read: async (name) => tensorValue(source.name, find(name)),
  };
}

/** An input or output as it is written: `pixels float32 n x 3 x 224 x 224`. */
function describe({ name, type }: ValueInfoProto): string {
  if (type?.value.case !== 'tensorType') return name;
  const { elemType, shape } = type.value.value;
  const axes = shape?.dim.map(({ value }) => (value.case === undefined ? '?' : String(value.value)));
  return [name, onnxDtype(elemType), axes?.join(' x ')].filter(Boolean).join(' ');
}
