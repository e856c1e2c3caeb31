import type { MaskResolution } from '../encoder/encoder.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { layOutStages } from '../features/stage-layout.ts';
import type { Rows } from './row-sums.ts';

/** Pair statistics as the loss reads them: rows of as many terms as the mask has values. */
export interface PairTable {
  readonly conditions: readonly string[];
  /** Mask values: channels, or stages. */
  readonly nTerms: number;
  /** D, the number of features of an embedding. */
  readonly nFeatures: number;
  /** nPairs x nTerms. */
  readonly products: Rows;
  /** nImages x nTerms. */
  readonly energies: Float64Array;
  /** nImages x nTerms. */
  readonly sums: Float64Array;
}

/**
 * The statistics as a mask of this resolution meets them. For channels they are the statistics' own arrays, uncopied, and the scale is left
 * to the weights; for stages each stage's channels are scaled and added up, so that a row has as few numbers as there are stages.
 * @param scale one factor a channel
 */
export function pairTable(statistics: PairStatistics, resolution: MaskResolution, scale: Float64Array): PairTable {
  const { conditions, products, energies, sums, stages } = statistics;
  const { nChannels, nFeatures } = layOutStages(stages);
  if (resolution === 'channel') return { conditions, nTerms: nChannels, nFeatures, products, energies, sums };
  const squares = scale.map((factor) => factor * factor);
  return {
    conditions,
    nTerms: stages.length,
    nFeatures,
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
