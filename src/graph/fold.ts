import type { Graph } from './graph.ts';
import { type BatchNormAttributes, DEFAULT_EPSILON } from './operators/batch-norm.ts';
import type { ConvAttributes } from './operators/conv.ts';
import { rewrite } from './rewrite.ts';

/**
 * The graph with every batch normalisation that directly follows a convolution made part of its kernels and bias. Computed in float64, kept
 * in the kernels' precision; frozen statistics only, as the operator has no others.
 */
export function foldBatchNorm(graph: Graph): Graph {
  return rewrite(graph, (node, { constant, onlyFor }) => {
    if (node.operator !== 'batchNorm') return undefined;
    const conv = onlyFor(node.inputs[0], node);
    const [gain, bias, mean, variance] = node.inputs.slice(1).map(constant);
    if (conv?.operator !== 'conv' || !gain || !bias || !mean || !variance) return undefined;
    const [maps, kernelTensor, biasTensor] = conv.inputs;
    const kernels = constant(kernelTensor);
    const before = biasTensor ? constant(biasTensor) : new Float64Array(gain.length);
    if (!kernels || !before) return undefined;

    const { epsilon = DEFAULT_EPSILON } = node.attributes as BatchNormAttributes;
    const perKernel = kernels.length / gain.length;
    const folded = kernels.slice();
    const shift = new Float64Array(gain.length);
    for (let k = 0; k < gain.length; k++) {
      const scale = gain[k] / Math.sqrt(variance[k] + epsilon);
      for (let i = k * perKernel; i < (k + 1) * perKernel; i++) folded[i] = kernels[i] * scale;
      shift[k] = bias[k] + (before[k] - mean[k]) * scale;
    }
    return (result, renewed) => {
      const inputs = [
        renewed(maps),
        result.constant(kernelTensor.name, kernelTensor.shape, folded),
        result.constant(node.inputs[2].name, node.inputs[2].shape, shift),
      ];
      return result.apply('conv', inputs, conv.attributes as ConvAttributes);
    };
  });
}
