import type { MaskResolution, Readout } from '../encoder/encoder.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import type { LossName } from './losses.ts';
import type { OptimiserName } from './optimisers.ts';
import type { Reliability } from './reliability.ts';
import type { SamplerName } from './samplers.ts';
import type { ScheduleName } from './schedules.ts';
import type { TimeWindow } from './time-window.ts';

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

/** Learning rates of the parts of an encoder. */
export interface LearningRates {
  readonly mask: number;
  readonly readout: number;
  /** Only met where the whole network trains. */
  readonly backbone: number;
}

/** How learning rates change over a fit: the schedule's factor, and steps of linear warm-up before it. */
export interface Schedule {
  readonly kind: ScheduleName;
  /** In epochs; may be a fraction. */
  readonly warmup: number;
}

/** Settings of a fit; names and defaults are those of the study file. */
export interface TrainingOptions {
  readonly mask?: MaskResolution;
  readonly train?: 'mask' | 'all';
  /** With `train: all` the first stage that trains; what is below keeps the weights it was given. */
  readonly trainFrom?: string;
  readonly scale?: 'none' | 'channel';
  readonly readout?: 'affine' | 'identity';
  readonly epochs?: number;
  /** With `train: all`: epochs in which the mask alone learns first; 0 starts from ones. */
  readonly maskEpochs?: number;
  /** Pairs a batch, with `sampler: pairs`. */
  readonly batch?: number;
  /** `pairs` with `train: mask`, `cliques` with `train: all` where nothing is said. */
  readonly sampler?: SamplerName;
  /** Images a batch, with `sampler: cliques`. */
  readonly cliqueSize?: number;
  /** Batches a step. */
  readonly accumulate?: number;
  readonly crop?: 'none' | 'random';
  /** Of RDMs of several time points the mean, or a window in which each value's time point is drawn each time it is met. */
  readonly time?: 'mean' | Partial<TimeWindow>;
  /** One number sets all. */
  readonly learningRate?: number | Partial<LearningRates>;
  readonly schedule?: ScheduleName | Partial<Schedule>;
  readonly optimiser?: OptimiserName;
  /** Of `adamw`; 0.01 where nothing is said. */
  readonly weightDecay?: number;
  /** Largest norm of the whole gradient. */
  readonly clip?: 'none' | number;
  readonly loss?: LossName;
  readonly reliability?: Reliability | 'none';
  /** Images that go through the network at once, with `sampler: pairs`. */
  readonly imagesPerPass?: number;
  /** What is held out is drawn by its own seed, the fit's where it has none. */
  readonly holdout?: { readonly by: 'image' | 'pair'; readonly fraction: number; readonly seed?: number };
  /** Epochs without a lower validation loss before the fit stops; needs a holdout. */
  readonly patience?: 'none' | number;
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
