import type { Graph, Tensor } from '../graph/graph.ts';
import { INPUT_NORMALISATIONS } from '../images/normalisation.ts';
import type { Network, ParameterKind, ReadParameter, Stage } from './network.ts';

/** What tells one residual network of bottleneck blocks from another. */
export interface ResidualDeclaration {
  readonly name: string;
  /** Blocks in each of layer1 ... layer4. */
  readonly blocks: readonly number[];
  /** Groups of the 3 x 3 convolution. */
  readonly groups: number;
  /** Channels inside a block of layer1; each later layer has twice as many. */
  readonly width: number;
  /** By how much squeeze-and-excitation narrows a block's channels; without it there is none. */
  readonly squeeze?: number;
  /** The pool after the first convolution, 3 x 3 with stride 2. */
  readonly pool: { readonly pad: number; readonly ceil: boolean };
}

const STEM_CHANNELS = 64;
const FIRST_LAYER_CHANNELS = 256;
const STEM_STRIDE = 4;

/** A residual network as a Network: stage `layer0` is after the pool, `layerL.B` after block B, `layerL` after the last block. */
export function residualNetwork(declaration: ResidualDeclaration): Network {
  const { name, blocks } = declaration;
  const layers = blocks.map((_, k) => layerOf(declaration, k));
  const stem: Stage = { name: 'layer0', channels: STEM_CHANNELS, stride: STEM_STRIDE };
  const stages = layers.flatMap(({ stage, blockNames }) => [
    ...blockNames.map((block) => ({ ...stage, name: block })),
    stage,
  ]);
  const byLayer = [stem, ...layers.map(({ stage }) => stage)].map((stage) => stage.name);
  const byBlock = [stem.name, ...layers.flatMap(({ blockNames }) => blockNames)];
  return {
    name,
    stages: [stem, ...stages],
    stageSets: { [byLayer.length]: byLayer, [byBlock.length]: byBlock },
    defaultStages: byLayer.length,
    input: { height: 224, width: 224, normalisation: INPUT_NORMALISATIONS.imagenet },
    weights: 'required',
    build: (graph, pixels, read) => buildResidual(declaration, parts(graph, read), pixels),
  };
}

function layerOf({ blocks, width }: ResidualDeclaration, k: number) {
  const name = `layer${k + 1}`;
  const stage: Stage = { name, channels: FIRST_LAYER_CHANNELS * 2 ** k, stride: STEM_STRIDE * 2 ** k };
  const blockNames = Array.from({ length: blocks[k] }, (_, block) => `${name}.${block}`);
  return { stage, blockNames, inner: width * 2 ** k };
}

function buildResidual(declaration: ResidualDeclaration, parts: Parts, pixels: Tensor): Record<string, Tensor> {
  const { groups, squeeze, pool, blocks } = declaration;
  const { graph, convNorm, excite } = parts;
  const taps: Record<string, Tensor> = {};
  const first = convNorm(pixels, 'conv1', 'bn1', { channels: STEM_CHANNELS, kernel: 7, stride: 2 });
  let x = graph.apply('maxPool', [graph.apply('relu', [first])], { kernel: 3, stride: 2, ...pool });
  taps['layer0'] = x;
  for (const k of blocks.keys()) {
    const { stage, blockNames, inner } = layerOf(declaration, k);
    for (const [index, block] of blockNames.entries()) {
      const { channels } = stage;
      const stride = k > 0 && index === 0 ? 2 : 1;
      const shortcut =
        index === 0
          ? convNorm(x, `${block}.downsample.0`, `${block}.downsample.1`, { channels, kernel: 1, stride })
          : x;
      let y = convNorm(x, `${block}.conv1`, `${block}.bn1`, { channels: inner, kernel: 1 });
      y = graph.apply('relu', [y]);
      y = convNorm(y, `${block}.conv2`, `${block}.bn2`, { channels: inner, kernel: 3, stride, groups });
      y = graph.apply('relu', [y]);
      y = convNorm(y, `${block}.conv3`, `${block}.bn3`, { channels, kernel: 1 });
      if (squeeze !== undefined) y = excite(y, `${block}.se`, channels / squeeze);
      x = graph.apply('relu', [graph.apply('add', [y, shortcut])]);
      taps[block] = x;
    }
    taps[stage.name] = x;
  }
  return taps;
}

interface ConvSettings {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

type Parts = ReturnType<typeof parts>;

/** The pieces such networks are made of, each reading its own weights. */
function parts(graph: Graph, read: ReadParameter) {
  const parameter = (name: string, shape: readonly number[], kind: ParameterKind) =>
    graph.constant(name, shape, read({ name, shape, kind }));

  /** Convolution without bias, padded so that stride 1 keeps the size, then batch normalisation. */
  const convNorm = (x: Tensor, conv: string, norm: string, settings: ConvSettings) => {
    const { channels, kernel, stride = 1, groups = 1 } = settings;
    const kernels = parameter(`${conv}.weight`, [channels, x.shape[1] / groups, kernel, kernel], 'kernel');
    const y = graph.apply('conv', [x, kernels], { stride, groups, pad: (kernel - 1) / 2 });
    return graph.apply('batchNorm', [
      y,
      parameter(`${norm}.weight`, [channels], 'gain'),
      parameter(`${norm}.bias`, [channels], 'bias'),
      parameter(`${norm}.running_mean`, [channels], 'mean'),
      parameter(`${norm}.running_var`, [channels], 'variance'),
    ]);
  };

  /** Squeeze-and-excitation: each channel times a gate in 0 ... 1 that all channels' means decide on. */
  const excite = (x: Tensor, name: string, hidden: number) => {
    const pointwise = (y: Tensor, layer: string, channels: number) =>
      graph.apply('conv', [
        y,
        parameter(`${name}.${layer}.weight`, [channels, y.shape[1], 1, 1], 'kernel'),
        parameter(`${name}.${layer}.bias`, [channels], 'bias'),
      ]);
    const squeezed = graph.apply('relu', [pointwise(graph.apply('globalMean', [x]), 'fc1', hidden)]);
    return graph.apply('multiply', [x, graph.apply('sigmoid', [pointwise(squeezed, 'fc2', x.shape[1])])]);
  };

  return { graph, convNorm, excite };
}
