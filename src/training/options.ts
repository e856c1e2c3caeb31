import type { MaskResolution, Readout } from '../encoder/encoder.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import type { LossName } from './losses.ts';
import type { OptimiserName } from './optimisers.ts';
import type { Reliability } from './reliability.ts';
import type { SamplerName } from './samplers.ts';

/** One data set to learn from: images' statistics and the subjects' RDMs of the same images, in the same order. */
export interface TrainingSet {
  readonly name: string;
  /** Sets with the same image set (an fMRI region and a MEG window of the same images) hold out the same images. */
  readonly imageSet: string;
  readonly statistics: PairStatistics;
  readonly targets: RdmStack;
  /** Rows that may be learnt from; all by default. What is not among them is validated on and never seen, by the scale neither. */
  readonly trainingImages?: readonly number[];
}

/** Settings of a fit; names and defaults are those of the study file. */
export interface TrainingOptions {
  readonly mask?: MaskResolution;
  readonly scale?: 'none' | 'channel';
  readonly readout?: 'affine' | 'identity';
  readonly epochs?: number;
  /** Pairs a step. */
  readonly batch?: number;
  readonly learningRate?: { readonly mask: number; readonly readout: number };
  readonly loss?: LossName;
  readonly reliability?: Reliability | 'none';
  readonly sampler?: SamplerName;
  readonly optimiser?: OptimiserName;
  readonly holdout?: { readonly by: 'image' | 'pair'; readonly fraction: number };
  readonly seed?: number;
}

/** Mean loss over pairs that were not trained on; null where there are none of the kind. */
export interface ValidationLoss {
  /** Pairs of two images that were never trained on. */
  readonly newNew: number | null;
  /** Pairs of an image that was never trained on and one that was. */
  readonly newOld: number | null;
  /** Held-out pairs of images that were trained on in other pairs (`by: pair`). */
  readonly pair: number | null;
}

/** One line of metrics.jsonl. */
export interface EpochMetrics {
  readonly epoch: number;
  readonly trainingLoss: number;
  readonly validationLoss: ValidationLoss | null;
  readonly readouts: readonly Readout[];
}
