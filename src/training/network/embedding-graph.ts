import type { StageShape } from '../../backbones/backbone.ts';
import type { MaskResolution } from '../../encoder/encoder.ts';
import { layOutStages } from '../../features/stage-layout.ts';
import type { Graph, Tensor } from '../../graph/graph.ts';

/** What the loss needs of a batch's embeddings y, all over their D features. */
export interface EmbeddingProducts {
  /** n x n: sum of (y_i - mean_i) (y_j - mean_j). */
  readonly covariances: Tensor;
  /** 1 x n: D mean_i^2, what the mean has of an image's energy. */
  readonly ofMeans: Tensor;
}

/** How features become embeddings. */
export interface EmbeddingSettings {
  readonly stages: readonly StageShape[];
  readonly maskResolution: MaskResolution;
  /** The encoder's fixed factors. */
  readonly scale: Float64Array;
}

/**
 * Adds the products of masked, scaled features to a graph.
 *
 * Masks that weigh channels meet products of channels, not features: sum_c p_c^2 <pattern_ic, pattern_jc> + sum_c n_c (q_c u_ic - mean_i)
 * (q_c u_jc - mean_j), u_ic a channel's mean over its n_c positions, p and q the weights of patterns and means. All that is multiplied is
 * centred before, so that float32 keeps its digits.
 * @param features of each stage, c x n x h x w (or n x tokens x c, n x c)
 * @param mask as many values as the resolution has
 */
export function embeddingProducts(
  graph: Graph,
  features: readonly Tensor[],
  mask: Tensor,
  settings: EmbeddingSettings,
): EmbeddingProducts {
  const rows = features.map((tensor) => channelRows(graph, tensor));
  return settings.maskResolution === 'feature'
    ? productsOfFeatures(graph, rows, mask, settings)
    : productsOfChannels(graph, rows, mask, settings);
}

/** A stage's features as c x n x positions. */
function channelRows(graph: Graph, tensor: Tensor): Tensor {
  if (tensor.shape.length === 3) return graph.apply('transpose', [tensor], { order: [2, 0, 1] });
  if (tensor.shape.length === 4) {
    const [channels, n, height, width] = tensor.shape;
    return graph.apply('reshape', [tensor], { shape: [channels, n, height * width] });
  }
  const turned = graph.apply('transpose', [tensor], { order: [1, 0] });
  return graph.apply('reshape', [turned], { shape: [...turned.shape, 1] });
}

function productsOfChannels(
  graph: Graph,
  rows: readonly Tensor[],
  mask: Tensor,
  { stages, maskResolution, scale }: EmbeddingSettings,
): EmbeddingProducts {
  const { places, nChannels, nFeatures } = layOutStages(stages);
  const n = rows[0].shape[1];
  /** Mask times scale of a stage's channels, from a place of both on. */
  const weights = (stage: number, first: number): Tensor => {
    const { channels } = stages[stage];
    const values =
      maskResolution === 'stage'
        ? { axis: 0, from: stage, to: stage + 1 }
        : { axis: 0, from: first, to: first + channels };
    const factors = graph.constant('scale', [channels], scale.subarray(first, first + channels));
    return graph.apply('multiply', [graph.apply('slice', [mask], values), factors]);
  };
  const sums: Tensor[] = [];
  const means: Tensor[] = [];
  for (const [k, { stage, firstChannel, nPositions }] of places.entries()) {
    const ofPatterns = weights(k, firstChannel);
    const ofMeans = maskResolution === 'split' ? weights(k, nChannels + firstChannel) : ofPatterns;
    const mean = scaled(graph, graph.apply('reduceSum', [rows[k]], { axes: [2] }), 1 / nPositions);
    const column = graph.apply('reshape', [ofMeans], { shape: [stage.channels, 1] });
    means.push(graph.apply('multiply', [graph.apply('reshape', [mean], { shape: [stage.channels, n] }), column]));
    if (nPositions === 1) continue; // no pattern
    const pattern = graph.apply('subtract', [rows[k], mean]);
    const products = graph.apply('matMul', [pattern, pattern], { transposeB: true });
    const flat = graph.apply('reshape', [products], { shape: [stage.channels, n * n] });
    const squares = graph.apply('reshape', [graph.apply('square', [ofPatterns])], { shape: [1, stage.channels] });
    sums.push(graph.apply('reshape', [graph.apply('matMul', [squares, flat])], { shape: [n, n] }));
  }
  const counts = Float64Array.from({ length: nChannels });
  for (const { stage, firstChannel, nPositions } of places) {
    counts.fill(nPositions, firstChannel, firstChannel + stage.channels);
  }
  const perChannel = (values: Float64Array) => graph.constant('positions', [nChannels, 1], values);
  const all = graph.apply('concat', means, { axis: 0 });
  const shares = perChannel(counts.map((count) => count / nFeatures));
  const mean = graph.apply('reduceSum', [graph.apply('multiply', [all, shares])], { axes: [0] });
  const centred = graph.apply('multiply', [graph.apply('subtract', [all, mean]), perChannel(counts.map(Math.sqrt))]);
  sums.push(graph.apply('matMul', [centred, centred], { transposeA: true }));
  return { covariances: total(graph, sums), ofMeans: scaled(graph, graph.apply('square', [mean]), nFeatures) };
}

function productsOfFeatures(
  graph: Graph,
  rows: readonly Tensor[],
  mask: Tensor,
  { stages, scale }: EmbeddingSettings,
): EmbeddingProducts {
  const { places, nFeatures } = layOutStages(stages);
  const n = rows[0].shape[1];
  const embedded = places.map(({ stage, firstChannel, firstFeature, nPositions }, k) => {
    const { channels } = stage;
    const part = { axis: 0, from: firstFeature, to: firstFeature + channels * nPositions };
    const values = graph.apply('reshape', [graph.apply('slice', [mask], part)], { shape: [channels, 1, nPositions] });
    const factors = graph.constant('scale', [channels, 1, 1], scale.subarray(firstChannel, firstChannel + channels));
    return graph.apply('multiply', [rows[k], graph.apply('multiply', [values, factors])]);
  });
  const sums = embedded.map((y) => graph.apply('reduceSum', [y], { axes: [0, 2] }));
  const mean = scaled(graph, total(graph, sums), 1 / nFeatures);
  const products = embedded.map((y) => {
    const centred = graph.apply('subtract', [y, mean]);
    const byChannel = graph.apply('matMul', [centred, centred], { transposeB: true });
    return graph.apply('reduceSum', [byChannel], { axes: [0], keep: false });
  });
  const energy = scaled(graph, graph.apply('square', [mean]), nFeatures);
  return {
    covariances: total(graph, products),
    ofMeans: graph.apply('reshape', [energy], { shape: [1, n] }),
  };
}

function total(graph: Graph, tensors: readonly Tensor[]): Tensor {
  return tensors.reduce((a, b) => graph.apply('add', [a, b]));
}

function scaled(graph: Graph, tensor: Tensor, factor: number): Tensor {
  return graph.apply('multiply', [tensor, graph.constant('factor', [], Float64Array.of(factor))]);
}
