import { CONSTANT_EMBEDDING, constantEmbedding } from '../../encoder/predict.ts';
import { LOSSES, type LossName } from '../losses.ts';
import type { PairList } from '../pair-list.ts';
import type { PairTable } from './pair-table.ts';
import { addRowProducts, addRows, addRowsOfTwo, weighRowProducts, weighRows, weighRowsOfTwo } from './row-sums.ts';

/** What one data set brings to the loss. */
export interface LossSet {
  /** Which of the tables holds its images. */
  readonly table: number;
  readonly nSubjects: number;
  /** nPairs x nSubjects. */
  readonly values: Float64Array;
  /** Weight of each pair. */
  readonly weights: Float64Array;
}

/** All that the loss of a fit rests on but its parameters. */
export interface PairLossProblem {
  /** Statistics that several sets share stand here once. */
  readonly tables: readonly PairTable[];
  readonly sets: readonly LossSet[];
  readonly pairs: PairList;
  /** One fixed factor a mask value (k_c; ones for masks of stages, whose tables are scaled). */
  readonly scale: Float64Array;
  readonly loss: LossName;
}

/** What is learnt, or the derivatives with respect to it. */
export interface Parameters {
  readonly mask: Float64Array;
  /** One a data set. */
  readonly alpha: Float64Array;
  /** One a data set. */
  readonly b: Float64Array;
}

/**
 * Mean over a minibatch of the weighted loss of each pair, and its gradient.
 *
 * With w_c = mask_c k_c, B_i = sum_c w_c S_ic, V_i = sum_c w_c^2 E_ic - B_i^2 / D, C_ij = sum_c w_c^2 P_ijc - B_i B_j / D:
 * r_ij = C_ij / sqrt(V_i V_j), prediction_ij = exp(alpha) (1 - r_ij) + b.
 * dr_ij / dw_c = (2 w_c P_ijc - (B_i S_jc + B_j S_ic) / D) / sqrt(V_i V_j) - r_ij / 2 (dV_i / dw_c / V_i + dV_j / dw_c / V_j),
 * dV_i / dw_c = 2 w_c E_ic - 2 B_i S_ic / D.
 * A split channel counts as two, its pattern with the product of deviations from the mean and sum 0, its mean with product u_ic u_jc and
 * sum S_ic.
 * @param batch numbers of pairs in the problem's list
 * @param gradient is overwritten; left out, the loss alone is computed
 * @param drawn subjects' values of each pair of the batch, one pair after another; left out, those of the data sets
 * @throws UsageError naming an image whose masked features are constant
 */
export type PairLoss = (
  batch: Uint32Array,
  parameters: Parameters,
  gradient?: Parameters,
  drawn?: Float64Array,
) => number;

/** The loss as a function that keeps its buffers between minibatches. */
export function createPairLoss(problem: PairLossProblem): PairLoss {
  const { tables, sets, pairs, scale } = problem;
  const loss = LOSSES[problem.loss];
  const nTerms = scale.length;
  const weights = new Float64Array(nTerms);
  const squares = new Float64Array(nTerms);
  const bySquare = new Float64Array(nTerms);
  const byWeight = new Float64Array(nTerms);
  const work = tables.map((table) => createWork(table.conditions.length));
  let r = new Float64Array(0);
  let places = new Uint32Array(0);

  return (batch, parameters, gradient, drawn) => {
    if (batch.length > r.length) {
      r = new Float64Array(batch.length);
      places = new Uint32Array(batch.length);
      for (const each of work) growPairs(each, batch.length);
    }
    for (let c = 0; c < nTerms; c++) {
      weights[c] = parameters.mask[c] * scale[c];
      squares[c] = weights[c] * weights[c];
    }
    for (const each of work) forget(each);
    for (let k = 0; k < batch.length; k++) {
      const number = batch[k];
      const each = work[sets[pairs.set[number]].table];
      meet(each, pairs.i[number]);
      meet(each, pairs.j[number]);
      places[k] = each.nPairs;
      each.first[each.nPairs] = pairs.i[number];
      each.second[each.nPairs] = pairs.j[number];
      each.pairs[each.nPairs++] = pairs.pair[number];
    }
    for (let t = 0; t < tables.length; t++) moments(tables[t], work[t], weights, squares);

    gradient?.alpha.fill(0);
    gradient?.b.fill(0);
    let sum = 0;
    let nDrawn = 0;
    for (let k = 0; k < batch.length; k++) {
      const number = batch[k];
      const s = pairs.set[number];
      const set = sets[s];
      const each = work[set.table];
      const i = each.slots[pairs.i[number]];
      const j = each.slots[pairs.j[number]];
      const nFeatures = tables[set.table].nFeatures;
      const deviation = Math.sqrt(each.variances[i] * each.variances[j]);
      r[k] = (each.products[places[k]] - (each.sums[i] * each.sums[j]) / nFeatures) / deviation;
      const slope = Math.exp(parameters.alpha[s]);
      const prediction = slope * (1 - r[k]) + parameters.b[s];
      const values = drawn ?? set.values;
      const first = drawn === undefined ? pairs.pair[number] * set.nSubjects : nDrawn;
      const end = first + set.nSubjects;
      nDrawn += set.nSubjects;
      const weight = set.weights[pairs.pair[number]] / batch.length;
      sum += weight * loss.value(prediction, values, first, end);
      if (gradient === undefined) continue;

      const byPrediction = weight * loss.derivative(prediction, values, first, end);
      gradient.alpha[s] += byPrediction * slope * (1 - r[k]);
      gradient.b[s] += byPrediction;
      const byR = -slope * byPrediction;
      const byC = byR / deviation;
      each.byProduct[places[k]] = byC;
      each.byVariance[i] -= (byR * r[k]) / (2 * each.variances[i]);
      each.byVariance[j] -= (byR * r[k]) / (2 * each.variances[j]);
      each.bySum[i] -= (byC * each.sums[j]) / nFeatures;
      each.bySum[j] -= (byC * each.sums[i]) / nFeatures;
    }
    if (gradient === undefined) return sum;

    bySquare.fill(0);
    byWeight.fill(0);
    for (let t = 0; t < tables.length; t++) addGradient(tables[t], work[t], bySquare, byWeight);
    for (let c = 0; c < nTerms; c++) gradient.mask[c] = scale[c] * (2 * weights[c] * bySquare[c] + byWeight[c]);
    return sum;
  };
}

