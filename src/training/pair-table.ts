import type { MaskResolution } from '../encoder/encoder.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Rows } from './row-sums.ts';

/** Pair statistics as the loss reads them: rows of as many terms as the mask has values, but for the products of split channels. */
export interface PairTable {
  readonly conditions: readonly string[];
  /** Mask values: channels, stages, or patterns and then means of channels. */
  readonly nTerms: number;
  /** D, the number of features of an embedding. */
  readonly nFeatures: number;
  /** nPairs x nTerms; of split channels nPairs x nChannels, their two parts still added up. */
  readonly products: Rows;
  /**
   * Of split channels, nImages x nChannels: u_ic = S_ic / sqrt(n_c), n_c the positions. The products of the means are u_ic u_jc, those of the
   * patterns what is left of `products`: kept apart they would take twice the memory.
   */
  readonly channelMeans: Float64Array | null;
  /** nImages x nTerms. */
  readonly energies: Float64Array;
  /** nImages x nTerms. */
  readonly sums: Float64Array;
}

/**
 * The statistics as a mask of this resolution meets them. For channels they are the statistics' own arrays, uncopied, and the scale is left
 * to the weights; split, energies and sums fall into those of patterns and of means; for stages each stage's channels are scaled and added
 * up, so that a row has as few numbers as there are stages.
 * @param scale the encoder's fixed factors
 */
export function pairTable(statistics: PairStatistics, resolution: MaskResolution, scale: Float64Array): PairTable {
  return TABLES[resolution](statistics, scale);
}

const TABLES: Record<MaskResolution, (statistics: PairStatistics, scale: Float64Array) => PairTable> = {
  channel({ conditions, products, energies, sums, stages }) {
    const { nChannels: nTerms, nFeatures } = layOutStages(stages);
    return { conditions, nTerms, nFeatures, products, channelMeans: null, energies, sums };
  },
  split: splitTable,
  stage: stageTable,
};

function splitTable({ conditions, products, energies, sums, stages }: PairStatistics): PairTable {
  const { nChannels, nFeatures, places } = layOutStages(stages);
  const nTerms = 2 * nChannels;
  const channelMeans = new Float64Array(sums.length);
  const energiesOfParts = new Float64Array(2 * sums.length);
  const sumsOfParts = new Float64Array(2 * sums.length);
  for (let image = 0; image < conditions.length; image++) {
    for (const { stage, firstChannel, nPositions } of places) {
      for (let c = firstChannel; c < firstChannel + stage.channels; c++) {
        const at = image * nChannels + c;
        const ofPattern = image * nTerms + c;
        const ofMean = ofPattern + nChannels;
        channelMeans[at] = sums[at] / Math.sqrt(nPositions);
        energiesOfParts[ofMean] = channelMeans[at] ** 2;
        energiesOfParts[ofPattern] = Math.max(0, energies[at] - energiesOfParts[ofMean]);
        sumsOfParts[ofMean] = sums[at];
      }
    }
  }
  return { conditions, nTerms, nFeatures, products, channelMeans, energies: energiesOfParts, sums: sumsOfParts };
}

function stageTable({ conditions, products, energies, sums, stages }: PairStatistics, scale: Float64Array): PairTable {
  const squares = scale.map((factor) => factor * factor);
  return {
    conditions,
    nTerms: stages.length,
    nFeatures: layOutStages(stages).nFeatures,
    channelMeans: null,
    products: addUpStages(products, squares, stages),
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
