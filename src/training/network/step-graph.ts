import { countMaskValues } from '../../encoder/channel-weights.ts';
import { differentiate } from '../../graph/differentiate.ts';
import type { Graph, Tensor } from '../../graph/graph.ts';
import { channelsFirst } from '../../graph/rewrites/channels-first.ts';
import { foldBatchNorm } from '../../graph/rewrites/fold-batch-norm.ts';
import { openConstants } from '../../graph/rewrites/open-constants.ts';
import { withImages } from '../../graph/rewrites/with-images.ts';
import type { LossName } from '../losses.ts';
import { type EmbeddingSettings, embeddingProducts } from './embedding-graph.ts';

/** What a step graph is made for. */
export interface StepGraphSettings extends EmbeddingSettings {
  /** Names of the network's constants that train; they become inputs. */
  readonly parameters: readonly string[];
  readonly readout: 'affine' | 'identity';
  readonly loss: LossName;
  /** Images that go through the network at once. */
  readonly nImages: number;
  /** RDMs that a prediction meets at once. */
  readonly nSubjects: number;
}

/** Beginning of the name of a parameter's derivative among the outputs. */
export const GRADIENT = 'gradient/';

/** Inputs and outputs that do not belong to the network are named so that no array of weights can be called the same. */
export const STEP = {
  mask: 'step/mask',
  alpha: 'step/alpha',
  b: 'step/b',
  weights: 'step/weights',
  targets: 'step/targets',
  loss: 'step/loss',
  variances: 'step/variances',
  ofMeans: 'step/ofMeans',
} as const;

/**
 * Forward pass, loss and gradient of a network, a mask and a readout on n images, as one graph:
 * sum over subjects s and pairs i, j of weight_sij loss(exp(alpha) (1 - r_ij) + b - target_sij), r the Pearson correlation of masked, scaled
 * embeddings.
 *
 * Inputs: the network's (pixels, or what was computed of them before), its parameters by their names, `STEP.mask`, with an affine readout
 * `STEP.alpha` and `STEP.b` (one value each), `STEP.weights` and `STEP.targets` (nSubjects x n x n). Both orders of a pair are pairs, so that
 * whoever means it once gives the other weight 0.
 * Outputs: `STEP.loss`; the derivative by each parameter, the mask and the readout under `GRADIENT` and its name; `STEP.variances` (D times the
 * variance of each embedding, n) and `STEP.ofMeans` (D mean^2, n), by which constant embeddings are told, whose r is none.
 * @param network whose outputs are the stages, by their names; its batch norms have frozen statistics
 */
export function stepGraph(network: Graph, settings: StepGraphSettings): Graph {
  const { stages, parameters, nImages: n, nSubjects, readout } = settings;
  const graph = channelsFirst(foldBatchNorm(openConstants(withImages(network, n), parameters)));
  const features = stages.map(({ name }) => graph.outputs.get(name)!);
  graph.outputs.clear();
  const mask = graph.input(STEP.mask, [countMaskValues(stages, settings.maskResolution)]);
  const learnt = [mask];
  const { covariances, ofMeans } = embeddingProducts(graph, features, mask, settings);

  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  const diagonal = graph.apply('multiply', [covariances, graph.constant('identity', [n, n], identity)]);
  const variances = graph.apply('reduceSum', [diagonal], { axes: [1] });
  const deviations = graph.apply('sqrt', [variances]);
  const across = graph.apply('reshape', [deviations], { shape: [1, n] });
  const r = graph.apply('divide', [graph.apply('divide', [covariances, deviations]), across]);
  const one = graph.constant('one', [], Float64Array.of(1));
  let prediction = graph.apply('subtract', [one, r]);
  if (readout === 'affine') {
    const alpha = graph.input(STEP.alpha, [1]);
    const b = graph.input(STEP.b, [1]);
    learnt.push(alpha, b);
    prediction = graph.apply('add', [graph.apply('multiply', [prediction, graph.apply('exp', [alpha])]), b]);
  }
  const targets = graph.input(STEP.targets, [nSubjects, n, n]);
  const weights = graph.input(STEP.weights, [nSubjects, n, n]);
  const residuals = graph.apply('subtract', [graph.apply('reshape', [prediction], { shape: [1, n, n] }), targets]);
  const losses = graph.apply(settings.loss === 'l1' ? 'abs' : 'square', [residuals]);
  const weighed = graph.apply('multiply', [losses, weights]);
  const sum = graph.apply('reduceSum', [weighed], { axes: [0, 1, 2], keep: false });
  const loss = graph.apply('reshape', [sum], { shape: [1] });

  const inputs = new Map<string, Tensor>(graph.inputs.map((tensor) => [tensor.name, tensor]));
  const all = [...parameters.map((name) => inputs.get(name)!), ...learnt];
  const gradients = differentiate(graph, loss, all);
  graph.output(STEP.loss, loss);
  for (const [k, { name }] of all.entries()) graph.output(GRADIENT + name, gradients[k]);
  graph.output(STEP.variances, graph.apply('reshape', [variances], { shape: [n] }));
  graph.output(STEP.ofMeans, graph.apply('reshape', [ofMeans], { shape: [n] }));
  return graph;
}
