import type { Constant, Graph, GraphNode, Tensor } from '../graph.ts';
import { type BatchNormAttributes, DEFAULT_EPSILON } from '../operators/batch-norm.ts';
import type { ConvAttributes } from '../operators/conv.ts';
import { type Rule, rewrite } from './rewrite.ts';

type Numbers = Constant['data'];

/**
 * The graph with every batch normalisation that directly follows a convolution made part of its kernels and bias:
 * scale = gain / sqrt(variance + epsilon), kernels scale and bias + (bias of the convolution - mean) scale. Where all of these are constants that
 * is computed here, in float64, and kept in the kernels' precision; where kernels, gain or bias are inputs, because they train, in the graph.
 * Frozen statistics only, as the operator has no others.
 */
export function foldBatchNorm(graph: Graph): Graph {
  return rewrite(graph, (node, surroundings) => {
    if (node.operator !== 'batchNorm') return undefined;
    const conv = surroundings.onlyFor(node.inputs[0], node);
    const [mean, variance] = node.inputs.slice(3).map(surroundings.constant);
    if (conv?.operator !== 'conv' || !mean || !variance) return undefined;
    const { epsilon = DEFAULT_EPSILON } = node.attributes as BatchNormAttributes;
    const inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + epsilon));
    const [kernels, before] = conv.inputs.slice(1).map(surroundings.constant);
    const [gain, bias] = node.inputs.slice(1, 3).map(surroundings.constant);
    const allConstant = kernels && gain && bias && (before !== undefined || conv.inputs.length < 3);
    return allConstant
      ? foldNumbers(conv, node, { kernels, before, gain, bias, mean, inverse })
      : foldTensors(conv, node, mean, inverse);
  });
}

interface Folded {
  readonly kernels: Numbers;
  readonly before: Numbers | undefined;
  readonly gain: Numbers;
  readonly bias: Numbers;
  readonly mean: Numbers;
  /** 1 / sqrt(variance + epsilon) */
  readonly inverse: Float64Array;
}

function foldNumbers(conv: GraphNode, norm: GraphNode, numbers: Folded): ReturnType<Rule> {
  const { kernels, before, gain, bias, mean, inverse } = numbers;
  const [maps, kernelTensor] = conv.inputs;
  const perKernel = kernels.length / gain.length;
  const folded = kernels.slice();
  const shift = new Float64Array(gain.length);
  for (let k = 0; k < gain.length; k++) {
    const scale = gain[k] * inverse[k];
    for (let i = k * perKernel; i < (k + 1) * perKernel; i++) folded[i] = kernels[i] * scale;
    shift[k] = bias[k] + ((before?.[k] ?? 0) - mean[k]) * scale;
  }
  return (result, renewed) => {
    const inputs = [
      renewed(maps),
      result.constant(kernelTensor.name, kernelTensor.shape, folded),
      result.constant(norm.inputs[2].name, norm.inputs[2].shape, shift),
    ];
    return result.apply('conv', inputs, conv.attributes as ConvAttributes);
  };
}

function foldTensors(conv: GraphNode, norm: GraphNode, mean: Numbers, inverse: Float64Array): ReturnType<Rule> {
  return (result, renewed) => {
    const [maps, kernels, before] = conv.inputs.map(renewed);
    const [gain, bias] = norm.inputs.slice(1, 3).map(renewed);
    const channels = [mean.length];
    const scale = result.apply('multiply', [gain, result.constant('inverse deviation', channels, inverse)]);
    const offset = result.constant('mean', channels, mean);
    const centre: Tensor = before === undefined ? offset : result.apply('subtract', [offset, before]);
    const shift = result.apply('subtract', [bias, result.apply('multiply', [centre, scale])]);
    const perKernel = result.apply('reshape', [scale], { shape: [mean.length, 1, 1, 1] });
    const folded = result.apply('multiply', [kernels, perKernel]);
    return result.apply('conv', [maps, folded, shift], conv.attributes as ConvAttributes);
  };
}