/** What a minibatch needs of one table: the pairs and images it meets, each image once, and numbers for each. */
interface Work {
  nPairs: number;
  pairs: Uint32Array;
  /** Images of the pairs. */
  first: Uint32Array;
  second: Uint32Array;
  products: Float64Array;
  byProduct: Float64Array;
  nImages: number;
  readonly images: Uint32Array;
  /** Slot of an image, where `met` says that it is in this minibatch. */
  readonly slots: Uint32Array;
  readonly met: Uint8Array;
  readonly sums: Float64Array;
  readonly energies: Float64Array;
  readonly variances: Float64Array;
  readonly byVariance: Float64Array;
  readonly bySum: Float64Array;
}

function createWork(n: number): Work {
  const numbers = () => new Float64Array(n);
  return {
    nPairs: 0,
    pairs: new Uint32Array(0),
    first: new Uint32Array(0),
    second: new Uint32Array(0),
    products: new Float64Array(0),
    byProduct: new Float64Array(0),
    nImages: 0,
    images: new Uint32Array(n),
    slots: new Uint32Array(n),
    met: new Uint8Array(n),
    sums: numbers(),
    energies: numbers(),
    variances: numbers(),
    byVariance: numbers(),
    bySum: numbers(),
  };
}

function growPairs(work: Work, n: number): void {
  work.pairs = new Uint32Array(n);
  work.first = new Uint32Array(n);
  work.second = new Uint32Array(n);
  work.products = new Float64Array(n);
  work.byProduct = new Float64Array(n);
}

function forget(work: Work): void {
  work.nPairs = 0;
  work.nImages = 0;
  work.met.fill(0);
  work.byVariance.fill(0);
  work.bySum.fill(0);
}

function meet(work: Work, image: number): void {
  if (work.met[image] === 1) return;
  work.met[image] = 1;
  work.slots[image] = work.nImages;
  work.images[work.nImages++] = image;
}

function moments(table: PairTable, work: Work, weights: Float64Array, squares: Float64Array): void {
  const { nTerms, nFeatures, conditions, channelMeans } = table;
  const nChannels = channelMeans === null ? nTerms : nTerms / 2;
  weighRows(table.products, nChannels, work.pairs, work.nPairs, squares, work.products);
  if (channelMeans !== null) {
    const ofMeans = squares.subarray(nChannels);
    weighRowProducts(channelMeans, nChannels, work.first, work.second, work.nPairs, ofMeans, work.products);
  }
  const { images, nImages } = work;
  weighRowsOfTwo(table.energies, table.sums, nTerms, images, nImages, squares, weights, work.energies, work.sums);
  for (let slot = 0; slot < work.nImages; slot++) {
    const energy = work.energies[slot];
    work.variances[slot] = energy - work.sums[slot] ** 2 / nFeatures;
    if (work.variances[slot] <= CONSTANT_EMBEDDING * energy) throw constantEmbedding(conditions[work.images[slot]]);
  }
}

/** Adds up the derivatives with respect to the squared weights (through P and E) and to the weights themselves (through S). */
function addGradient(table: PairTable, work: Work, bySquare: Float64Array, byWeight: Float64Array): void {
  const { nTerms, nFeatures, channelMeans } = table;
  const nChannels = channelMeans === null ? nTerms : nTerms / 2;
  for (let slot = 0; slot < work.nImages; slot++) {
    work.bySum[slot] -= (2 * work.byVariance[slot] * work.sums[slot]) / nFeatures;
  }
  addRows(table.products, nChannels, work.pairs, work.nPairs, work.byProduct, bySquare);
  if (channelMeans !== null) {
    const ofMeans = bySquare.subarray(nChannels);
    addRowProducts(channelMeans, nChannels, work.first, work.second, work.nPairs, work.byProduct, ofMeans);
  }
  const { images, nImages, byVariance, bySum } = work;
  addRowsOfTwo(table.energies, table.sums, nTerms, images, nImages, byVariance, bySum, bySquare, byWeight);
}
