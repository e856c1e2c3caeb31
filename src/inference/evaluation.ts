import type { CeilingAveraging } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import type { BootstrapVariances, Generalisation } from './variance.ts';

/** A p value alone, and adjusted for the others of its family: all models against one thing, or all pairs of models. */
export interface Significance {
  readonly p: number;
  /** Adjusted by Benjamini and Hochberg: at most q keeps the false discovery rate at q. */
  readonly pFdr: number;
  /** Adjusted by Bonferroni: at most alpha keeps the chance of any false rejection at alpha. */
  readonly pBonferroni: number;
}

/** A t test of an estimate over its standard error. */
export interface EstimateTest extends Significance {
  /** null where the estimate does not vary at all. */
  readonly t: number | null;
  readonly degrees: number;
}

/** An estimate with its standard error and 95 % confidence interval over what is taken for a sample. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  /** value -+ t standardError, as far as values can be: similarities from -1 to 1, their differences from -2 to 2. */
  readonly interval: readonly [low: number, high: number];
}

/** What permuted labels give. */
export interface PermutationTest extends Significance {
  /** Mean and 95th percentile of the scores of permuted models: the floor beneath which a score says nothing. */
  readonly mean: number;
  readonly percentile95: number;
}

/** One model's standing. */
export interface ModelEvaluation {
  readonly name: string;
  /** Mean similarity with subjects, signed. */
  readonly score: Estimate;
  readonly scoreBySubject: readonly number[];
  /** Of the score over the bootstrap samples; null for a single subject. */
  readonly bootstrapVariances: BootstrapVariances | null;
  /**
   * Null: over the population that is drawn from, the score is 0; alternative: it is above. The subjects may share any signal. For the
   * cosines 0 is not chance: a model that knows nothing of the stimuli scores above it, since dissimilarities do. null without stimuli in what
   * is drawn.
   */
  readonly aboveZero: EstimateTest | null;
  /**
   * Null: which of the model's rows belongs to which stimulus says nothing about the subjects' RDMs, whatever these share; alternative: it
   * scores above that. p = (1 + number of permuted scores at least as high) / (1 + number of permutations). null without permutations.
   */
  readonly permutation: PermutationTest | null;
  /**
   * Null: over the population that is drawn from, the model scores what the mean of the other subjects does; two-sided. null for fewer than
   * 3 subjects, and without stimuli in what is drawn.
   */
  readonly againstLowerCeiling: (EstimateTest & { readonly difference: Estimate }) | null;
}

/** Two models beside each other. */
export interface ModelComparison {
  readonly models: readonly [string, string];
  /** The first one's score less the second's. */
  readonly difference: Estimate;
  /** Null: over the population that is drawn from, both score the same; two-sided. null without stimuli in what is drawn. */
  readonly test: EstimateTest | null;
}

/** What `evaluate` finds: plain JSON. */
export interface Evaluation {
  readonly comparator: ComparatorName;
  readonly averaging: CeilingAveraging;
  readonly over: Generalisation;
  readonly nConditions: number;
  readonly nSubjects: number;
  readonly nSamples: number;
  /** Samples drawn anew, since a model or subject was constant on them. */
  readonly nRedrawn: number;
  readonly nPermutations: number;
  readonly models: readonly ModelEvaluation[];
  /** Every two models, in their order. */
  readonly comparisons: readonly ModelComparison[];
  /** null for a single subject. */
  readonly ceiling: { readonly lower: Estimate | null; readonly upper: number } | null;
}
