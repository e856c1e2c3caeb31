import type { CeilingAveraging, NoiseCeiling } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import type { Estimate, ModelComparison, ModelEvaluation } from './evaluation.ts';
import type { Generalisation } from './variance.ts';

/** The figure that the 2019 challenge ranks by. */
export interface OfficialScore {
  /** Mean over subjects of the squared Spearman correlation. */
  readonly r2: number;
  /** 100 r2 / the ceiling in use; null where there is none. */
  readonly percentOfCeiling: number | null;
  /** What r2 and percent are of models with permuted labels: their mean and 95th percentile. null without permutations. */
  readonly floor: {
    readonly r2: { readonly mean: number; readonly percentile95: number };
    readonly percent: { readonly mean: number; readonly percentile95: number } | null;
  } | null;
}

/** One model's line of the sheet. */
export interface SheetModel extends Pick<ModelEvaluation, 'aboveZero' | 'permutation' | 'againstLowerCeiling'> {
  readonly name: string;
  readonly official: OfficialScore;
  /** Mean over subjects of the signed similarity, by the sheet's comparator. */
  readonly rho: number;
  readonly rhoBySubject: readonly number[];
  /** With standard error and 95 % interval; null where the data are too few for any (said in the sheet's warnings). */
  readonly estimate: Estimate | null;
}

/**
 * Whether the subjects' RDMs have anything in common: their noise ceilings beside those of subjects whose labels are shuffled apart. By Spearman's
 * correlation and raw means, whatever the sheet's comparator.
 */
export interface SharedSignal {
  readonly nShuffles: number;
  /** Mean over subjects of the similarity with the mean of the others. */
  readonly lower: number;
  readonly shuffled: { readonly mean: number; readonly percentile95: number };
  /** The challenge's upper ceiling (r2), and what it is of shuffled subjects: what it holds without any shared signal. */
  readonly upperR2: number;
  readonly shuffledUpperR2: { readonly mean: number; readonly percentile95: number };
  /**
   * Null: the subjects' RDMs have nothing in common, so that each one's labels may as well be shuffled by themselves; alternative: each agrees with
   * the mean of the others. (1 + number of shuffled lower ceilings at least as high) / (1 + number of shuffles).
   */
  readonly p: number;
}

/** Kinds of warnings. */
export const WARNING_CODES = [
  'no-shared-signal',
  'anti-correlated',
  'above-ceiling',
  'zero-not-chance',
  'overlap',
  'learnt',
  'chose-epoch',
  'too-few',
  'left-out',
] as const;

/** What a reader must know before believing a number. */
export interface SheetWarning {
  readonly code: (typeof WARNING_CODES)[number];
  /** One sentence for a person. */
  readonly text: string;
  /** Names of the models that it is about; all of them where it names none. */
  readonly models?: readonly string[];
}

/** That a model is not among those compared. */
export function leftOutWarning({ name, why }: { readonly name: string; readonly why: string }): SheetWarning {
  return { code: 'left-out', text: `${name} is left out: ${why}`, models: [name] };
}

/** Whether a warning is about this model, or about all. */
export function concerns({ models }: SheetWarning, model: string): boolean {
  return models?.includes(model) ?? true;
}

/** Everything that can honestly be said of models against subjects' RDMs of some images: plain JSON, and no NaN in it. */
export interface ScoreSheet {
  readonly comparator: ComparatorName;
  /** How subjects are averaged in `lowerCeiling` and in what is tested against it. */
  readonly averaging: CeilingAveraging;
  readonly over: Generalisation;
  readonly nConditions: number;
  readonly nSubjects: number;
  readonly nTimes: number;
  readonly nSamples: number;
  readonly nPermutations: number;
  /** In the order given; the first is the one that the sheet is about, the others are its rivals. */
  readonly models: readonly SheetModel[];
  /** Of the first model with each other. */
  readonly comparisons: readonly ModelComparison[];
  /** The ceiling (r2) that 100 % stands for: a published one, or the subjects' own upper one. null where there is none. */
  readonly ceilingInUse: number | null;
  /** Both ways of averaging subjects; null for a single subject. `raw` is the challenge's, `normalised` rsatoolbox's. */
  readonly ceilings: { readonly raw: NoiseCeiling; readonly normalised: NoiseCeiling } | null;
  /** The lower ceiling with its standard error and interval; null where there is none. */
  readonly lowerCeiling: Estimate | null;
  /** null for fewer than 2 subjects, and without permutations. */
  readonly sharedSignal: SharedSignal | null;
  readonly warnings: readonly SheetWarning[];
}
