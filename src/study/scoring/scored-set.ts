import type { Thumbnails } from '../../images/thumbnails.ts';
import type { ScoreSheet } from '../../inference/score-sheet.ts';
import type { RivalKind } from '../rivals/rival.ts';

/** What the fit had seen of the images that it is scored on: none of them, none but to choose the epoch, all. */
export type SetRole = 'test' | 'held-out' | 'learnt';

/** A model beside the fit, on the same images. */
export interface ScoredRival {
  readonly name: string;
  readonly kind: RivalKind;
  readonly about: string;
  /** nPairs. */
  readonly values: Float64Array;
}

/** One set of images that a fit is scored on: what it predicts, what was measured, and how well they agree. */
export interface ScoredSet {
  readonly name: string;
  readonly role: SetRole;
  /** Where its RDMs were read, and digests of what the images and RDMs held. */
  readonly source: { readonly rdms: string; readonly variable?: string };
  readonly digests: { readonly images: string; readonly rdms: string };
  readonly conditions: readonly string[];
  /** Category of each image, where the study names them. */
  readonly labels: readonly string[] | null;
  readonly nSubjects: number;
  readonly nTimes: number;
  /** nPairs, condensed: the mean of all fits' predictions, without the readout. */
  readonly predicted: Float64Array;
  /** nStages x nPairs: what each stage adds to the prediction, at least 0, summing to it; null where that is not known. */
  readonly stageParts: Float64Array | null;
  /** Mean and sample standard deviation over subjects of the dissimilarity (of its mean over times), nPairs each; no deviation for a single subject. */
  readonly measured: { readonly mean: Float64Array; readonly sd: Float64Array | null };
  readonly rivals: readonly ScoredRival[];
  readonly thumbnails: Thumbnails;
  /** The fit first, then the rivals in their order. */
  readonly sheet: ScoreSheet;
}
