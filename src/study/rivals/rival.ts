/**
 * What a rival is: `image` of the pictures alone (pixels, gabor, categories), `stage` of one stage of the network, `network` of all of it
 * without learning, `learnt` from the same training images and RDMs by another method.
 */
export type RivalKind = 'image' | 'stage' | 'network' | 'learnt';

/** A model that needs no encoder, beside which a fit is held. */
export interface Rival {
  readonly name: string;
  readonly kind: RivalKind;
  /** One sentence on what it is, for tooltips and notes. */
  readonly about: string;
  /** For each set asked for its dissimilarities, condensed, nPairs; null for a set of which it cannot be made. */
  readonly predicted: readonly (Float64Array | null)[];
}

/** Rivals a study may name under `scoring.rivals`; `stages` stands for each stage alone. */
export const RIVAL_NAMES = [
  'pixels',
  'gabor',
  'category',
  'stages',
  'unweighted',
  'untrained',
  'nnls',
  'ridge',
] as const;

/** A rival, or with `stages` a family of them. */
export type RivalName = (typeof RIVAL_NAMES)[number];
