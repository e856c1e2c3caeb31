import type { PairResolution } from '../../encoder/encoder.ts';
import type { PairStatistics } from '../../features/pair-statistics.ts';
import { layOutStages } from '../../features/stage-layout.ts';
import type { Rows } from './row-sums.ts';

/** Pair statistics as the loss reads them: rows of as many terms as the mask has values, but for the products of split channels. */
export interface PairTable {
  readonly conditions: readonly string[];
  /** Mask values: channels, stages, or patterns and then means of channels. */
  readonly nTerms: number;
  /** D, the number of features of an embedding. */
  readonly nFeatures: number;
  /** nPairs x nTerms: inner products; of split channels nPairs x nChannels, those of the patterns. */
  readonly products: Rows;
  /**
   * Of split channels, nImages x nChannels: u_ic = S_ic / sqrt(n_c), n_c the positions. The products of the means are u_ic u_jc, and made where
   * they are needed: kept they would take twice the memory.
   */
  readonly channelMeans: Float64Array | null;
  /** nImages x nTerms. */
  readonly energies: Float64Array;
  /** nImages x nTerms. */
  readonly sums: Float64Array;
}

/**
 * The statistics as a mask of this resolution meets them. Split, the products are the statistics' own array, uncopied; for channels the means'
 * part is added to a copy, which makes each step half as long; in both the scale is left to the weights. For stages each stage's channels are
 * scaled and added up, so that a row has as few numbers as there are stages.
 * @param scale the encoder's fixed factors
 */
export function pairTable(statistics: PairStatistics, resolution: PairResolution, scale: Float64Array): PairTable {
  return TABLES[resolution](statistics, scale);
}

const TABLES: Record<PairResolution, (statistics: PairStatistics, scale: Float64Array) => PairTable> = {
  channel(statistics) {
    const { conditions, energies, sums, stages } = statistics;
    const { nChannels: nTerms, nFeatures } = layOutStages(stages);
    const products = innerProducts(statistics, channelMeansOf(statistics));
    return { conditions, nTerms, nFeatures, products, channelMeans: null, energies, sums };
  },
  split: splitTable,
  stage: stageTable,
};

/** u_ic = S_ic / sqrt(n_c), nImages x nChannels. */
function channelMeansOf({ sums, stages }: PairStatistics): Float64Array {
  const { places, nChannels } = layOutStages(stages);
  const means = new Float64Array(sums.length);
  for (const { stage, firstChannel, nPositions } of places) {
    const root = Math.sqrt(nPositions);
    for (let row = 0; row < sums.length; row += nChannels) {
      for (let at = row + firstChannel; at < row + firstChannel + stage.channels; at++) means[at] = sums[at] / root;
    }
  }
  return means;
}

/** sum_p x_icp x_jcp of every pair and channel, in the precision of the centred products. */
function innerProducts({ conditions, products }: PairStatistics, means: Float64Array): Rows {
  const out = products instanceof Float32Array ? new Float32Array(products.length) : new Float64Array(products.length);
  const nChannels = means.length / conditions.length;
  let at = 0;
  for (let i = 0; i < conditions.length; i++) {
    for (let j = i + 1; j < conditions.length; j++) {
      for (let c = 0; c < nChannels; c++, at++) {
        out[at] = products[at] + means[i * nChannels + c] * means[j * nChannels + c];
      }
    }
  }
  return out;
}

function splitTable(statistics: PairStatistics): PairTable {
  const { conditions, products, energies, sums, stages } = statistics;
  const { nChannels, nFeatures } = layOutStages(stages);
  const nTerms = 2 * nChannels;
  const channelMeans = channelMeansOf(statistics);
  const energiesOfParts = new Float64Array(2 * sums.length);
  const sumsOfParts = new Float64Array(2 * sums.length);
  for (let image = 0; image < conditions.length; image++) {
    for (let c = 0; c < nChannels; c++) {
      const at = image * nChannels + c;
      const ofPattern = image * nTerms + c;
      const ofMean = ofPattern + nChannels;
      energiesOfParts[ofMean] = channelMeans[at] ** 2;
      energiesOfParts[ofPattern] = Math.max(0, energies[at] - energiesOfParts[ofMean]);
      sumsOfParts[ofMean] = sums[at];
    }
  }
  return { conditions, nTerms, nFeatures, products, channelMeans, energies: energiesOfParts, sums: sumsOfParts };
}

function stageTable(statistics: PairStatistics, scale: Float64Array): PairTable {
  const { conditions, energies, sums, stages } = statistics;
  const squares = scale.map((factor) => factor * factor);
  return {
    conditions,
    nTerms: stages.length,
    nFeatures: layOutStages(stages).nFeatures,
    channelMeans: null,
    products: addUpStages(innerProducts(statistics, channelMeansOf(statistics)), squares, stages),
    energies: addUpStages(energies, squares, stages),
    sums: addUpStages(sums, scale, stages),
  };
}

function addUpStages(rows: Rows, factors: Float64Array, stages: PairStatistics['stages']): Float64Array {
  const { places, nChannels } = layOutStages(stages);
  const nRows = rows.length / nChannels;
  const out = new Float64Array(nRows * stages.length);
  for (let row = 0, to = 0; row < nRows; row++) {
    for (const { stage, firstChannel } of places) {
      let sum = 0;
      for (let c = firstChannel; c < firstChannel + stage.channels; c++) sum += factors[c] * rows[row * nChannels + c];
      out[to++] = sum;
    }
  }
  return out;
}
