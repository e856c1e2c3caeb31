import { FormatError } from '../core/errors.ts';
import { type GraphProto, type TensorProto, TensorProto_DataLocation } from '../formats/onnx_pb.ts';
import { isExternal } from '../formats/onnx-tensor.ts';
import type { BackboneContext } from './spec.ts';

/** What a model given to an engine as bytes can hold at most. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Brings weights that lie in files beside a model into it.
 * @param path the model's
 * @throws FormatError where such a file is shorter than the model says, lies outside the model's folder, or all together is too large
 */
export async function loadExternalData(
  path: string,
  graph: GraphProto,
  { openSource }: Pick<BackboneContext, 'openSource'>,
): Promise<void> {
  const byFile = new Map<string, TensorProto[]>();
  for (const tensor of graph.initializer.filter(isExternal)) {
    const location = setting(tensor, 'location') ?? '';
    if (location === '' || /^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(location)) {
      const problem = `its values lie in ${JSON.stringify(location)}; expected a file beside the model`;
      throw new FormatError(path, problem, `tensor ${tensor.name}`);
    }
    byFile.set(location, [...(byFile.get(location) ?? []), tensor]);
  }
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  let total = 0;
  for (const [location, tensors] of byFile) {
    const source = await openSource(folder + location);
    try {
      for (const tensor of tensors) {
        const offset = Number(setting(tensor, 'offset') ?? 0);
        const length = Number(setting(tensor, 'length') ?? source.size - offset);
        const place = `tensor ${tensor.name}`;
        if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
          const problem = `expected ${length} bytes from byte ${offset} of ${location} on, it has ${source.size}`;
          throw new FormatError(path, problem, place);
        }
        total += length;
        if (total > MOST_BYTES) throw new FormatError(path, 'expected weights of at most 2 GiB in all', place);
        tensor.rawData = (await source.read(offset, length)) as Uint8Array<ArrayBuffer>;
        tensor.externalData = [];
        tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
      }
    } finally {
      await source.close?.();
    }
  }
}

function setting({ externalData }: TensorProto, key: string): string | undefined {
  return externalData.find((entry) => entry.key === key)?.value;
}
