import type { PairStatistics } from '../../features/pair-statistics.ts';
import type { Stimulus } from '../../images/image.ts';
import type { TrainingSet } from '../../training/options.ts';
import type { Study } from '../settings/study-file.ts';
import type { RivalName } from './rival.ts';

/** Images that rivals are asked to predict. */
export interface RivalTest {
  readonly stimuli: readonly Stimulus[];
  /** Of the frozen network; tests with the same object show the same images. */
  readonly statistics: PairStatistics;
  /** Category of each image. */
  readonly labels: readonly string[] | null;
  /** Rows that will be scored: over their pairs a rival has to vary. */
  readonly images: readonly number[];
}

/** What rivals are made of. */
export interface RivalInput {
  /** What is learnt from: pairs among the `trainingImages` of each set. Statistics are of the network before anything was learnt. */
  readonly training: readonly TrainingSet[];
  readonly tests: readonly RivalTest[];
  readonly backbone: Study['backbone'];
  /** How the study's network is shown its images; `none` by default. */
  readonly crop?: Study['training']['crop'];
  readonly which: 'all' | readonly RivalName[];
  /** Of the folds by which the ridge's penalty is chosen. */
  readonly seed: number;
}

/** A rival's predictions, before it is known whether they vary. */
export interface MadeRival {
  readonly about: string;
  /** For each test its dissimilarities, condensed, or why there are none. */
  readonly predicted: readonly (Float64Array | { readonly why: string })[];
}
