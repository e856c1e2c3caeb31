/**
 * What features are multiplied by in an embedding, one value a channel of the concatenated stages. Two arrays weigh the two parts of a
 * channel apart: its `mean` over positions, and its `pattern`, the deviations from that mean; a single array weighs both alike.
 */
export type ChannelWeights = Float64Array | SplitWeights;

/** Weights of the two parts of every channel. */
export interface SplitWeights {
  readonly pattern: Float64Array;
  readonly mean: Float64Array;
}

/** The weights of both parts; the same array twice where they are weighed alike. */
export function weightParts(weights: ChannelWeights): SplitWeights {
  return weights instanceof Float64Array ? { pattern: weights, mean: weights } : weights;
}
