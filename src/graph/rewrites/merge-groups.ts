import type { Graph } from '../graph.ts';
import type { ConvAttributes } from '../operators/conv.ts';
import { rewrite } from './rewrite.ts';

/**
 * The graph with narrow groups of convolutions put together until each has `channels` input channels, zeros filling the kernels between what
 * were different groups. More products, the same sums, and many times faster where an engine computes blocks of so many channels at once. Groups
 * of a single channel, for which engines have code of their own, stay as they are.
 */
export function mergeGroups(graph: Graph, { channels = 16 }: { readonly channels?: number } = {}): Graph {
  return rewrite(graph, (node, { constant }) => {
    if (node.operator !== 'conv') return undefined;
    const attributes = node.attributes as ConvAttributes;
    const { groups = 1 } = attributes;
    const [maps, kernelTensor, ...bias] = node.inputs;
    const kernels = constant(kernelTensor);
    const [nKernels, perGroup, height, width] = kernelTensor.shape;
    const merged = Math.min(groups, Math.floor(channels / perGroup));
    if (!kernels || perGroup === 1 || merged < 2 || groups % merged !== 0) return undefined;

    const positions = height * width;
    const kernelsPerGroup = nKernels / groups;
    const wide = new (kernels instanceof Float32Array ? Float32Array : Float64Array)(kernels.length * merged);
    for (let k = 0; k < nKernels; k++) {
      const place = Math.floor(k / kernelsPerGroup) % merged;
      const kernel = kernels.subarray(k * perGroup * positions, (k + 1) * perGroup * positions);
      wide.set(kernel, (k * merged + place) * perGroup * positions);
    }
    return (result, renewed) => {
      const shape = [nKernels, perGroup * merged, height, width];
      const inputs = [renewed(maps), result.constant(kernelTensor.name, shape, wide), ...bias.map(renewed)];
      return result.apply('conv', inputs, { ...attributes, groups: groups / merged });
    };
  });
}
