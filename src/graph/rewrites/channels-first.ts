import { Graph, type GraphNode, type Tensor } from '../graph.ts';
import type { ConvAttributes } from '../operators/conv.ts';
import { sides } from '../operators/spatial.ts';
import { keepNodes, rewrite } from './rewrite.ts';

/** Axes of maps: images first, as graphs are declared, or channels first. */
type Layout = 'images' | 'channels';

const EXCHANGED = [1, 0, 2, 3];
const EACH_VALUE = new Set(['relu', 'sigmoid', 'exp', 'negate', 'abs', 'sqrt', 'square']);
const EACH_MAP = new Set(['globalMean', 'maxPool']);
const OF_TWO = new Set(['add', 'subtract', 'multiply', 'divide']);

/**
 * The graph computed on maps that lie c x n x h x w: a 1 x 1 convolution of all images is then one matrix product, and so are both its
 * gradients, without copies and without a sum over images. Inputs stay as they are; outputs of rank 4 become c x n x h x w. Operators that mean
 * n x c x h x w and have no such form (convolutions of larger kernels) stand between transpositions.
 */
export function channelsFirst(graph: Graph): Graph {
  const result = new Graph();
  const places = new Map<Tensor, Partial<Record<Layout, Tensor>>>();
  const as = (layout: Layout, tensor: Tensor): Tensor => {
    const place = places.get(tensor)!;
    const known = place[layout];
    if (known !== undefined) return known;
    const other = place[layout === 'images' ? 'channels' : 'images']!;
    const turned = result.apply('transpose', [other], { order: EXCHANGED });
    place[layout] = turned;
    return turned;
  };
  for (const tensor of graph.inputs) places.set(tensor, { images: result.input(tensor.name, tensor.shape) });
  for (const { tensor, data } of graph.constants) {
    places.set(tensor, { images: result.constant(tensor.name, tensor.shape, data) });
  }
  const hasChannelsFirst = (tensor: Tensor) => places.get(tensor)!.channels !== undefined;
  for (const node of graph.nodes) {
    const place = (layout: Layout, tensor: Tensor) => places.set(node.output, { [layout]: tensor });
    if (isPointwise(node)) place('channels', matrixProduct(result, node, as));
    else if (turns(node) && node.inputs.some(hasChannelsFirst)) {
      const inputs = node.inputs.map((tensor) => as(tensor.shape.length === 4 ? 'channels' : 'images', tensor));
      place('channels', result.apply(node.operator, inputs, turnedAttributes(node) as never));
    } else {
      const inputs = node.inputs.map((tensor) => as('images', tensor));
      place('images', result.apply(node.operator, inputs, node.attributes as never));
    }
  }
  for (const [name, tensor] of graph.outputs) {
    result.output(name, as(tensor.shape.length === 4 ? 'channels' : 'images', tensor));
  }
  return rewrite(result, keepNodes);
}

/** Whether a node computes the same on maps whose first two axes are exchanged. */
function turns({ operator, inputs, output }: GraphNode): boolean {
  if (output.shape.length !== 4) return false;
  if (EACH_VALUE.has(operator) || EACH_MAP.has(operator) || operator === 'concat') return true;
  return OF_TWO.has(operator) && inputs.every(({ shape }) => shape.length === 4 || shape.length === 0);
}

function turnedAttributes({ operator, attributes }: GraphNode): object {
  if (operator !== 'concat') return attributes;
  return { axis: EXCHANGED[(attributes as { axis: number }).axis] };
}

function isPointwise({ operator, inputs, attributes }: GraphNode): boolean {
  if (operator !== 'conv') return false;
  const { pad = 0, groups = 1 } = attributes as ConvAttributes;
  const [, , height, width] = inputs[1].shape;
  return groups === 1 && height === 1 && width === 1 && sides(pad).every((side) => side === 0);
}

/** A 1 x 1 convolution as the product of its kernels, k x c, and of the maps it meets, c x (n h w). */
function matrixProduct(graph: Graph, node: GraphNode, as: (layout: Layout, tensor: Tensor) => Tensor): Tensor {
  const { stride = 1 } = node.attributes as ConvAttributes;
  const [maps, kernels, bias] = node.inputs;
  let met = as('channels', maps);
  for (const axis of stride === 1 ? [] : [2, 3]) {
    met = graph.apply('slice', [met], { axis, from: 0, to: met.shape[axis], step: stride });
  }
  const [channels, n, height, width] = met.shape;
  const nKernels = kernels.shape[0];
  const columns = graph.apply('reshape', [met], { shape: [channels, n * height * width] });
  const rows = graph.apply('reshape', [as('images', kernels)], { shape: [nKernels, channels] });
  const product = graph.apply('matMul', [rows, columns]);
  if (bias === undefined) return graph.apply('reshape', [product], { shape: [nKernels, n, height, width] });
  const perRow = graph.apply('reshape', [as('images', bias)], { shape: [nKernels, 1] });
  const sum = graph.apply('add', [product, perRow]);
  return graph.apply('reshape', [sum], { shape: [nKernels, n, height, width] });
}
