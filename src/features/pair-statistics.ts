import type { StageShape } from '../backbones/backbone.ts';

/**
 * All that the Pearson correlation of masked embeddings needs to know of some images' stage features, several hundred times fewer numbers
 * than the features. Channels of all stages are concatenated; nChannels is their number in all.
 *
 * With x_ic the positions of channel c in image i and m a mask over channels,
 * covariance_ij = (sum_c m_c^2 products_ijc) - D mu_i mu_j with mu_i = (sum_c m_c sums_ic) / D, D the number of features.
 */
export interface PairStatistics {
  /** Names of the images. */
  readonly conditions: readonly string[];
  readonly stages: readonly StageShape[];
  /** nPairs (i < j, condensed order) x nChannels: sum over positions of x_ic x_jc. Summed in float64, kept in either precision. */
  readonly products: Float32Array | Float64Array;
  /** nImages x nChannels: sum over positions of x_ic^2. */
  readonly energies: Float64Array;
  /** nImages x nChannels: sum over positions of x_ic. */
  readonly sums: Float64Array;
}
